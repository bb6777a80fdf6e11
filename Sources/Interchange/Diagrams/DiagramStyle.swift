/// The style sheet of a diagram. Both palettes have text of a contrast of 4.5 or more to what is behind it.
///
/// Colours are written out, not as variables, which many programs that draw SVG do not know.
let diagramStyle = """

  text { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }
  .name { font-weight: 600; }
  .shape { text-anchor: start; font-size: 10px; }
  .edge { fill: none; }
  \(DiagramPalette.light.rules)
  @media (prefers-color-scheme: dark) {
    \(DiagramPalette.dark.rules)
  }

  """

private struct DiagramPalette {
  var page: String
  var text: String
  var faintText: String
  var edge: String
  var outline: String
  var op: String
  var generator: String
  var discriminator: String
  var data: String

  static let light = DiagramPalette(
    page: "#ffffff", text: "#1f2328", faintText: "#59636e", edge: "#8c959f", outline: "#b6bec7",
    op: "#f4f6f8",
    generator: "#e3effc", discriminator: "#fdeadd", data: "#e2f3e5")
  static let dark = DiagramPalette(
    page: "#14181d", text: "#e6edf3", faintText: "#9aa5b1", edge: "#6b7683", outline: "#46505b",
    op: "#1c2229",
    generator: "#16304d", discriminator: "#44260f", data: "#17351f")

  var rules: String {
    """
    text { fill: \(faintText); } .name { fill: \(text); } .edge { stroke: \(edge); } .head { fill: \(edge); }
    rect { fill: \(op); stroke: \(outline); } .generator rect { fill: \(generator); }
    .discriminator rect { fill: \(discriminator); } .input rect, .output rect { fill: \(data); }
    rect.page { fill: \(page); stroke: none; }
    """
  }
}
