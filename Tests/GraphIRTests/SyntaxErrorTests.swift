import Diagnostics
import GraphIR
import Testing

/// A text that is no graph is an error with a place; never a trap.
@Suite struct SyntaxErrorTests {
  /// Each text marks the place of its error with `⟪`.
  static let mistakes: [(text: String, kind: GraphSyntaxError.Kind)] = [
    ("⟪", .expected("`graph`", found: "the end")),
    ("graph @g ⟪learn () {}", .expected("`train` or `infer`", found: "`learn`")),
    ("graph ⟪g infer () {}", .expected("`@`", found: "`g`")),
    ("graph @g infer (⟪x: f32[]) {}", .expected("an input", found: "`x`")),
    ("graph @g infer (%x: ⟪f16[]) {}", .expected("a type such as `f32[N,3]`", found: "`f16`")),
    ("graph @g infer (%x: f32[⟪M]) {}", .expected("an extent", found: "`M`")),
    ("graph @g infer (%x: f32[2]{⟪tiled}) {}", .expected("a layout", found: "`tiled`")),
    ("graph @g infer (%x %y: f32[2] ⟪\"both\") {}", .expected("`)`", found: "\"both\"")),
    ("graph @g infer () {⟪relu}", .expected("an op, `store`, `return` or `}`", found: "`relu`")),
    ("graph @g infer () {} ⟪graph", .expected("the end", found: "`graph`")),
    ("graph @g infer () ⟪é", .unexpectedCharacter("é")),
    ("graph @g infer (⟪%: f32[])", .expected("a value's name", found: "`%`")),
    ("graph @⟪\"g\n\" infer", .unterminatedString),
    ("graph @\"a⟪\\t\" infer", .unknownEscape("t")),
    ("graph @g infer (%x: f32[⟪99999999999999999999]) {}", .numberOutOfRange("99999999999999999999")),
    (op("%y = ⟪rellu %x : f32[2]"), .unknownOp("rellu", nearest: "relu")),
    (op("%y = ⟪relu(1) %x : f32[2]"), .wrongParameters(op: "relu")),
    (op("%y = ⟪leaky_relu(a) %x : f32[2]"), .wrongParameters(op: "leaky_relu")),
    (op("%y = relu ⟪%z : f32[2]"), .undefinedValue("z", nearest: "x")),
    (op("%y = relu ⟪%y : f32[2]"), .undefinedValue("y", nearest: "x")),
    (op("⟪%x = relu %x : f32[2]"), .duplicateValue("x")),
    (op("%y, %z = relu %x ⟪: f32[2]"), .typeCount(results: 2, types: 1)),
    (
      op("%y = affine %x {⟪scal=2} : f32[2]"),
      .unknownAttribute("scal", op: "affine", nearest: "scale")
    ),
    (op("%y = affine %x {⟪scale=true} : f32[2]"), .invalidAttribute("scale", op: "affine")),
    (op("%y = affine %x {scale=2, ⟪scale=3} : f32[2]"), .duplicateAttribute("scale")),
    (op("%y = affine %x {scale=⟪1e999} : f32[2]"), .numberOutOfRange("1e999")),
    (op("%y = affine %x {scale=⟪-x} : f32[2]"), .expected("a number", found: "`-x`")),
    (op("store %x ⟪%x"), .expected("`->`", found: "`%x`")),
    (op("return ⟪7"), .expected("an output", found: "`7`")),
    (op("return %x ⟪store %x -> %x"), .expected("`}`", found: "`store`")),
    (op("%y = relu %x : f32[2] @⟪x"), .expected("a line", found: "`x`")),
    (
      op(
        "%y = reshape %x {shape=" + String(repeating: "[", count: 16) + "⟪"
          + String(repeating: "[", count: 9_000)),
      .nestedTooDeeply(limit: 16)
    ),
  ]

  private static func op(_ line: String) -> String { "graph @g infer (%x: f32[2]) {\n  \(line)\n}" }

  @Test("the first mistake is told with its line and column", arguments: mistakes.indices)
  func mistake(index: Int) throws {
    let (marked, kind) = Self.mistakes[index]
    let parts = marked.split(separator: "⟪", maxSplits: 1, omittingEmptySubsequences: false)
    let before = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
    let location = SourceLocation(line: before.count, column: (before.last?.count ?? 0) + 1)
    let error = #expect(throws: GraphSyntaxError.self) { try GraphParser.parse(parts.joined()) }
    #expect(error == GraphSyntaxError(kind, at: location))
  }

  @Test func anErrorReadsAsASentenceWithItsPlace() {
    let error = GraphSyntaxError(
      .unknownOp("rellu", nearest: "relu"), at: SourceLocation(line: 3, column: 8))
    #expect(error.description == "3:8: no op is named `rellu`; did you mean `relu`?")
  }

  /// Damages the text of a graph in every place, in ways that scanners and parsers stumble over.
  @Test("damaged text is read and verified or refused, but never traps", arguments: Op.kinds)
  func damage(kind: any OpDefinition.Type) throws {
    for sample in kind.samples.prefix(1) {
      let text = Array(try sample.graph().description.utf8)
      for position in text.indices {
        var damaged = [Array(text[..<position]), text, text, text]
        damaged[1].remove(at: position)
        damaged[2][position] = Array("()[]{},:=@%\"-9eN\n".utf8)[position % 17]
        let numbers = ["-9223372036854775808", "9223372036854775807", "1099511627776", "0"]
        damaged[3].insert(contentsOf: numbers[position % 4].utf8, at: position)
        for bytes in damaged {
          if let graph = try? GraphParser.parse(String(decoding: bytes, as: UTF8.self)) {
            _ = Verifier.violations(in: graph)
          }
        }
      }
    }
  }
}
