import Interchange
import Lowering
import TestSupport
import Testing
import Training

/// A small model, what its steps are given, and what must come out.
struct WorkedExample: CustomTestStringConvertible, Sendable {
  struct Tensor: Sendable {
    var shape: [Int]
    var values: [Double]

    init(_ shape: [Int], _ values: [Double]) { (self.shape, self.values) = (shape, values) }
  }

  let testDescription: String
  let model: String
  /// Weights that begin and what steps are given, as a fixture names them.
  let given: KeyValuePairs<String, Tensor>
  /// Losses, and weights after the last step: with a rate of 1, what was taken off them is their gradient.
  let expected: KeyValuePairs<String, Tensor>

  init(
    _ name: String, _ model: String, given: KeyValuePairs<String, Tensor>,
    expected: KeyValuePairs<String, Tensor>
  ) {
    (testDescription, self.model, self.given, self.expected) = (name, model, given, expected)
  }
}

/// Numbers that papers and the code people compare with agree on, worked out for a few values.
@Suite struct WorkedExampleTests {
  @Test(
    "an example comes out as it was worked, values and gradients",
    arguments: WorkedExample.penalties + WorkedExample.training + WorkedExample.slopes)
  func comesOut(example: WorkedExample) throws {
    let checked = check(example.model + "\n")
    let model = try #require(checked.result.model, "\(checked.rendered)")
    let tensors = (Array(example.given) + Array(example.expected)).map { name, tensor in
      (name: name, tensor: SafetensorsFile.Tensor(shape: tensor.shape, doubles: tensor.values))
    }
    let replay = FixtureReplay(
      model: model, fixture: SafetensorsFile(tensors: tensors), path: example.testDescription)
    let rows = try replay.run(.reference)
    #expect(Set(rows.map(\.name)) == Set(example.expected.map(\.key)))
    // The numbers have eight digits.
    for row in rows { #expect(row.relativeError < 1e-7, "\(row.name)") }
    for row in try replay.run(.cpu) { #expect(row.relativeError < 5e-6, "\(row.name), in 32 bits") }
  }
}
