import Datasets
import Foundation
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime
import TestSupport
import Testing

@testable import Training

/// Networks that PyTorch's two exporters wrote, as graphs and as models of the language.
@Suite struct PyTorchImportTests {
  static let folder = packageRoot() + "/Tests/Fixtures/ONNX"
  static let names = files(in: folder, endingIn: ".onnx").map { String($0.dropLast(".onnx".count)) }

  @Test("the fixtures are there")
  func fixtures() {
    #expect(Self.names.count { $0.hasSuffix("-dynamo") } >= 13)
    #expect(Self.names.count { $0.hasSuffix("-legacy") } >= 11)
  }

  private func imported(_ name: String) throws -> ImportedGraph {
    try ONNXImporter.graph(of: ONNXModel(contentsOf: "\(Self.folder)/\(name).onnx"))
  }

  @Test("an imported graph computes what PyTorch does", arguments: names)
  func graph(name: String) throws {
    let imported = try imported(name)
    let network = name.prefix { $0 != "-" }
    let path = "\(Self.folder)/\(network).safetensors"
    let file = try SafetensorsFile(contentsOf: path)
    let run = NetworkRun(imported.graph, imported.makeStore())
    let expected = try #require(file["output"]?.doubles)
    for executor in NetworkRun.Executor.allCases {
      let outputs = try run.run(file, path: path, on: executor, threads: 1)
      let actual = try #require(outputs.first?.tensor.doubles)
      #expect(outputs.count == 1 && actual.count == expected.count)
      let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
      let worst = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
      #expect(worst < 1e-5, "\(executor)")
    }
  }

  @Test("the model that is written of it passes `check` and computes the same", arguments: names)
  func model(name: String) throws {
    let networks = [ImportedSpec.Network(name: "network", imported: try imported(name))]
    let spec = try ImportedSpec(
      name: "imported", origin: name, networks: networks, topLevel: NetworkPreset.all.map(\.name))
    let checked = ModelChecker(
      catalog: .standard, path: "model.yaml", texts: ["model.yaml": Array(spec.yaml.utf8)]
    ).check()
    let model = try #require(checked.model, "\(spec.yaml)\n\(checked.diagnostics.map(\.kind.code))")
    let store = TensorStore(model.definitions)
    for (name, tensor) in spec.weights { store.write(tensor.values.map { Float($0) }, to: name) }
    #expect(try ImportCheck(networks, model, store).largestDifference < 1e-6)
  }
}
