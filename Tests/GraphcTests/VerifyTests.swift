import Foundation
import Interchange
import TestSupport
import Testing

/// `graphc verify`, on a fixture that PyTorch wrote.
@Suite struct VerifyTests {
  private static let model = packageRoot() + "/Tests/Fixtures/linear.yaml"
  private static let fixture = packageRoot() + "/Tests/Fixtures/linear.safetensors"

  /// The fixture with some of its tensors replaced.
  private func fixture(
    in graphc: GraphcBinary, replacing change: (String, SafetensorsFile.Tensor) -> SafetensorsFile.Tensor?
  ) throws -> String {
    let file = try SafetensorsFile(contentsOf: Self.fixture)
    let path = graphc.folder + "/changed.safetensors"
    try SafetensorsFile(
      tensors: file.tensors.compactMap { name, tensor in change(name, tensor).map { (name, $0) } },
      metadata: file.metadata
    ).write(to: path)
    return path
  }

  @Test("the steps that PyTorch ran are replayed within tolerance", arguments: ["cpu", "reference"])
  func passes(executor: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("verify", Self.model, Self.fixture, "--executor", executor)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("all within tolerance"))
    }
  }

  @Test("the JSON has the largest error and a row a tensor")
  func json() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("verify", Self.model, Self.fixture, "--format", "json")
      let json = try JSON(outcome.output)
      let worst = try #require(json["max_relative_error"].number)
      let rows = json["rows"].array
      #expect(rows.compactMap { $0["relative_error"].number }.max() == worst)
      let names = Set(rows.compactMap { $0["name"].string })
      #expect(
        names.isSuperset(of: [
          "step.0.loss_d", "step.0.loss_g", "final.generator.0.weight", "final.discriminator.4.running_var",
        ]))
    }
  }

  @Test("one number that was tampered with ends with 1 and is named")
  func tampered() throws {
    try withGraphc { graphc throws in
      let path = try fixture(in: graphc) { name, tensor in
        guard name == "final.generator.3.bias" else { return tensor }
        var values = tensor.doubles
        values[7] += 0.01
        return .init(shape: tensor.shape, doubles: values)
      }
      let outcome = try graphc.run("verify", Self.model, path)
      #expect(outcome.status == 1)
      #expect(outcome.output.contains("final.generator.3.bias"))
      #expect(outcome.output.contains("1 beyond tolerance"))
      #expect(try graphc.run("verify", Self.model, path, "--tolerance", "10").status == 0)
      // Without the last steps the result is not compared.
      #expect(try graphc.run("verify", Self.model, path, "--steps", "2").status == 0)
    }
  }

  @Test("a model in bf16 is held to what bf16 can do")
  func bf16() throws {
    try withGraphc { graphc throws in
      let arguments = ["verify", Self.model, Self.fixture, "--set", "train.precision=bf16"]
      let outcome = try graphc.run(arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("at most 1.0e-1"))
      #expect(try graphc.run(arguments + ["--executor", "reference"]).output.contains("at most 1.0e-8"))
    }
  }

  @Test("an expected NaN agrees with nothing")
  func nan() throws {
    try withGraphc { graphc throws in
      let path = try fixture(in: graphc) { name, tensor in
        name == "step.0.loss_g" ? .init(shape: [], doubles: [.nan]) : tensor
      }
      let outcome = try graphc.run("verify", Self.model, path, "--format", "json")
      #expect(outcome.status == 1)
      #expect(try JSON(outcome.output)["passed"].number == 0)
    }
  }

  @Test(
    "a fixture that does not fit the model ends with 65 and says what does not",
    arguments: ["init.generator.0.weight", "final.generator.0.weight", "step.0.loss_d"])
  func lacksATensor(name: String) throws {
    try withGraphc { graphc throws in
      let path = try fixture(in: graphc) { $0 == name ? nil : $1 }
      let outcome = try graphc.run("verify", Self.model, path)
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("lacks `\(name)`"))
      let other = try graphc.run("verify", "model.yaml", Self.fixture)
      #expect(other.status == 65)
    }
  }
}
