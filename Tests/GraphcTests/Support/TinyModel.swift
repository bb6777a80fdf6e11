/// A model that trains in milliseconds, with what makes resuming hard: batch norm's statistics, dropout, an
/// optimiser that remembers, and a last batch of 4 images behind two of 8.
enum TinyModel {
  static let text = """
    name: tiny
    image: {channels: 1, height: 8, width: 8}
    latent: 4
    generator:
      - conv_transpose2d: {out_channels: 4, kernel_size: 4, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}
      - tanh
    discriminator:
      - conv2d: {out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
      - leaky_relu: 0.2
      - dropout: 0.25
      - conv2d: {out_channels: 1, kernel_size: 4}
    train:
      data: {synthetic: {count: 20, flip: true}}
      loss: bce_with_logits
      batch_size: 8
      epochs: 3
      sample_every: 4
      checkpoint_every: 4

    """

  /// Steps of its three epochs.
  static let steps = 9

  /// Its discriminator makes an image of 3×3 scores where one is meant.
  static let broken = text.replacing(
    "{out_channels: 1, kernel_size: 4}", with: "{out_channels: 1, kernel_size: 2}")
}
