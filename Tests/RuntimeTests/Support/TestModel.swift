import Datasets
import FoundationEssentials
import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import TestSupport
import Testing

/// A model file of this repository.
struct TestModel: CustomTestStringConvertible, Sendable {
  let path: String

  /// The models that people start from.
  static let examples = models(in: "models")
  /// The models of the fixtures: small, and between them every layer, loss and optimiser.
  static let fixtures = models(in: "Tests/Fixtures")

  var testDescription: String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  private static func models(in folder: String) -> [TestModel] {
    modelPaths(in: folder).map { TestModel(path: $0) }
  }

  func lowered() throws -> LoweredModel { try lowered(overrides: []) }

  /// The model with fewer channels, where its file has a `width` to set: the same layers, and a step that a
  /// test can wait for.
  func loweredNarrow(width: Int = 8) throws -> LoweredModel {
    do { return try lowered(overrides: ["let.width=\(width)"]) } catch { return try lowered() }
  }

  private func lowered(overrides: [String]) throws -> LoweredModel {
    struct Rejected: Error { var messages: [String] }
    let loaded = SpecLoader.load(path: path, overrides: overrides, catalog: .standard)
    guard let spec = loaded.spec else { throw Rejected(messages: loaded.diagnostics.map(\.message)) }
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    guard let model = lowered.model else { throw Rejected(messages: lowered.diagnostics.map(\.message)) }
    return model
  }
}

extension Graph {
  /// The graph after a pipeline.
  func after(_ pipeline: Pipeline) throws -> Graph {
    var graph = self
    try pipeline.run(&graph)
    return graph
  }

  /// How many classes a value holds the numbers of; nil where it holds other things.
  private func classCount(of value: ValueID) -> Int? {
    for node in nodes where node.operands.first == value {
      if case .oneHot(let op) = node.op { return op.classes }
    }
    return nil
  }

  /// Random values for all inputs, of the size that they have in training.
  func randomInputs(batch: Int, seed: Int = 1) -> [String: ReferenceTensor] {
    var tensors: [String: ReferenceTensor] = [:]
    for (index, input) in inputs.enumerated() {
      let shape = type(of: input.value).extents(batch: batch)
      let count = shape.reduce(1, *)
      let source = RandomSource(seed: seed, stream: .syntheticData, substream: index)
      func uniform(_ range: ClosedRange<Double>) -> [Double] {
        (0..<count).map { range.lowerBound + source.uniform($0) * (range.upperBound - range.lowerBound) }
      }
      let values: [Double] =
        switch input.kind {
        case .data:
          if let classes = classCount(of: input.value) {
            (0..<count).map { Double(source.integer($0, below: classes)) }
          } else {
            uniform(-1...1)
          }
        case .parameter where shape.count > 1:
          uniform(-1...1).map { $0 * (3 / Double(shape.dropFirst().reduce(1, *))).squareRoot() }
        case .parameter: input.name.hasSuffix(".bias") ? uniform(-0.1...0.1) : uniform(0.5...1.5)
        case .statistic: input.name.hasSuffix("_var") ? uniform(0.5...1.5) : uniform(-0.1...0.1)
        // Squares of gradients large enough that a gradient near zero is not scaled up to a whole step.
        case .state where input.name.hasSuffix("_sq") || input.name.hasSuffix("square_avg"):
          uniform(0.01...0.02)
        case .state: Array(repeating: 0, count: count)
        }
      tensors[input.name] = ReferenceTensor(shape: shape, values: values).rounded
    }
    for input in inputs where input.name.hasSuffix(".0._u") {
      Self.iteratePower(of: String(input.name.dropLast("0._u".count)), in: &tensors)
    }
    return tensors
  }

  /// Brings spectral norm's vectors near the singular ones: by random ones, weights would be divided by next to
  /// nothing, and rounding would be all that is left.
  private static func iteratePower(of name: String, in tensors: inout [String: ReferenceTensor]) {
    guard let weight = tensors[name + "original"], var u = tensors[name + "0._u"]?.values,
      var v = tensors[name + "0._v"]?.values
    else { preconditionFailure("\(name) lacks a weight or a vector") }
    let shape = weight.shape
    // Rows are output channels, which a transposed convolution has on its second axis.
    let isTransposed = shape[0] != u.count
    let inner = shape.dropFirst(2).reduce(1, *)
    func place(_ row: Int, _ column: Int) -> Int {
      guard isTransposed else { return row * v.count + column }
      return (column / inner * shape[1] + row) * inner + column % inner
    }
    func normalized(_ values: [Double]) -> [Double] {
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return values.map { $0 / length }
    }
    for _ in 0..<3 {
      v = normalized(
        v.indices.map { column in
          u.indices.reduce(0) { $0 + weight.values[place($1, column)] * u[$1] }
        })
      u = normalized(
        u.indices.map { row in
          v.indices.reduce(0) { $0 + weight.values[place(row, $1)] * v[$1] }
        })
    }
    tensors[name + "0._u"] = ReferenceTensor(shape: [u.count], values: u).rounded
    tensors[name + "0._v"] = ReferenceTensor(shape: [v.count], values: v).rounded
  }
}
