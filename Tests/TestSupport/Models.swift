/// A small model that passes every check, in parts that a test may replace.
public struct SmallModel: Sendable {
  public var head = "image: [3, 8, 8]\nlatent: 100\n"
  public var extra = ""
  public var generator = """
    generator:
      - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
      - tanh

    """
  public var discriminator = """
    discriminator:
      - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
      - leaky_relu: 0.2
      - conv2d: {out_channels: 1, kernel_size: 4}

    """
  public var train = """
    train:
      data: digits
      loss: bce_with_logits
      batch_size: 4

    """

  public init() {}

  public var text: String { head + extra + generator + discriminator + train }

  /// The model with other layers in the generator, one a line; what follows makes 3×8×8 images of
  /// whatever they make, without shape errors as long as that has 100 values.
  public static func with(_ change: (inout SmallModel) -> Void) -> String {
    var model = SmallModel()
    change(&model)
    return model.text
  }
}
