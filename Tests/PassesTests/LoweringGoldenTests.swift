import Datasets
import FoundationEssentials
import GraphIR
import Lowering
import ModelSpec
import Passes
import Testing

/// What lowering and training's pipeline make of whole models, as `Tests/Goldens/lowering` shows it.
///
/// `NAME.yaml` is a model; beside it stand
/// - `NAME.state.txt`: what a run keeps, and how it begins;
/// - `NAME.lowered.txt`: the step and the two networks as they are lowered;
/// - `NAME.training.txt`: the step after training's pipeline, without an executor's memory in mind.
///
/// Positions are those of `NAME.yaml`. With `GRAPHC_BLESS=1` the texts are rewritten to what happens now.
@Suite struct LoweringGoldenTests {
  private static let folder = GoldenFolder.root.appending(path: GoldenFolder.lowering)
  static let models = GoldenFolder.entries(of: folder).filter { $0.hasSuffix(".yaml") }
    .map { String($0.dropLast(".yaml".count)) }

  @Test("a model becomes the graphs that its goldens show", arguments: models)
  func goldens(name: String) throws {
    for (part, text) in try Self.texts(of: name) {
      let file = Self.folder.appending(path: "\(name).\(part).txt")
      if GoldenTests.isBlessing {
        try text.write(to: file, atomically: true, encoding: .utf8)
      } else {
        try expectSameLines(text, as: String(contentsOf: file, encoding: .utf8), "\(name).\(part).txt")
      }
    }
  }

  @Test func everyModelHasItsTextsAndNothingElseLiesThere() {
    #expect(Self.models.count >= 10)
    let expected = Self.models.flatMap { name in
      ["\(name).yaml"] + ["state", "lowered", "training"].map { "\(name).\($0).txt" }
    }
    #expect(GoldenFolder.entries(of: Self.folder) == expected.sorted())
  }

  private static func texts(of name: String) throws -> [(part: String, text: String)] {
    let path = folder.appending(path: "\(name).yaml").path()
    let loaded = SpecLoader.load(path: path, catalog: .standard)
    let model = try SmallModels.lower(loaded)
    var step = model.step
    try Pipeline.training(batch: #require(loaded.spec).train.batchSize.value).run(&step)
    let lowered = [model.step] + model.networks.map(\.graph)
    return [
      ("state", model.definitions.map { Self.line($0) + "\n" }.joined()),
      ("lowered", lowered.map(\.description).joined(separator: "\n")),
      ("training", step.description),
    ]
  }

  private static func line(_ definition: ParameterDefinition) -> String {
    let start =
      switch definition.initializer {
      case .constant(let value): "\(value)"
      case .uniform(let bound): "uniform in ±\(bound)"
      case .normal(let mean, let deviation): "normal, \(mean) ± \(deviation)"
      case .orthogonal(let gain): "orthogonal, gain \(gain)"
      case .values(let values): "\(values)"
      case .copy(let name): "as \(name)"
      case .singularVector(let weight, let side, let axis):
        "\(side) singular vector of \(weight), axis \(axis)"
      }
    return "\(definition.kind.rawValue) \(definition.name) \(definition.shape): \(start)"
  }

  /// Expects equal texts, and shows the first line that differs: whole graphs are too long to read.
  private func expectSameLines(_ actual: String, as expected: String, _ file: String) {
    guard actual != expected else { return }
    let lines = [actual, expected].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let first = zip(lines[0], lines[1]).enumerated().first { $0.element.0 != $0.element.1 }
    let index = first?.offset ?? min(lines[0].count, lines[1].count)
    let shown = lines.map { $0.indices.contains(index) ? String($0[index]) : "the end" }
    Issue.record("\(file), line \(index + 1):\n  \(shown[0])\nnot\n  \(shown[1])")
  }
}
