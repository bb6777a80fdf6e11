import Diagnostics
import Testing

/// Lines and columns of bytes, and edits of texts.
struct SourceMapTests {
  private func map(_ text: String) -> (sources: SourceMap, id: SourceID) {
    var sources = SourceMap()
    let id = sources.add(name: "a.yaml", text: Array(text.utf8))
    return (sources, id)
  }

  @Test(arguments: [
    (0, 1, 1), (1, 1, 2), (3, 1, 4), (4, 2, 1), (6, 2, 2), (10, 2, 3), (11, 3, 1), (12, 3, 2), (99, 3, 2),
    (-1, 1, 1),
  ])
  func `a byte offset has a line and a column in characters`(offset: Int, line: Int, column: Int) {
    // ü takes two bytes, 𝄞 four.
    let (sources, id) = map("abc\nü𝄞\nz")
    #expect(sources.location(of: offset, in: id) == SourceLocation(line: line, column: column))
  }

  @Test func `columns of a long line are counted in characters`() {
    let text = String(repeating: "aü𝄞", count: 300) + "\n" + String(repeating: "é", count: 512)
    let (sources, id) = map(text)
    var (line, column) = (1, 1)
    var offset = 0
    for scalar in text.unicodeScalars {
      #expect(sources.location(of: offset, in: id) == SourceLocation(line: line, column: column))
      offset += UTF8.width(scalar)
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    #expect(sources.location(of: offset, in: id) == SourceLocation(line: 2, column: 513))
  }

  @Test func `a line is without its line break`() {
    let (sources, id) = map("one\r\ntwo\n\nfour")
    #expect((0...5).map { sources.line($0, of: id) } == ["", "one", "two", "", "four", ""])
    #expect(sources.lineRange(2, of: id) == 5..<8)
  }

  @Test func `a byte order mark is not a column`() {
    let (sources, id) = map("\u{FEFF}name\nb")
    #expect(sources.location(of: 3, in: id) == SourceLocation(line: 1, column: 1))
    #expect(sources.location(of: 0, in: id) == SourceLocation(line: 1, column: 1))
    #expect(sources.location(of: 8, in: id) == SourceLocation(line: 2, column: 1))
    #expect(sources.line(1, of: id) == "name")
  }

  // MARK: Fixes

  private func applied(_ text: String, _ edits: (Range<Int>, String)...) -> String? {
    let (sources, id) = map(text)
    let fix = FixIt(
      "fix it", edits: edits.map { .init(span: SourceSpan(source: id, range: $0.0), replacement: $0.1) })
    return applying(fix, to: sources)?.first.map { String(decoding: $0.text, as: UTF8.self) }
  }

  @Test func `edits are made wherever they stand in the list`() {
    #expect(applied("abcdef", (4..<5, "E!"), (0..<1, ""), (2..<2, "-")) == "b-cdE!f")
    #expect(applied("abc", (3..<3, "d")) == "abcd")
    #expect(applied("", (0..<0, "a")) == "a")
  }

  @Test func `equal edits are one`() {
    #expect(applied("size: 8", (6..<7, "9"), (6..<7, "9")) == "size: 9")
  }

  @Test func `edits that overlap, or leave the text, are none`() {
    #expect(applied("abcdef", (0..<3, "x"), (2..<4, "y")) == nil)
    #expect(applied("abcdef", (6..<7, "9"), (6..<7, "8")) == nil)
    #expect(applied("abc", (2..<4, "x")) == nil)
    #expect(applied("abc") == nil)
  }

  @Test func `edits of two texts change both`() throws {
    var (sources, id) = map("a")
    let other = sources.add(name: "b.yaml", text: [98])
    let edits = [other, id].map { FixIt.Edit(span: SourceSpan(source: $0, range: 0..<1), replacement: "x") }
    let changed = try #require(applying(FixIt("both", edits: edits), to: sources))
    #expect(changed.map(\.source) == [id, other])
    #expect(changed.map(\.text) == [[120], [120]])
  }
}
