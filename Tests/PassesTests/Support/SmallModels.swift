import Datasets
import GraphIR
import Lowering
import ModelSpec
import Testing

/// Models small enough for the reference interpreter, with the shapes of real ones.
enum SmallModels {
  static let all: [(name: String, text: String)] = [
    ("convolutional", convolutional), ("mixed", mixed), ("vectors", vectors),
  ]

  /// DCGAN's pattern: convolutions without bias, batch norm, rectifiers.
  static let convolutional = """
    image: {channels: 2, height: 8, width: 8}
    latent: 3
    generator:
      - conv_transpose2d: {out_channels: 4, kernel_size: 4, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 2, kernel_size: 4, stride: 2, padding: 1, bias: false}
      - tanh
    discriminator:
      - conv2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1, bias: false}
      - leaky_relu: 0.2
      - conv2d: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}
      - batch_norm2d
      - leaky_relu: 0.2
      - conv2d: {out_channels: 1, kernel_size: 4, bias: false}
      - sigmoid
    train:
      data: digits
      loss: bce
      optimizer: {adam: {lr: 0.01, betas: [0.5, 0.999]}}
    """

  /// Biases, groups, pooling, dropout, activations that are no rectifiers.
  static let mixed = """
    image: {channels: 2, height: 8, width: 8}
    latent: 3
    generator:
      - linear: 16
      - reshape: [4, 2, 2]
      - upsample: 2
      - conv2d: {out_channels: 4, kernel_size: 3, padding: 1, groups: 2}
      - batch_norm2d
      - silu
      - conv_transpose2d: {out_channels: 2, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}
      - tanh
    discriminator:
      - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
      - batch_norm2d
      - leaky_relu: 0.2
      - max_pool2d: 2
      - dropout: 0.3
      - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
      - elu
      - avg_pool2d: 2
      - flatten
      - linear: 1
    train:
      data: digits
      loss: bce_with_logits
      optimizer: {rmsprop: {lr: 0.01, momentum: 0.9, centered: true}}
    """

  /// Nothing of rank four but the images.
  static let vectors = """
    image: {channels: 1, height: 4, width: 4}
    latent: 3
    generator:
      - linear: 8
      - batch_norm1d
      - relu
      - linear: 16
      - reshape: [1, 4, 4]
      - tanh
    discriminator:
      - flatten
      - linear: 8
      - gelu
      - linear: 1
      - sigmoid
    train:
      data: digits
      loss: bce
      optimizer: {sgd: {lr: 0.1, momentum: 0.9}}
    """

  static func lower(_ text: String) throws -> LoweredModel {
    try lower(SpecLoader.load(text: Array(text.utf8), name: "test", catalog: .standard))
  }

  static func lower(_ loaded: SpecLoader.Result) throws -> LoweredModel {
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    return try #require(lowered.model, "\(lowered.diagnostics.map(\.message))")
  }
}
