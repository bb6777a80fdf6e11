import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// Expressions, by what they make of a learning rate or a seed.
struct ExpressionTests {
  /// What an expression gives where any number may stand.
  private func value(_ text: String, variables: String = "") throws -> Double {
    let model = SmallModel.with {
      $0.extra = variables.isEmpty ? "" : "let: {\(variables)}\n"
      $0.generator = $0.generator.replacing("- relu", with: "- leaky_relu: \"\(text)\"")
    }
    let result = load(model)
    let spec = try #require(result.spec, "\(result.diagnostics.map(\.message))")
    return try #require(spec.generator.layers[2].kind.number("negative_slope"))
  }

  /// An expression with a mistake at its mark.
  @discardableResult
  private func expectMistake(
    _ text: String, _ code: String, variables: String = "",
    at location: Testing.SourceLocation = #_sourceLocation
  ) -> Checked {
    expect(
      SmallModel.with {
        $0.extra = variables.isEmpty ? "" : "let: {\(variables)}\n"
        $0.generator = $0.generator.replacing("- relu", with: "- leaky_relu: \"\(text)\"")
      }, finds: code, at: location)
  }

  @Test(arguments: [
    ("1 + 2", 3.0), ("5 - 7", -2), ("3 * 4", 12), ("6 / 3", 2), ("7 / 2", 3.5), ("7 // 2", 3),
    ("-7 // 2", -4),
    ("7 // -2", -4), ("7 % 3", 1), ("-7 % 3", 2), ("7 % -3", -2), ("-8 // -1", 8), ("-8 % -1", 0),
    ("8 / -1", -8), ("2 ** 10", 1024), ("2 ** -1", 0.5), ("(-1) ** 1000001", -1), ("0 ** 0", 1),
    ("1 ** 99999", 1),
    ("7.5 // 2", 3), ("-7.5 % 2", 0.5), ("4 ** 0.5", 2), ("- 3", -3), ("--3", 3), ("2--3", 5),
    ("1e3 + .5", 1000.5),
  ])
  func `every operator`(text: String, expected: Double) throws { #expect(try value(text) == expected) }

  @Test(arguments: [
    ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("10 - 4 - 3", 3), ("16 / 4 / 2", 2), ("2 ** 3 ** 2", 512),
    ("-2 ** 2", -4), ("(-2) ** 2", 4), ("2 * 3 % 4", 2), ("2 ** -1 * 4", 2), ("7 // 2 * 2", 6),
    ("((((3))))", 3), ("2*3", 6), ("2 * - 3", -6), ("2 ** 3 * 2", 16),
  ])
  func `precedence is Python's`(text: String, expected: Double) throws {
    #expect(try value(text) == expected)
  }

  @Test(arguments: [
    ("min(3, 1, 2)", 1.0), ("max(3, 1, 2)", 3), ("max(4)", 4), ("floor(2.7)", 2), ("floor(-2.1)", -3),
    ("ceil(2.1)", 3), ("log2(8)", 3), ("log2(0.5)", -1), ("floor(5)", 5), ("floor(1e20)", 1e20),
    ("max ( 1 , 2 )", 2),
  ])
  func `every function`(text: String, expected: Double) throws { #expect(try value(text) == expected) }

  @Test func `image sizes, the latent size and variables have names`() throws {
    #expect(try value("image.channels * 100 + image.height + image.width / 1000") == 308.008)
    #expect(try value("latent / width", variables: "width: 50") == 2)
    #expect(try value("a", variables: "a: b + 1, b: c * 2, c: 4") == 9)
  }

  @Test(arguments: [
    "9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2", "2 ** 63", "10 ** 99",
    "(-2) ** 64", "-(-9223372036854775807 - 1)", "(-9223372036854775807 - 1) // -1",
  ])
  func `whole numbers that no word holds are errors`(text: String) {
    expectMistake("▸\(text)◂", "expression/overflow")
  }

  @Test(arguments: ["1e200 * 1e200", "log2(0)", "log2(-1)", "(-8) ** 0.5", "0 ** -1", "1e300 / 1e-300"])
  func `results that are no numbers are errors`(text: String) {
    expectMistake("▸\(text)◂", "expression/not-finite")
  }

  @Test(arguments: ["1 / ▸0◂", "1 // ▸0◂", "1 % ▸0.0◂", "4 / ▸(2 - 2)◂"])
  func `a division by zero points at the zero`(text: String) {
    expectMistake(text, "expression/division-by-zero")
  }

  @Test(arguments: [
    "1 +▸◂", "1 ▸2◂", "(1 + 2▸◂", "▸)◂", "1 ▸$◂ 2", "▸ü◂ * 2", "2 * ▸𝄞◂", "▸1.2.3◂ + 1", "max(1, ▸)◂",
    "min(▸)◂",
    "2 * ▸*◂ 3", "▸1e◂ + 1", "5 ▸.◂x", "(2) ▸.◂x + 1",
  ])
  func `what is no expression points at the character`(text: String) {
    expectMistake(text, "expression/syntax")
  }

  @Test func `a comma that ended a value too early is explained`() throws {
    let model = SmallModel.with { $0.train += "  optimizer: {adam: {betas: [0.5, max(0.1, 0.2)]}}\n" }
    let other = SmallModel.with {
      $0.discriminator = "discriminator: [max_pool2d: {kernel_size: min(2, 3)}]\n"
    }
    #expect(load(model).diagnostics.map(\.kind) == [.wrongType])
    let diagnostic = try #require(load(other).diagnostics.first)
    #expect(diagnostic.kind == .otherSpelling)
    #expect(diagnostic.fixes.first?.title == "write `kernel_size: \"min(2, 3)\"`")
  }

  @Test func `long and deep expressions are errors, not traps`() {
    for text in [
      String(repeating: "1+", count: 100_000) + "1", String(repeating: "(", count: 400) + "1",
      String(repeating: "-", count: 900) + "1", String(repeating: "2**", count: 300) + "1",
      String(repeating: "max(", count: 240) + "1",
    ] {
      let model = SmallModel.with { $0.train += "  seed: \"\(text)\"\n" }
      #expect(load(model).diagnostics.map(\.kind) == [.expressionSyntax])
    }
    let long = Array(repeating: "1", count: 499).joined(separator: "+")
    #expect(load(SmallModel.with { $0.train += "  seed: \(long)\n" }).spec?.train.seed == 499)
  }

  @Test func `an unknown name has a fix with the nearest one`() throws {
    let checked = expectMistake("2 * (▸widht◂ + 1)", "expression/unknown-name", variables: "width: 4")
    let fix = try #require(checked.result.diagnostics[0].fixes.first)
    #expect(fix.title == "write `width`")
    #expect(checked.checked(after: fix)?.hasErrors == false)
  }

  @Test func `an unknown name without a near one is told the names`() throws {
    let checked = expectMistake("▸zebra◂", "expression/unknown-name")
    #expect(checked.result.diagnostics[0].notes.contains { $0.text.contains("image.height") })
  }

  @Test func `an unknown function has a fix`() throws {
    let checked = expectMistake("1 + ▸flor(2.5)◂", "expression/unknown-function")
    let fix = try #require(checked.result.diagnostics[0].fixes.first)
    #expect(checked.text(after: fix)?.contains("1 + floor(2.5)") == true)
  }

  @Test func `functions say how many arguments they take`() {
    expectMistake("▸log2(1, 2)◂", "expression/argument-count")
  }

  @Test func `a number is needed where a flag stands`() {
    expectMistake("1 + ▸flag◂", "expression/not-a-number", variables: "flag: true")
  }

  // MARK: Variables

  @Test func `a variable that needs itself is reported once, where it closes the circle`() {
    expect(
      SmallModel.with {
        $0.extra = "let:\n  a: b + 1\n  b: c\n  c: 2 * ▸a◂\n"
        $0.generator = $0.generator.replacing("- relu", with: "- leaky_relu: a")
      }, finds: "expression/cycle")
    expect(
      SmallModel.with {
        $0.head = "image: {channels: 3, height: ▸h◂, width: 8}\nlatent: 100\nlet: {h: image.height}\n"
      }, finds: "expression/cycle")
  }

  @Test func `a long chain of variables is an error, not a trap`() {
    let chain = (0..<3000).map { "  a\($0): a\($0 + 1) + 1\n" }.joined() + "  a3000: 1\n"
    let model = SmallModel.with {
      $0.extra = "let:\n" + chain
      $0.train += "  seed: a0\n"
    }
    #expect(Set(load(model).diagnostics.map(\.kind)) == [.letChain])
  }

  @Test func `a chain is fine where each variable is computed once`() throws {
    let chain = (1...60).map { "  a\($0): a\($0 - 1) + a\($0 - 1)\n" }.joined()
    let model = SmallModel.with {
      $0.extra = "let:\n  a0: 1\n" + chain
      $0.train += "  seed: a60\n"
    }
    #expect(load(model).spec?.train.seed == 1 << 60)
  }

  @Test func `sizes may be expressions of variables`() throws {
    let model = SmallModel.with {
      $0.head = "image: {channels: 3, size: 4 * s}\nlatent: 25 * 2 * s\nlet: {s: 2}\n"
    }
    let spec = try #require(load(model).spec)
    #expect(
      [spec.channels.value, spec.height.value, spec.width.value, spec.latent?.value] == [3, 8, 8, 100])
  }

  @Test func `a variable may be a flag`() throws {
    let model = SmallModel.with {
      $0.extra = "let: {bias: false, same: bias}\n"
      $0.discriminator = $0.discriminator.replacing("padding: 1}", with: "padding: 1, bias: same}")
    }
    #expect(try #require(load(model).spec).discriminator.layers[0].kind.bool("bias") == false)
  }

  @Test func `an unused variable is an error`() {
    expect(
      SmallModel.with { $0.extra = "let:\n  ▸width◂: 64\n  ▸depth◂: used\n  used: 2\n" },
      finds: "spec/unused-name", "spec/unused-name")
  }

  @Test func `a variable is not unused where a mistake keeps it from being read`() {
    expect(
      SmallModel.with {
        $0.extra = "let: {slope: 0.1}\n"
        $0.generator = $0.generator.replacing("- relu", with: "- ▸leaky_rel◂: {negative_slope: slope}")
      }, finds: "spec/unknown-layer")
  }

  @Test(arguments: ["image", "latent", "max", "true"]) func `some names are taken`(name: String) {
    expect(SmallModel.with { $0.extra = "let: {▸\(name)◂: 1}\n" }, finds: "spec/reserved-name")
  }

  @Test(arguments: ["image.height", "my-width", "2x", "größe", "''"]) func `some texts are no names`(
    name: String
  ) {
    expect(SmallModel.with { $0.extra = "let: {▸\(name)◂: 1}\n" }, finds: "spec/bad-name")
  }

  @Test func `a missing size is one mistake, wherever it is read`() {
    let model = SmallModel.with {
      $0.head = "latent: 100\n"
      $0.train += "  seed: image.height * image.width\n"
    }
    #expect(load(model).diagnostics.map(\.message) == ["the model needs `image`"])
  }
}
