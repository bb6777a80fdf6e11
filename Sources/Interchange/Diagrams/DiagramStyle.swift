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

struct DiagramPalette {
  private var page: String
  private var text: String
  private var faintText: String
  private var edge: String
  private var outline: String
  private var op: String
  /// Networks beyond the last begin anew with the first.
  private var networks: [String]
  private var data: String

  static let networkCount = 5

  fileprivate static let light = DiagramPalette(
    page: "#ffffff", text: "#1f2328", faintText: "#59636e", edge: "#8c959f", outline: "#b6bec7",
    op: "#f4f6f8", networks: ["#e3effc", "#fdeadd", "#efe6fb", "#fbf3d3", "#fbe3ec"], data: "#e2f3e5")
  fileprivate static let dark = DiagramPalette(
    page: "#14181d", text: "#e6edf3", faintText: "#9aa5b1", edge: "#6b7683", outline: "#46505b",
    op: "#1c2229", networks: ["#16304d", "#44260f", "#33204d", "#3d340f", "#451a2b"], data: "#17351f")

  fileprivate var rules: String {
    let networkRules = networks.enumerated().map { ".network-\($0.offset) rect { fill: \($0.element); }" }
    return """
      text { fill: \(faintText); } .name { fill: \(text); } .edge { stroke: \(edge); } .head { fill: \(edge); }
      rect { fill: \(op); stroke: \(outline); } \(networkRules.joined(separator: " "))
      .input rect, .output rect { fill: \(data); }
      rect.page { fill: \(page); stroke: none; }
      """
  }
}
