/// Diagnostics as text: the sentence, the place, the line with a caret, the notes and the fixes.
public struct TerminalRenderer: Sendable {
  public var sources: SourceMap
  /// Whether colours are written as terminal escapes.
  public var usesColor: Bool

  public init(sources: SourceMap, usesColor: Bool) {
    self.sources = sources
    self.usesColor = usesColor
  }

  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  public func render(_ diagnostic: Diagnostic) -> String {
    let isError = diagnostic.kind.severity == .error
    let head = paint("\(diagnostic.kind.severity.rawValue)[\(diagnostic.kind.code)]", isError ? .red : .yellow)
    var text = "\(head): \(paint(diagnostic.message, .bold))\n"
    let margin = diagnostic.span.map { "\(sources.start(of: $0).line)".count } ?? 1
    if let span = diagnostic.span {
      text += excerpt(span, margin: margin, color: isError ? .red : .yellow, label: diagnostic.label)
    }
    let indent = String(repeating: " ", count: margin)
    for note in diagnostic.notes {
      text += "\(indent) = \(paint("note", .blue)): \(note.text)"
      if let span = note.span {
        let start = sources.start(of: span)
        let line = sources.line(start.line, of: span.source)
        text += "\n\(indent)   \(sources.name(of: span.source)):\(start.line):\(start.column)"
        text += "  \(Self.trimmed(line))"
      }
      text += "\n"
    }
    for fix in diagnostic.fixes {
      text += "\(indent) = \(paint("fix", .green)): \(fix.title)\n"
    }
    return text
  }

  /// The line that a span begins on, with carets under the part of it that the span covers.
  private func excerpt(_ span: SourceSpan, margin: Int, color: Color, label: String?) -> String {
    let start = sources.start(of: span)
    let end = sources.end(of: span)
    let line = sources.line(start.line, of: span.source)
    let gutter = String(repeating: " ", count: margin)
    let bar = paint("|", .blue)
    var text = "\(gutter)\(paint("-->", .blue)) \(sources.name(of: span.source)):\(start.line):\(start.column)\n"
    text += "\(gutter) \(bar)\n"
    text += "\(paint("\(start.line)", .blue)) \(bar) \(Self.spaced(line))\n"
    let lastColumn = end.line == start.line ? end.column : line.unicodeScalars.count + 1
    let width = max(1, lastColumn - start.column)
    let carets = String(repeating: "^", count: width) + (label.map { " " + $0 } ?? "")
    text += "\(gutter) \(bar) \(String(repeating: " ", count: start.column - 1))\(paint(carets, color))\n"
    return text
  }

  /// A tab is one column of a caret line.
  private static func spaced(_ line: String) -> String {
    String(line.map { $0 == "\t" ? " " : $0 })
  }

  private static func trimmed(_ line: String) -> String { String(line.drop { $0 == " " || $0 == "\t" }) }

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
