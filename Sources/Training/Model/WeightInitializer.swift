import Lowering
import Runtime

/// Fills the tensors of a model with their starting values.
public enum WeightInitializer {
  /// Every value is a function of the seed, the tensor's place in the list and the value's place in the
  /// tensor.
  public static func initialize(_ store: TensorStore, _ definitions: [ParameterDefinition], seed: Int) {
    for (index, definition) in definitions.enumerated() {
      let source = RandomSource(seed: seed, stream: .initialization, substream: index)
      store.write(values(definition, source), to: definition.name)
    }
  }

  private static func values(_ definition: ParameterDefinition, _ source: RandomSource) -> [Float] {
    switch definition.initializer {
    case .constant(let value): return Array(repeating: Float(value), count: definition.count)
    case .uniform(let bound):
      return (0..<definition.count).map { Float((2 * source.uniform($0) - 1) * bound) }
    case .normal(let mean, let deviation):
      return source.normals(definition.count).map { Float(mean) + Float(deviation) * $0 }
    }
  }
}
