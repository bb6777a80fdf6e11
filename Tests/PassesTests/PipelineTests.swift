import Datasets
import FoundationEssentials
import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import Testing

/// The pipelines, on graphs that lowering makes.
@Suite struct PipelineTests {
  @Test(
    "after every pass the graph is sound, reads back from its text, and differs if the pass says so",
    arguments: SmallModels.all.indices)
  func everyPassIsSound(index: Int) throws { try expectSoundPasses(on: Self.graphs(index)) }

  @Test(
    "the models that people start from are sound after every pass",
    arguments: modelFiles)
  func everyPassIsSoundOnModels(file: String) throws {
    let path = Self.models.appending(path: file).path()
    let model = try SmallModels.lower(SpecLoader.load(path: path, catalog: .standard))
    try expectSoundPasses(on: Self.graphs(of: model))
  }

  private func expectSoundPasses(on graphs: [(Graph, Pipeline)]) throws {
    for (original, pipeline) in graphs {
      #expect(Verifier.violations(in: original) == [], "\(original.name) after lowering")
      var graph = original
      var text = graph.description
      for pass in pipeline.passes {
        let saysChanged = pass.run(&graph)
        let before = text
        text = graph.description
        #expect(saysChanged == (text != before), "\(pass.name) on \(graph.name)")
        #expect(Verifier.violations(in: graph) == [], "\(pass.name) on \(graph.name)")
        let isCanonical = try GraphParser.parse(text).description == text
        #expect(isCanonical, "\(pass.name) on \(graph.name)")
      }
    }
  }

  @Test("a pipeline keeps what the graph computes", arguments: SmallModels.all.indices)
  func pipelinesKeepTheMeaning(index: Int) throws {
    for (graph, pipeline) in try Self.graphs(index) { try expectMeaningKept(by: pipeline, of: graph) }
  }

  @Test("every optional pass can be switched off alone", arguments: SmallModels.all.indices)
  func everyOptionalPassCanBeDisabled(index: Int) throws {
    for (graph, pipeline) in try Self.graphs(index) {
      for pass in pipeline.passes where !pass.isRequired {
        try expectMeaningKept(by: pipeline.disabling([pass.name]), of: graph, "without \(pass.name)")
      }
    }
  }

  @Test("with every optional pass switched off, the required ones are left")
  func requiredPassesStay() {
    for pipeline in [Pipeline.training, .inference] {
      let required = Set(pipeline.passes.filter(\.isRequired).map(\.name))
      let rest = pipeline.disabling(Set(pipeline.passNames))
      #expect(Set(rest.passNames) == required)
    }
  }

  static let models = GoldenFolder.root.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "models")

  /// Beside a model may lie its weights.
  static let modelFiles = GoldenFolder.entries(of: models).filter { $0.hasSuffix(".yaml") }

  private static func graphs(_ index: Int) throws -> [(Graph, Pipeline)] {
    graphs(of: try SmallModels.lower(SmallModels.all[index].text))
  }

  /// Each graph of a model, with the pipeline that it goes through.
  private static func graphs(of model: LoweredModel) -> [(Graph, Pipeline)] {
    [(model.step, .training)] + model.networks.map { ($0.graph, .inference) }
  }

  private func expectMeaningKept(
    by pipeline: Pipeline, of graph: Graph, _ variant: String = ""
  ) throws {
    var reference = graph
    try Pipeline.reference.run(&reference)
    var optimized = graph
    try pipeline.run(&optimized)
    let inputs = randomInputs(of: graph, batch: 3) { kind in
      switch kind {
      case .data: -1...1
      case .parameter: -0.5...0.5
      case .statistic: 0.5...1.5
      // An average of squares is more than the square of an average.
      case .state: 0.2...0.4
      }
    }
    try expectSameMeaning(optimized, as: reference, inputs, batch: 3, "\(graph.name) \(variant)")
  }
}
