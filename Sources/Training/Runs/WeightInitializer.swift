import GraphIR
import Lowering
import Runtime

/// Gives a run's tensors the values that they begin with.
///
/// Each tensor draws from random numbers of its own, which follow from the seed and its name alone: what
/// stands elsewhere in the model changes nothing of it.
public struct WeightInitializer: Sendable {
  public let seed: Int

  public init(seed: Int) { self.seed = seed }

  /// Fills a store; random values are computed in Float64 and rounded.
  ///
  /// - Precondition: The store has a tensor of each definition's name and size.
  public func fill(_ store: TensorStore, with definitions: [ParameterDefinition]) {
    for definition in definitions {
      let source = RandomSource(seed: namedSeed(seed, definition.name), stream: .initialization)
      switch definition.initializer {
      case .constant(let value): store.fill(definition.name, with: Float(value))
      case .uniform(let bound):
        store.fillUniform(definition.name, from: source, low: Float(-bound), high: Float(bound))
      case .normal(let mean, let deviation):
        store.fillNormal(definition.name, from: source, mean: Float(mean), deviation: Float(deviation))
      case .orthogonal(let gain): store.fillOrthogonal(definition.name, from: source, gain: gain)
      case .values(let values): store.write(values.map(Float.init), to: definition.name)
      // Once the tensor that they belong to has its values.
      case .singularVector: store.fillNormal(definition.name, from: source, mean: 0, deviation: 1)
      case .copy: break
      }
    }
    store.beginAverages()
    for definition in definitions {
      guard case .singularVector(let weight, .left, let axis) = definition.initializer,
        let right = definitions.first(where: {
          $0.initializer == .singularVector(of: weight, side: .right, outputAxis: axis)
        })
      else { continue }
      store.findSingularVectors(of: weight, left: definition.name, right: right.name, outputAxis: axis)
    }
  }
}

extension TensorStore {
  /// Makes each average what its parameter is now.
  ///
  /// - Parameter networks: Only those of these; nil are all.
  func beginAverages(of networks: [String]? = nil) {
    let averages = Set(slots.filter { $0.role == .average }.map(\.name))
    for slot in slots where slot.role == .parameter && networks?.contains(slot.network ?? "") != false {
      let average = ParameterDefinition.average(of: slot.name)
      if averages.contains(average), let values = values(of: slot.name) { write(values, to: average) }
    }
  }

  /// A store of everything that a model keeps, all zero, in the order of its definitions.
  public convenience init(_ definitions: [ParameterDefinition]) {
    self.init(
      definitions.map {
        Declaration($0.name, $0.shape, $0.role, network: $0.network, element: $0.element)
      })
  }
}
