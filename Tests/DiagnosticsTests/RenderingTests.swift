import Diagnostics
import Foundation
import Testing

/// Diagnostics as text and as JSON.
struct RenderingTests {
  private static let kind = DiagnosticKind("spec/unknown-key", "unknown key `{key}` in {context}")

  private func render(
    _ text: String, _ range: Range<Int>, key: String = "k", color: Bool = false
  ) -> String {
    var sources = SourceMap()
    let id = sources.add(name: "a.yaml", text: Array(text.utf8))
    let diagnostic = Diagnostic(
      Self.kind, at: SourceSpan(source: id, range: range), ["key": key, "context": "the model"])
    return TerminalRenderer(sources: sources, usesColor: color).render(diagnostic)
  }

  @Test func `a diagnostic is a sentence, a place, a caret, notes and fixes`() {
    var sources = SourceMap()
    let id = sources.add(name: "a.yaml", text: Array("name: a\n  strid: 2\n".utf8))
    func span(_ range: Range<Int>) -> SourceSpan { SourceSpan(source: id, range: range) }
    let diagnostic = Diagnostic(
      Self.kind, at: span(10..<15), ["key": "strid", "context": "`conv2d`"], label: "here",
      notes: [.init("a note", at: span(0..<4)), .init("another")], fixes: [FixIt("write `stride`")])
    #expect(
      TerminalRenderer(sources: sources, usesColor: false).render(diagnostic) == """
        error[spec/unknown-key]: unknown key `strid` in `conv2d`
         --> a.yaml:2:3
          |
        2 |   strid: 2
          |   ^^^^^ here
          = note: a note
            a.yaml:1:1  name: a
          = note: another
          = fix: write `stride`

        """)
  }

  @Test func `carets stand under wide and combining characters`() {
    let text = "名前 e\u{301}: x"
    let lines = render(text, 12..<13).split(separator: "\n")
    #expect(lines[3] == "1 | 名前 e\u{301}: x")
    // Two wide characters take four columns, and a combining mark none.
    #expect(lines[4] == "  |         ^")
  }

  @Test func `an empty span has one caret, and one over lines goes to the line's end`() {
    #expect(render("abc", 3..<3).hasSuffix("1 | abc\n  |    ^\n"))
    #expect(render("abc\ndef", 1..<6).hasSuffix("1 | abc\n  |  ^^\n"))
  }

  @Test func `of a long line the part around the place is shown`() {
    let lines = render(
      String(repeating: "x", count: 10_000) + "HERE" + String(repeating: "y", count: 10_000), 10_000..<10_004
    )
    .split(separator: "\n")
    #expect(lines[3].count < 200)
    let caret = lines[4].firstIndex(of: "^").map { lines[4].distance(from: lines[4].startIndex, to: $0) } ?? 0
    #expect(lines[3].dropFirst(caret).hasPrefix("HERE"))
    #expect(lines[4].hasSuffix("^^^^"))
  }

  @Test func `control characters of the text do not reach the terminal`() {
    let text = render("\u{1B}[31mred\u{7}\t: 1", 0..<3, key: "\u{1B}[2J\r\n")
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(text.split(separator: "\n").count == 5)
  }

  @Test func `a caret stands under the escape that is shown`() {
    let lines = render("a\u{202E}b: \u{1B}x", 8..<9).split(separator: "\n")
    #expect(lines[3] == "1 | a\\u{202E}b: \\u{1B}x")
    #expect(lines[4] == "  |                   ^")
  }

  @Test func `what is interpolated is one visible line, and what the program says is not touched`() {
    let evil = "a\n\u{1B}[2J\u{9B}31m\u{202E}\u{2028}\u{2066}\u{FEFF}\u{E0041}\0\u{10FFE9}é漢👩‍👧"
    let shown = "a\\n\\u{1B}[2J\\u{9B}31m\\u{202E}\\u{2028}\\u{2066}\\u{FEFF}\\u{E0041}\\u{0}\\xE9é漢👩‍👧"
    let text: DisplayText = "\u{1B}[1m\(evil)\n\(12) \(0.5)"
    #expect(text.text == "\u{1B}[1m\(shown)\n12 0.5")
    #expect(DisplayText(evil).text == shown)
    #expect(DisplayText(lines: "a\tb\n" + evil).text == "a\tb\na\n" + shown.dropFirst(3))
  }

  @Test func `JSON is exact and harmless`() throws {
    let evil = "\u{1B}\u{7F}\u{85}\u{9B}\u{202E}\u{2028}\u{E0041}\0\"\\\u{10FFE9}é漢"
    let text = JSONValue.object([(key: evil, value: .string(evil))]).text()
    #expect(!text.unicodeScalars.contains { $0.visibleEscape != nil })
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
    #expect(read?.first?.key.unicodeScalars.elementsEqual(evil.unicodeScalars) == true)
    #expect(read?.first?.value.unicodeScalars.elementsEqual(evil.unicodeScalars) == true)
  }

  @Test func `colours are escapes, and only where they are asked for`() {
    #expect(render("a", 0..<1, color: true).contains("\u{1B}[1;31m"))
    #expect(!render("a", 0..<1).contains("\u{1B}"))
  }

  @Test func `a sentence quotes a long text's beginning`() {
    #expect(render("a", 0..<1, key: String(repeating: "k", count: 5000)).count < 400)
  }

  @Test func `a diagnostic without a place is its sentence`() {
    let text = TerminalRenderer(sources: SourceMap(), usesColor: false).render(
      Diagnostic(Self.kind, at: nil, ["key": "k", "context": "the model"]))
    #expect(text == "error[spec/unknown-key]: unknown key `k` in the model\n")
  }

  // MARK: JSON

  @Test func `JSON has the fields that scripts rely on`() throws {
    var sources = SourceMap()
    let id = sources.add(name: "ä.yaml", text: Array("ü: \"x\"\nb".utf8))
    let span = SourceSpan(source: id, range: 4..<7)
    let diagnostic = Diagnostic(
      Self.kind, at: span, ["key": "x\n", "context": "\"c\""], notes: [.init("a note")],
      fixes: [FixIt("fix", edits: [.init(span: span, replacement: "y\t\u{1}")])])
    let text = JSONRenderer(sources: sources).value(of: diagnostic).text()
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(json["code"] as? String == "spec/unknown-key")
    #expect(json["severity"] as? String == "error")
    #expect(json["message"] as? String == "unknown key `x\n` in \"c\"")
    #expect(json["file"] as? String == "ä.yaml")
    #expect(["line", "column", "end_line", "end_column"].map { json[$0] as? Int } == [1, 4, 1, 7])
    let note = try #require((json["notes"] as? [[String: Any]])?.first)
    #expect(note["message"] as? String == "a note")
    #expect(note["line"] is NSNull)
    let fix = try #require((json["fixes"] as? [[String: Any]])?.first)
    let edit = try #require((fix["edits"] as? [[String: Any]])?.first)
    #expect(edit["replacement"] as? String == "y\t\u{1}")
    #expect(edit["column"] as? Int == 4)
  }

  @Test(arguments: [
    (0.1, "0.1"), (2.0, "2"), (-0.0, "0"), (1e300, "1e+300"), (9e15, "9000000000000000"), (1e16, "1e+16"),
    (-9_223_372_036_854_775_808.0, "-9.223372036854776e+18"), (.infinity, "null"), (.nan, "null"),
  ])
  func `numbers`(value: Double, text: String) { #expect(JSONValue.number(value).text() == text) }

  @Test func `values nest, indented or on one line`() {
    let value = JSONValue.object([
      "b": .array([.int(1), .null]), "a": .object([:]), "c": .array([.bool(true)]),
    ])
    #expect(value.text() == #"{"b": [1, null], "a": {}, "c": [true]}"#)
    #expect(
      value.text(isPretty: true) == """
        {
          "b": [
            1,
            null
          ],
          "a": {},
          "c": [
            true
          ]
        }
        """)
  }
}
