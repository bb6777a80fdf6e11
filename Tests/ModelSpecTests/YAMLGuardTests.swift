import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// What libyaml takes without a word, or for too long.
struct YAMLGuardTests {
  private func codes(_ bytes: [UInt8]) -> [String] { load(bytes).diagnostics.map(\.kind.code) }

  private func only(_ text: String) throws -> Diagnostic {
    let diagnostics = load(text).diagnostics
    return try #require(diagnostics.first, "\(diagnostics)")
  }

  // MARK: Sizes

  @Test func `deep flow nesting is refused at once`() {
    let text = Array(repeating: UInt8(ascii: "["), count: 256 * 1024)
    var found: [String] = []
    #expect(processorSeconds { found = codes(text) } < 2)
    #expect(found == ["yaml/too-large"])
  }

  @Test func `64 levels may nest, 65 may not`() {
    func nested(_ depth: Int) -> String {
      "name: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(!load(nested(63)).diagnostics.contains { $0.kind == .yamlTooLarge })
    #expect(load(nested(64)).diagnostics.map(\.kind) == [.yamlTooLarge])
  }

  @Test func `a file over 1 MiB is refused unread`() {
    let padding = Array(repeating: UInt8(ascii: " "), count: 1 << 20)
    #expect(codes(padding + [10]) == ["yaml/too-large"])
    #expect(!codes(padding).contains("yaml/too-large"))
  }

  @Test func `more than 100,000 values are refused`() {
    let many = "name: [" + String(repeating: "1,", count: 100_000) + "]"
    #expect(load(many).diagnostics.map(\.kind) == [.yamlTooLarge])
    let empty = "name: [" + String(repeating: "[],", count: 200_000) + "]"
    #expect(load(empty).diagnostics.map(\.kind) == [.yamlTooLarge])
  }

  @Test func `aliases that multiply are refused`() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let uses = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(uses)]\n"
    }
    var found: [String] = []
    #expect(processorSeconds { found = codes(Array(bomb.utf8)) } < 2)
    #expect(found == ["yaml/too-large"])
  }

  @Test func `a flood of tag directives is refused at once`() {
    let text = (0..<40_000).map { "%TAG !a\($0)! tag:x\n" }.joined() + "---\n{}\n"
    var found: [String] = []
    #expect(processorSeconds { found = codes(Array(text.utf8)) } < 2)
    #expect(found == ["yaml/too-large"])
  }

  // MARK: Encodings

  @Test func `UTF-16 is refused, with a byte order mark and without`() {
    let bytes = "name: a".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(codes([0xFF, 0xFE] + bytes) == ["yaml/not-utf8"])
    #expect(codes(bytes) == ["yaml/not-utf8"])
    let bigEndian = "name: a".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    #expect(codes([0xFE, 0xFF] + bigEndian) == ["yaml/not-utf8"])
    #expect(codes(bigEndian) == ["yaml/not-utf8"])
  }

  @Test func `a byte that is no UTF-8 is pointed at`() {
    let result = load(Array("name: é\nlatent: ".utf8) + [0xE9, 10])
    #expect(result.diagnostics.map(\.kind) == [.yamlNotUTF8])
    let span = result.diagnostics[0].span
    #expect(span.map(result.sources.start(of:)) == SourceLocation(line: 2, column: 9))
  }

  @Test func `a UTF-8 byte order mark is no character of the text`() throws {
    let text = "\u{FEFF}lattent: 3\n"
    let result = load(text)
    let unknown = try #require(result.diagnostics.first { $0.kind == .unknownKey })
    #expect(unknown.span.map(result.sources.start(of:)) == SourceLocation(line: 1, column: 1))
    #expect(result.sources.line(1, of: try #require(unknown.span).source) == "lattent: 3")
  }

  @Test func `a byte order mark does not indent the first of several lines`() throws {
    let result = load("\u{FEFF}lattent: 3\nnäme: x\nimagge: 8\n")
    let unknown = result.diagnostics.filter { $0.kind == .unknownKey }.compactMap(\.span)
    #expect(
      unknown.map(result.sources.start(of:)) == (1...3).map { SourceLocation(line: $0, column: 1) })
    let broken = try only("\u{FEFF}latent: \u{1}3\n")
    #expect(broken.kind == .yamlSyntax)
    #expect(broken.span?.range == 11..<12)
  }

  @Test(arguments: ["latent: !!int 4", "latent: !include other.yaml", "image: !size {a: 1}", "a: ! [1]"])
  func `a tag is an error, not something to pass over`(text: String) throws {
    let diagnostic = try only("name: model\n\(text)\n")
    #expect(diagnostic.kind == .yamlSyntax)
    let mark = try #require(text.utf8.firstIndex(of: UInt8(ascii: "!")))
    #expect(diagnostic.span?.range.lowerBound == 12 + text.utf8.distance(from: text.startIndex, to: mark))
  }

  @Test func `a NUL character is an error where it stands`() throws {
    let diagnostic = try only("name: model\nlatent: \u{0}3\n")
    #expect(diagnostic.kind == .yamlSyntax)
    #expect(diagnostic.span?.range == 20..<21)
  }

  @Test func `a control character is an error at its byte, after other than ASCII text`() throws {
    let diagnostic = try only("name: größe\nlatent: \u{1}3\n")
    #expect(diagnostic.kind == .yamlSyntax)
    #expect(diagnostic.span?.range == 22..<23)
  }

  // MARK: Syntax

  @Test func `a tab in the indentation is called a tab`() throws {
    let diagnostic = try only("image:\n\tsize: 8\n")
    #expect(diagnostic.kind == .yamlSyntax)
    #expect(diagnostic.span?.range == 7..<8)
    #expect(diagnostic.message.contains("tab"))
  }

  @Test func `an unclosed bracket is told where it was opened`() throws {
    let result = load("name: a\nimage: [3, 8\nlatent: 3\n")
    #expect(result.diagnostics.map(\.kind) == [.yamlUnclosed])
    let span = try #require(result.diagnostics[0].span)
    #expect(result.sources.start(of: span) == SourceLocation(line: 2, column: 8))
  }

  @Test func `a second document is an error, not lost`() throws {
    #expect(try only("name: a\n---\nname: b\n").kind == .yamlSyntax)
  }

  @Test func `an empty text lacks everything`() {
    #expect(
      load("").diagnostics.map(\.message) == [
        "the model needs `image`", "the model needs `latent`", "the model needs `generator`",
        "the model needs `discriminator`",
      ])
  }

  @Test(arguments: ["- a\n", "3", "text", "---\n"]) func `a model is a mapping`(text: String) {
    #expect(load(text).diagnostics.map(\.kind) == [.wrongType])
  }

  // MARK: Keys and aliases

  @Test func `a duplicate key is an error at the second, with a note at the first`() throws {
    let text = SmallModel.with { $0.train += "  ▸loss◂: bce\n" }
    let diagnostic = try #require(
      expect(text, finds: "yaml/duplicate-key").diagnostic("yaml/duplicate-key"))
    #expect(diagnostic.notes.count == 1)
  }

  @Test func `an undefined alias is an error where it stands`() throws {
    expect("image: [3, 8, 8]\nlatent: ▸*size◂\n", finds: "yaml/undefined-alias")
  }

  @Test func `an alias inside its own anchor is undefined`() {
    expect("name: &a [▸*a◂]\n", finds: "yaml/undefined-alias")
  }

  @Test func `a key that is a list is an error`() {
    expect(SmallModel.with { $0.train += "  ? ▸[a, b]◂\n  : 3\n" }, finds: "yaml/key-not-scalar")
  }

  @Test func `a merge of something else than a mapping is an error`() {
    expect(SmallModel.with { $0.train += "  <<: ▸3◂\n" }, finds: "yaml/bad-merge")
  }

  // MARK: Positions

  @Test func `an error after other than ASCII text stands at the right bytes and column`() throws {
    let text = "# größer 𝄞\nname: \"ä 𝄞\"\n" + SmallModel.with { $0.train += "  ▸batchsize◂: 3 # ü\n" }
    let checked = expect(text, finds: "spec/unknown-key")
    let span = try #require(checked.result.diagnostics[0].span)
    #expect(checked.result.sources.start(of: span).column == 3)
  }

  @Test func `a block's span ends before the comments that follow it`() throws {
    let spec = try #require(
      load(
        SmallModel.with {
          $0.generator = $0.generator.replacing(
            "  - tanh\n", with: "  - tanh: # last\n\n  # Comments of\n# the next network.\n")
        }
      ).spec)
    #expect(try #require(spec.generator.layers.last).span.range.count == "tanh:".count)
  }

  @Test func `lines that end in CR LF are lines`() {
    let text = SmallModel.with { $0.train += "  ▸sed◂: 3\n" }.replacing("\n", with: "\r\n")
    let checked = expect(text, finds: "spec/unknown-key")
    #expect(checked.rendered.contains("model.yaml:17:3"))
  }
}
