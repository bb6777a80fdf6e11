import GraphIR
import Interchange
import Lowering
import Runtime

/// How a weight that is divided by its spectral norm is written.
public enum SpectralNormForm: String, Sendable, CaseIterable {
  /// As `torch.nn.utils.parametrizations.spectral_norm` keeps it, which is how graphc does.
  case parametrized
  /// As `torch.nn.utils.spectral_norm` keeps it, PyTorch's older form.
  case hook
  /// The divided weight alone, for a layer without spectral norm.
  case folded
}

/// The weights and statistics of networks as a `state_dict` has them.
public struct WeightsExport {
  let store: TensorStore
  let definitions: [ParameterDefinition]

  public init(_ store: TensorStore, _ definitions: [ParameterDefinition]) {
    self.store = store
    self.definitions = definitions
  }

  /// The tensors in the order of the model.
  ///
  /// - Parameters:
  ///   - networks: Which; their names stand before the tensors' (`generator.0.weight`), unless there is a prefix.
  ///   - prefix: What stands before the names in place of the network's: `main.`, or nothing.
  public func tensors(
    of networks: Set<String>, prefix: String?, spectralNorm: SpectralNormForm
  ) -> [(name: String, tensor: SafetensorsFile.Tensor)] {
    var tensors: [(name: String, tensor: SafetensorsFile.Tensor)] = []
    for definition in definitions where networks.contains(definition.network) {
      guard definition.role == .parameter || definition.role == .statistic,
        let name = name(of: definition, in: spectralNorm)
      else { continue }
      let local = name.dropFirst(definition.network.count + 1)
      tensors.append((prefix.map { $0 + local } ?? name, tensor(of: definition, in: spectralNorm)))
    }
    return tensors
  }

  /// Nil for what this form has no place for.
  private func name(of definition: ParameterDefinition, in form: SpectralNormForm) -> String? {
    guard form != .parametrized, let parts = SpectralNormNames(definition.name) else {
      return definition.name
    }
    switch (form, parts.part) {
    case (.hook, .weight): return "\(parts.weight)_orig"
    case (.hook, .left): return "\(parts.weight)_u"
    case (.hook, .right): return "\(parts.weight)_v"
    case (_, .weight): return parts.weight
    case (_, .left), (_, .right): return nil
    }
  }

  private func tensor(
    of definition: ParameterDefinition, in form: SpectralNormForm
  ) -> SafetensorsFile.Tensor {
    if let integers = store.integers(of: definition.name) {
      return .init(shape: definition.shape, int64s: integers)
    }
    var values = store.existingValues(of: definition.name)
    if form == .folded, let parts = SpectralNormNames(definition.name), parts.part == .weight {
      let norm = spectralNorm(definition, values)
      values = values.map { Float(Double($0) / norm) }
    }
    return .init(shape: definition.shape, floats: values)
  }

  /// uᵀ·W·v of the vectors that are kept with a weight.
  private func spectralNorm(_ weight: ParameterDefinition, _ values: [Float]) -> Double {
    func vector(_ side: ParameterDefinition.Initializer.Side) -> (values: [Float], axis: Int) {
      for definition in definitions {
        if case .singularVector(weight.name, side, let axis) = definition.initializer {
          return (store.existingValues(of: definition.name), axis)
        }
      }
      preconditionFailure("\(weight.name) is kept without its singular vectors")
    }
    let (u, axis) = vector(.left)
    let v = vector(.right).values
    // The matrix has the outputs as its rows, and all the other axes in their order as its columns.
    let outer = weight.shape[..<axis].reduce(1, *)
    let rows = weight.shape[axis]
    let inner = weight.shape[(axis + 1)...].reduce(1, *)
    var sum = 0.0
    for index in values.indices {
      let (place, row, block) = (index % inner, index / inner % rows, index / (inner * rows))
      precondition(block < outer, "the weight's elements fill its shape")
      sum += Double(u[row]) * Double(values[index]) * Double(v[block * inner + place])
    }
    return sum
  }
}

/// A tensor of spectral norm, by its name in PyTorch's newer form.
struct SpectralNormNames {
  enum Part {
    case weight, left, right
  }

  /// `generator.0.weight`
  let weight: String
  let part: Part

  /// Nil for any other tensor.
  init?(_ name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let index = parts.lastIndex(of: "parametrizations"), index + 2 < parts.count else { return nil }
    switch Array(parts[(index + 2)...]) {
    case ["original"]: part = .weight
    case ["0", "_u"]: part = .left
    case ["0", "_v"]: part = .right
    default: return nil
    }
    weight = (parts[..<index] + [parts[index + 1]]).joined(separator: ".")
  }
}

extension TensorStore {
  func existingValues(of name: String) -> [Float] {
    guard let values = values(of: name) else { preconditionFailure("no tensor \(name)") }
    return values
  }
}
