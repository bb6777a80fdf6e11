import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  /// Layers of style-based generators.
  static let styles = [
    LayerDefinition(
      Schema(
        "noise",
        "Adds normal numbers, one a pixel for all channels, times a strength that trains and begins at zero. "
          + "Sampling adds the same numbers to every image.",
        [
          .init(
            "per_channel", .bool, .defaultsTo(.bool(false)), "whether each channel has a strength of its own")
        ]), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let (channels, size) = try context.imageExtents()
      let extents = [size.height, size.width]
      let plane = context.statistic("noise_const", extents, .normal(mean: 0, deviation: 1))
      let perChannel = context.layer.kind.bool("per_channel") == true
      let strength = try context.parameter("noise_strength", perChannel ? [channels] : [], .constant(0))
      let shape = context.type(of: context.input).shape
      let noise: ValueID
      switch context.mode {
      case .train:
        let (seed, step) = try context.randomStream()
        let planes = try context.emit(
          RandomNormal(seed: seed, stream: DropoutMask.stream, shape: [shape[0], shape[2], shape[3]]), step)
        noise = try context.spread(planes, to: shape, along: [1])
      case .infer: noise = try context.spread(plane, to: shape, along: [0, 1])
      }
      let scaled = try context.scale(noise, by: strength, along: perChannel ? [0, 2, 3] : [0, 1, 2, 3])
      return try context.emit(Binary(.add), context.input, scaled)
    },
    LayerDefinition(
      Schema(
        "constant",
        "Numbers that train, the same for every image, whatever its input: where style-based generators begin.",
        primary: "shape",
        [
          .init(
            "shape", .ints(1...65_536), .required, "the extents of one image's, such as [512, 4, 4]")
        ]), preservesRank: false
    ) { (context) throws(TypeRuleViolation) in
      guard let extents = context.layer.kind.ints("shape") else {
        preconditionFailure("`constant` without its shape")
      }
      let values = try context.parameter("const", extents, .normal(mean: 0, deviation: 1))
      return try context.emit(
        Broadcast(axes: [0], sizes: [context.type(of: context.input).shape[0]]), values)
    },
    LayerDefinition(
      Schema(
        "adain",
        "Normalises each channel of each image, and scales and shifts it as a style says: `from` names the "
          + "images and the vectors, of which a matrix product makes (scale − 1, shift).",
        [.init("eps", .number(0...1), .defaultsTo(.number(1e-8)), "added to the variance")]),
      inputs: .exactly(2), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let (channels, _) = try context.imageExtents()
      let style = try affineStyle(outputs: 2 * channels, bias: 0, &context)
      let normalized = try context.normalize(
        context.input, groups: channels, eps: context.number("eps"))
      let scale = try context.emit(
        Affine(offset: 1), context.emit(Slice(axis: 1, start: 0, count: channels), style))
      let shift = try context.emit(Slice(axis: 1, start: channels, count: channels), style)
      return try context.shift(
        context.scale(normalized, by: scale, along: [2, 3]), by: shift, along: [2, 3])
    },
    LayerDefinition(
      Schema(
        "modulated_conv2d",
        "A convolution whose input channels are scaled by a style, and whose output channels are scaled back to "
          + "what a unit input would give: `from` names the images and the vectors.",
        [
          .init("out_channels", .int(1...1_000_000), .required, "the number of channels that it makes"),
          .init("kernel_size", .int(1...65_536), .required, "the height and width of its window"),
          .init(
            "padding", .size(0...65_536), .optional,
            "rows and columns of zeros around the input; half a window by default, which keeps the size"),
          .init(
            "demodulate", .bool, .defaultsTo(.bool(true)),
            "whether output channels are scaled back; without, the style is scaled by 1/√(channels · window)"),
          .init("bias", .bool, .defaultsTo(.bool(false)), "whether a number a channel is added"),
        ]), inputs: .exactly(2), input: .image
    ) { (context) throws(TypeRuleViolation) in try modulatedConvolution(&context) },
  ]
}

/// The second input, `[N, d]`, through a matrix product with a bias that begins as `bias`; its weight begins as
/// normal numbers of deviation 1 and is scaled by 1/√d.
private func affineStyle(
  outputs: Int, bias: Double, _ context: inout LayerContext
) throws(TypeRuleViolation) -> ValueID {
  try context.checkRank(2, ofInput: 1)
  let size = context.type(of: context.inputs[1]).shape[1].extent(batch: 1)
  let weight = try context.parameter("affine.weight", [outputs, size], .normal(mean: 0, deviation: 1))
  let scaled = try context.emit(Affine(scale: 1 / Double(size).squareRoot()), weight)
  let product = try context.multiply(context.inputs[1], by: scaled)
  return try context.emit(
    BiasAdd(), product, context.parameter("affine.bias", [outputs], .constant(bias)))
}

/// conv(x·s, W)·d with d = 1/√(Σ (W·s)² + 1e-8), a number an image and output channel.
/// Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), and its code.
private func modulatedConvolution(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
  let (channels, _) = try context.imageExtents()
  let (outputs, kernel) = (context.integer("out_channels"), context.integer("kernel_size"))
  let demodulates = context.layer.kind.bool("demodulate") == true
  let padding = context.layer.kind.size("padding").map { Size2($0.height, $0.width) } ?? Size2(kernel / 2)
  var style = try affineStyle(outputs: channels, bias: 1, &context)
  if !demodulates {
    style = try context.emit(Affine(scale: 1 / Double(channels * kernel * kernel).squareRoot()), style)
  }
  let weight = try context.parameter(
    "weight", [outputs, channels, kernel, kernel], .normal(mean: 0, deviation: 1))
  let modulated = try context.scale(context.input, by: style, along: [2, 3])
  var result = try context.emit(Conv2D(ConvolutionGeometry(padding: padding)), modulated, weight)
  if demodulates {
    let squares = try context.emit(
      Reduce(axes: [2, 3], mean: false), context.emit(Unary(UnaryFunction(.square)), weight))
    let sums = try context.multiply(
      context.emit(Unary(UnaryFunction(.square)), style), by: squares)
    let inverse = try context.emit(
      Unary(UnaryFunction(.rsqrt)), context.emit(Affine(offset: 1e-8), sums))
    result = try context.scale(result, by: inverse, along: [2, 3])
  }
  if context.layer.kind.bool("bias") == true {
    result = try context.emit(BiasAdd(), result, context.parameter("bias", [outputs], .constant(0)))
  }
  return result
}
