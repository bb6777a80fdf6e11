import Lowering
import Runtime

/// Gives a run's tensors the values that they begin with.
///
/// Each tensor draws from a stream of its own, numbered by its place in the list, so that its values follow
/// from the seed and that place alone.
public struct WeightInitializer: Sendable {
  public let seed: Int

  public init(seed: Int) { self.seed = seed }

  /// Fills a store.
  ///
  /// - Precondition: The store has a tensor of each definition's name and size.
  public func fill(_ store: TensorStore, with definitions: [ParameterDefinition]) {
    for (index, definition) in definitions.enumerated() {
      store.write(values(of: definition, index: index), to: definition.name)
    }
  }

  /// A tensor's values in row-major order, computed in Float64 and rounded.
  func values(of definition: ParameterDefinition, index: Int) -> [Float] {
    let source = RandomSource(seed: seed, stream: .initialization, substream: index)
    switch definition.initializer {
    case .constant(let value):
      return Array(repeating: Float(value), count: definition.count)
    case .uniform(let bound):
      return (0..<definition.count).map { Float(bound * (2 * source.uniform($0) - 1)) }
    case .normal(let mean, let deviation):
      return source.normals(definition.count).map { Float(mean + deviation * Double($0)) }
    }
  }
}

extension TensorStore {
  /// A store of everything that a model keeps, all zero, in the order of its definitions.
  public convenience init(_ definitions: [ParameterDefinition]) {
    self.init(definitions.map { ($0.name, $0.shape, $0.kind) })
  }
}
