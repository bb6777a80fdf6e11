/// Comments that silence warnings: `# graphc: allow advice/checkerboard`.
///
/// Such a comment holds for its own line, or for the next one if it stands alone; above the first key of a file it holds
/// for the whole file. Several codes stand with commas between them.
public struct Silences: Sendable {
  /// What the lines of one text say.
  private struct Comments {
    /// The codes that a line allows, by its number.
    var lines: [Int: Set<Substring>] = [:]
    /// The lines that hold nothing but a comment with codes.
    var alone: Set<Int> = []
    /// What the lines above the first key allow.
    var head: Set<Substring> = []
  }

  private let sources: SourceMap
  private let comments: [Comments]

  public init(_ sources: SourceMap) {
    self.sources = sources
    comments = sources.sources.indices.map { Self.comments(of: SourceID(index: $0), in: sources) }
  }

  public func isSilenced(_ diagnostic: Diagnostic) -> Bool {
    guard diagnostic.kind.severity == .warning else { return false }
    let code = Substring(diagnostic.kind.code)
    let places = ([diagnostic.span] + diagnostic.notes.map(\.span)).compactMap { $0 }
    guard let own = places.first else { return comments.first?.head.contains(code) == true }
    let (line, said) = (sources.start(of: own).line, comments[own.source.index])
    return said.head.contains(code) || said.lines[line]?.contains(code) == true
      || said.alone.contains(line - 1) && said.lines[line - 1]?.contains(code) == true
  }

  private static let mark = "# graphc: allow "

  private static func comments(of source: SourceID, in sources: SourceMap) -> Comments {
    var comments = Comments()
    var isHead = true
    for number in 1...sources.lineCount(of: source) {
      let bytes = sources.sources[source.index].text[sources.lineRange(number, of: source)]
      let isComment = bytes.first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "#")
      isHead = isHead && (isComment || number == 1 && bytes.isEmpty)
      guard bytes.contains(UInt8(ascii: "#")), let codes = codes(of: sources.line(number, of: source)) else {
        continue
      }
      comments.lines[number] = codes
      if isComment { comments.alone.insert(number) }
      if isHead { comments.head.formUnion(codes) }
    }
    return comments
  }

  /// The codes behind the first mark of a line; nil where it has none.
  private static func codes(of line: String) -> Set<Substring>? {
    var rest = Substring(line)
    while let start = rest.firstIndex(of: "#") {
      rest = rest[start...]
      if rest.hasPrefix(mark) { return Set(rest.dropFirst(mark.count).split { $0 == "," || $0 == " " }) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
