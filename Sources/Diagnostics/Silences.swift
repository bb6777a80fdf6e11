/// Comments that silence warnings: `# graphc: allow advice/checkerboard`.
///
/// Such a comment holds for its own line, or for the next one if it stands alone; above the first key of a file it holds
/// for the whole file. Several codes stand with commas between them.
public struct Silences: Sendable {
  private let sources: SourceMap

  public init(_ sources: SourceMap) { self.sources = sources }

  public func isSilenced(_ diagnostic: Diagnostic) -> Bool {
    guard diagnostic.kind.severity == .warning else { return false }
    let code = diagnostic.kind.code
    let places = ([diagnostic.span] + diagnostic.notes.map(\.span)).compactMap { $0 }
    guard let own = places.first else { return head(of: sources.sources.indices.first, allows: code) }
    let line = sources.start(of: own).line
    return allows(code, line: line, of: own.source)
      || line > 1 && isComment(line - 1, of: own.source) && allows(code, line: line - 1, of: own.source)
      || head(of: own.source.index, allows: code)
  }

  private func isComment(_ line: Int, of source: SourceID) -> Bool {
    sources.line(line, of: source).drop { $0 == " " }.hasPrefix("#")
  }

  /// Whether a comment above the first key allows a code.
  private func head(of index: Int?, allows code: String) -> Bool {
    guard let index else { return false }
    let source = SourceID(index: index)
    var line = 1
    while isComment(line, of: source) || line == 1 && sources.line(line, of: source).isEmpty {
      if allows(code, line: line, of: source) { return true }
      line += 1
    }
    return false
  }

  private func allows(_ code: String, line: Int, of source: SourceID) -> Bool {
    let mark = "# graphc: allow "
    let text = sources.line(line, of: source)
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "#") {
      if rest[start...].hasPrefix(mark) {
        let codes = rest[start...].dropFirst(mark.count).split { $0 == "," || $0 == " " }
        return codes.contains { $0 == code }
      }
      rest = rest[rest.index(after: start)...]
    }
    return false
  }
}
