import Testing
import Training

@Suite struct LatentExpressionTests {
  /// Samples are [number, 1], names [0, their length].
  private func value(_ text: String) throws -> [Float] {
    try LatentExpression(text).value(
      sample: { [Float($0), 1] }, named: { [0, Float($0.count)] })
  }

  @Test(
    arguments: [
      ("12", [12, 1]), ("smiling - neutral + 12", [12, 1]), ("-3", [-3, -1]), ("2*3", [6, 2]),
      ("0.5 * (3 + 8) - sad", [5.5, -2]), ("-(1 - 2)", [1, 0]), ("1-2-3", [-4, -1]), ("2 * 3 * 1", [6, 6]),
      ("((7))", [7, 1]), ("a1_b", [0, 4]),
    ] as [(String, [Float])]) func arithmetic(text: String, expected: [Float]) throws
  {
    #expect(try value(text) == expected)
  }

  @Test func whatItReadsIsListedOnce() throws {
    let expression = try LatentExpression("3 + a - 2 * (3 + b) + a")
    #expect(expression.names == ["a", "b"])
    #expect(!expression.isPlain)
    #expect(try LatentExpression(" 12 ").isPlain)
  }

  @Test(arguments: [
    ("", 0), ("3 +", 3), ("3 4", 2), ("(3", 2), ("3)", 1), ("1.5", 0), ("1.2.3 * a", 0), ("99999999999", 0),
    ("a ** b", 2), ("é-!", 2),
  ]) func mistakesNameTheirPlace(text: String, position: Int) {
    let error = #expect(throws: LatentExpression.Mistake.self) { try LatentExpression(text) }
    #expect(error?.position == position, "\(text): \(error.map { "\($0)" } ?? "")")
  }

  @Test func bracketsAreBoundedAndLengthIsNot() throws {
    let text = String(repeating: "(", count: 100_000)
    #expect(throws: LatentExpression.Mistake.self) { try LatentExpression(text) }
    let long = String(repeating: "1*", count: 100_000) + "1" + String(repeating: " + 1", count: 100_000)
    #expect(try value(long) == [100_001, 100_001])
  }
}
