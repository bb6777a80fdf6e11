/// Diagnostics as text: the sentence, the place, the line with a caret, the notes and the fixes.
public struct TerminalRenderer: Sendable {
  public var sources: SourceMap
  /// Whether colours are written as terminal escapes.
  public var usesColor: Bool

  /// The characters of a line that an excerpt shows.
  private static let window = 160

  public init(sources: SourceMap, usesColor: Bool) {
    self.sources = sources
    self.usesColor = usesColor
  }

  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  public func render(_ diagnostic: Diagnostic) -> String {
    let color = diagnostic.kind.severity == .error ? Color.red : .yellow
    let head = paint("\(diagnostic.kind.severity.rawValue)[\(diagnostic.kind.code)]", color)
    var text = "\(head): \(paint(Self.printable(diagnostic.message), .bold))\n"
    let margin = diagnostic.span.map { "\(sources.start(of: $0).line)".count } ?? 1
    if let span = diagnostic.span {
      text += excerpt(span, margin: margin, color: color, label: diagnostic.label)
    }
    let indent = String(repeating: " ", count: margin)
    for note in diagnostic.notes {
      text += "\(indent) = \(paint("note", .blue)): \(Self.printable(note.text))"
      if let span = note.span {
        let start = sources.start(of: span)
        let line = sources.line(start.line, of: span.source).drop { $0 == " " || $0 == "\t" }
        text += "\n\(indent)   \(name(of: span)):\(start.line):\(start.column)"
        text += "  \(Self.printable(String(line.prefix(Self.window))))"
      }
      text += "\n"
    }
    text += steps(diagnostic.steps, indent: indent)
    for fix in diagnostic.fixes {
      text += "\(indent) = \(paint("fix", .green)): \(Self.printable(fix.title))\n"
      for message in fix.leaves { text += "\(indent)   which leaves: \(Self.printable(message))\n" }
    }
    return text
  }

  /// The lines on the way, with what goes into each and what comes out.
  private func steps(_ steps: [Diagnostic.Step], indent: String) -> String {
    let rows = steps.map { step -> (line: String, change: String, text: String) in
      let start = sources.start(of: step.span)
      let line = sources.line(start.line, of: step.span.source).drop { $0 == " " || $0 == "-" }
      return ("\(start.line)", "\(step.input) → \(step.output)", Self.printable(String(line.prefix(60))))
    }
    let lineWidth = rows.map(\.line.count).max() ?? 0
    let changeWidth = rows.map(\.change.count).max() ?? 0
    var text = rows.isEmpty ? "" : "\(indent) = \(paint("sizes", .blue)):\n"
    for (row, step) in zip(rows, steps) {
      let line = String(repeating: " ", count: lineWidth - row.line.count) + row.line
      let change = row.change + String(repeating: " ", count: changeWidth - row.change.count)
      text += "\(indent)   \(paint(line, .blue)) \(paint("|", .blue)) \(change)  \(row.text)\n"
      if let remark = step.remark {
        let blank = String(repeating: " ", count: lineWidth)
        text += "\(indent)   \(blank) \(paint("|", .blue)) \(paint("^ " + Self.printable(remark), .yellow))\n"
      }
    }
    return text
  }

  private func name(of span: SourceSpan) -> String { Self.printable(sources.name(of: span.source)) }

  /// The line that a span begins on, with carets under the part of it that the span covers.
  private func excerpt(_ span: SourceSpan, margin: Int, color: Color, label: String?) -> String {
    let start = sources.start(of: span)
    let end = sources.end(of: span)
    let scalars = Array(sources.line(start.line, of: span.source).unicodeScalars)
    // Of a long line, what stands around the place.
    let first = scalars.count > Self.window ? max(0, min(start.column - 1, scalars.count) - 40) : 0
    let last = min(scalars.count, first + Self.window)
    let lower = min(start.column - 1, last)
    let upper = max(lower, min(end.line == start.line ? end.column - 1 : last, last))

    func shown(_ range: Range<Int>) -> String {
      Self.printable(String(String.UnicodeScalarView(scalars[range])))
    }
    func width(_ range: Range<Int>) -> Int {
      scalars[range].reduce(0) { width, scalar in
        width + (scalar == "\t" ? 1 : scalar.visibleEscape?.utf8.count ?? displayWidth(scalar))
      }
    }
    let before = first > 0 ? "…" : ""
    let line = before + shown(first..<last) + (last < scalars.count ? "…" : "")
    let blank = String(repeating: " ", count: before.count + width(first..<lower))
    let carets = String(repeating: "^", count: max(1, width(lower..<upper)))

    let gutter = String(repeating: " ", count: margin)
    let bar = paint("|", .blue)
    var text = "\(gutter)\(paint("-->", .blue)) \(name(of: span)):\(start.line):\(start.column)\n"
    text += "\(gutter) \(bar)\n"
    text += "\(paint("\(start.line)", .blue)) \(bar) \(line)\n"
    let remark = label.map { " " + Self.printable($0) } ?? ""
    text += "\(gutter) \(bar) \(blank)\(paint(carets + remark, color))\n"
    return text
  }

  /// The text with a blank for each tab, and an escape for every other character that a terminal would obey.
  private static func printable(_ text: String) -> String {
    visibleText(String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\t" ? " " : $0 })))
  }

  private enum Color: String {
    case red = "1;31"
    case yellow = "1;33"
    case green = "1;32"
    case blue = "1;34"
    case bold = "1"
  }

  private func paint(_ text: String, _ color: Color) -> String {
    usesColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }
}
