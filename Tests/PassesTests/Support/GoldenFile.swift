import FoundationEssentials

/// A file of cases that show what a pass does, and what it leaves alone.
///
/// ```
/// // Why this must not fire.
/// test the-name-of-the-case
/// graph @g infer (…) {
///   …
/// }
/// expect unchanged
/// ```
///
/// `expect` alone is followed by the graph that the pass makes. Comments stand before `test`, and stay
/// when the file is blessed.
struct GoldenFile {
  struct Case {
    /// Comments and blank lines before the case.
    var preamble: String
    var name: String
    var input: String
    /// Nil for a graph that the pass leaves alone.
    var expected: String?
  }

  var cases: [Case]

  enum Malformed: Error {
    /// Something other than a comment stands between two cases.
    case strayLine(String)
    case noExpectation(test: String)
  }

  init(text: String) throws(Malformed) {
    cases = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    if lines.last == "" { lines.removeLast() }
    /// The lines up to the first that fits, which stays.
    func takeLines(until fits: (String) -> Bool) -> String {
      let end = lines.firstIndex(where: fits) ?? lines.endIndex
      defer { lines = lines[end...] }
      return lines[..<end].map { $0 + "\n" }.joined()
    }
    while true {
      let preamble = takeLines { !$0.isEmpty && !$0.hasPrefix("//") }
      guard let first = lines.popFirst() else { return }
      guard first.hasPrefix("test ") else { throw .strayLine(first) }
      let name = String(first.dropFirst("test ".count))
      let input = takeLines { $0.hasPrefix("expect") }
      var expected: String?
      switch lines.popFirst() {
      case "expect unchanged": break
      case "expect":
        expected = takeLines { $0 == "}" } + "}\n"
        _ = lines.popFirst()
      default: throw .noExpectation(test: name)
      }
      cases.append(Case(preamble: preamble, name: name, input: input, expected: expected))
    }
  }

  var text: String {
    cases.map { golden in
      let expectation = golden.expected.map { "expect\n" + $0 } ?? "expect unchanged\n"
      return "\(golden.preamble)test \(golden.name)\n\(golden.input)\(expectation)"
    }.joined()
  }
}

/// The golden files of one pass.
struct GoldenFolder {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens")

  /// The one folder that is no pass's: see `LoweringGoldenTests`.
  static let lowering = "lowering"

  /// The names of a folder's entries, in order.
  static func entries(of folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []).sorted()
  }

  let pass: String

  var files: [URL] {
    let folder = Self.root.appending(path: pass)
    return Self.entries(of: folder).filter { $0.hasSuffix(".txt") }.map { folder.appending(path: $0) }
  }

  func cases() throws -> [GoldenFile.Case] {
    try files.flatMap { try GoldenFile(text: String(contentsOf: $0, encoding: .utf8)).cases }
  }
}
