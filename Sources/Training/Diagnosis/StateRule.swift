import GraphIR
import Lowering
import Runtime

/// A rule over what a run keeps: the averages that optimisers hold of gradients, and running statistics.
struct StateRule: Sendable {
  let name: String
  let reason: String
  let advice: String
  /// What is seen, and in which layer; nil where nothing is.
  let finding: @Sendable (StateView) -> String?

  /// Averages are of nothing much before.
  static let firstStep = 200

  static let all: [StateRule] = [
    StateRule(
      name: "gradients-explode",
      reason:
        "root mean squares of gradients lie between 1e-6 and 10 in networks that learn; at 1000, a clipped "
        + "or normalised step is all that is left",
      advice: "a smaller rate, batch norm behind the layer, or `init: dcgan`"
    ) { state in
      guard let worst = state.gradients.max(by: { $0.size < $1.size }), worst.size > 1000 else { return nil }
      return
        "the gradients explode: those of `\(worst.name)` have a root mean square of \(threeDigits(worst.size))"
    },
    StateRule(
      name: "gradients-vanish",
      reason:
        "layers of one network differ by a factor of a hundred or a thousand; a millionth of the largest is "
        + "what rounding leaves",
      advice:
        "`leaky_relu` in place of `relu`, batch norm in front of the layer, `init: dcgan`, or fewer layers"
    ) { state in
      for network in state.networks {
        // A gradient of nothing at all is one of a layer that is not in use.
        let layers = state.gradients.filter { $0.network == network && $0.isMatrix && $0.size > 0 }
        guard let largest = layers.max(by: { $0.size < $1.size }), largest.size > 0,
          let least = layers.min(by: { $0.size < $1.size }), least.size < largest.size * 1e-6
        else { continue }
        return
          "the gradients vanish: those of `\(least.name)` have a root mean square of \(threeDigits(least.size)), "
          + "those of `\(largest.name)` \(threeDigits(largest.size))"
      }
      return nil
    },
    StateRule(
      name: "dead-units",
      reason:
        "an average of gradients that is zero to the last bit for all weights of a unit has not moved for a "
        + "hundred steps: nothing that the unit reads gets through; half a layer is more than chance",
      advice: "`leaky_relu` in place of `relu`, a smaller rate, or batch norm in front of the layer"
    ) { state in
      for layer in state.deadUnits where layer.dead * 2 >= layer.units && layer.dead < layer.units {
        return "units are dead: \(layer.dead) of the \(layer.units) of `\(layer.name)` get no gradient"
      }
      return nil
    },
    StateRule(
      name: "statistics-drift",
      reason:
        "what batch norm reads has a variance between 1e-4 and 100 in networks that learn; beyond 1e6 the "
        + "running average and the batch no longer agree in 32 bits",
      advice: "a smaller rate, or batch norm behind the layer before"
    ) { state in
      guard let worst = state.variances.max(by: { $0.value < $1.value }), worst.value > 1e6 else {
        return nil
      }
      return "the statistics drift: a running variance of `\(worst.name)` is \(threeDigits(worst.value))"
    },
  ]
}

/// What rules see of a run's state.
struct StateView {
  struct Gradient {
    var name: String
    var network: String
    /// The root of the mean of squares.
    var size: Double
    /// Whether it is of a layer's weights, not of one number a channel.
    var isMatrix: Bool
  }

  var gradients: [Gradient] = []
  var deadUnits: [(name: String, units: Int, dead: Int)] = []
  /// The largest of each batch norm.
  var variances: [(name: String, value: Double)] = []

  var networks: [String] { Set(gradients.map(\.network)).sorted() }

  init(_ store: TensorStore, _ definitions: [ParameterDefinition]) {
    for definition in definitions {
      switch definition.role {
      case .parameter: readGradients(of: definition, store)
      case .statistic:
        // Variances begin at one, means at zero.
        guard definition.initializer == .constant(1), let values = store.values(of: definition.name),
          let largest = values.max()
        else { continue }
        variances.append((definition.name, Double(largest)))
      case .optimizer, .random, .running, .average, .accumulator: continue
      }
    }
  }

  private mutating func readGradients(of definition: ParameterDefinition, _ store: TensorStore) {
    let squares = ["exp_avg_sq", "square_avg"].lazy.compactMap {
      store.values(of: "optimizer.\(definition.name).\($0)")
    }.first
    if let squares {
      let mean = squares.reduce(0) { $0 + Double($1) } / Double(squares.count)
      gradients.append(
        Gradient(
          name: definition.name, network: definition.network, size: mean.squareRoot(),
          isMatrix: definition.shape.count >= 2))
    }
    // A bias or a scale has one number a unit, whatever the layer.
    guard definition.shape.count == 1, let averages = store.values(of: "optimizer.\(definition.name).exp_avg")
    else { return }
    deadUnits.append((definition.name, averages.count, averages.count { $0 == 0 }))
  }
}
