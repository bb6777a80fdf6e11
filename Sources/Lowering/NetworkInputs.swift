import GraphIR
import ModelSpec

/// The shapes of a network's inputs, and how what it is given becomes them.
struct NetworkInputs {
  let network: NetworkSpec

  init(_ network: NetworkSpec) { self.network = network }

  /// What a call gives the input.
  static func type(of input: NetworkInput, in spec: ModelSpec, program: TrainingProgram) -> TensorType {
    switch input.type.value {
    case .latent: TensorType([.batch, .fixed(spec.latentSize)])
    case .image: spec.imageType
    case .label: TensorType([.batch])
    case .draw(let name):
      program.draws.first { $0.name == name }.map { $0.type(in: spec) } ?? TensorType([.batch])
    case .extents(let extents): TensorType([.batch] + extents.map(Dimension.fixed))
    }
  }

  /// A vector where the network takes an image of one pixel: what the input declares decides, else the first
  /// layer that reads it and cares. A convolution sees `[N, size, 1, 1]`, a linear layer `[N, size]`.
  func adapt(_ value: ValueID, to input: NetworkInput, in builder: inout GraphBuilder) -> ValueID {
    let type = builder.type(of: value)
    guard type.rank == 2, wantsImage(input) else { return value }
    return builder.emit(Reshape(shape: type.shape + [1, 1]), value)
  }

  private func wantsImage(_ input: NetworkInput) -> Bool {
    if let declared = input.declaredExtents { return declared.value.count == 3 }
    let isFirst = input.name == network.inputs[0].name
    for layer in network.layers.flatMap({ [$0] + $0.body }) {
      if !isFirst, layer.from?.contains(where: { $0.value == input.name }) != true { continue }
      guard let definition = LayerDefinition.byName[layer.kind.name.value] else { continue }
      switch definition.input {
      case .vector: return false
      case .image: return true
      case .any: if !definition.preservesRank { return false }
      }
    }
    return false
  }
}

extension ModelSpec {
  /// `[N, C, H, W]` of the images.
  var imageType: TensorType {
    TensorType([.batch, .fixed(channels.value), .fixed(height.value), .fixed(width.value)])
  }
}
