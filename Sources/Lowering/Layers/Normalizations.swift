import Diagnostics
import GraphIR
import ModelSpec

private func eps(_ value: Double) -> AttributeSchema {
  .init("eps", .number(0...1), .defaultsTo(.number(value)), "added to the variance")
}

private func affine(_ value: Bool) -> AttributeSchema {
  .init("affine", .bool, .defaultsTo(.bool(value)), "whether a weight and a bias follow, which train")
}

extension LayerDefinition {
  static let normalizations = [
    LayerDefinition(
      Schema(
        "instance_norm2d", "Normalises each channel of each image.",
        [
          eps(1e-5), affine(false),
          .init(
            "num_features", .int(1...1_000_000), .optional,
            "the channels of its input, which are inferred and here only checked"),
        ]), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let (channels, size) = try context.imageExtents()
      try checkDeclared("num_features", channels, context)
      guard size.height * size.width > 1 else {
        throw TypeRuleViolation(
          .attributeOutOfRange, ["op": "instance_norm2d", "attribute": "image size", "value": "1×1"])
      }
      let normalized = try context.normalize(context.input, groups: channels, eps: context.number("eps"))
      return try perChannelAffine(normalized, channels, &context)
    },
    LayerDefinition(
      Schema("layer_norm", "Normalises all values of each image together.", [eps(1e-5), affine(true)]),
      preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let shape = context.type(of: context.input).shape
      let normalized = try context.normalize(context.input, groups: 1, eps: context.number("eps"))
      guard context.layer.kind.bool("affine") == true else { return normalized }
      let extents = TensorType(Array(shape.dropFirst())).extents(batch: 1)
      let weight = try context.parameter("weight", extents, .constant(1))
      let bias = try context.parameter("bias", extents, .constant(0))
      return try context.shift(
        context.scale(normalized, by: weight, along: [0]), by: bias, along: [0])
    },
    LayerDefinition(
      Schema(
        "group_norm", "Normalises groups of channels of each image.", primary: "num_groups",
        [
          .init("num_groups", .int(1...1_000_000), .required, "how many groups the channels are cut into"),
          eps(1e-5), affine(true),
        ]), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let channels = try context.inputChannels("group_norm")
      let groups = context.integer("num_groups")
      guard channels % groups == 0 else {
        throw TypeRuleViolation(
          .groupsDoNotDivide,
          ["op": "group_norm", "groups": "\(groups)", "channels": "\(channels)", "which": "input"])
      }
      let normalized = try context.normalize(
        context.input, groups: groups, eps: context.number("eps"))
      return try perChannelAffine(normalized, channels, &context)
    },
    LayerDefinition(
      Schema(
        "pixel_norm", "Divides the channels of each pixel by the root of their mean square.", [eps(1e-8)]),
      preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      _ = try context.inputChannels("pixel_norm")
      let squares = try context.emit(Unary(UnaryFunction(.square)), context.input)
      let mean = try context.emit(Reduce(axes: [1], mean: true), squares)
      let inverse = try context.emit(
        Unary(UnaryFunction(.rsqrt)), context.emit(Affine(offset: context.number("eps")), mean))
      return try context.scale(context.input, by: inverse, along: [1])
    },
    LayerDefinition(
      Schema(
        "minibatch_stddev",
        "Appends to the channels how much the images of a group differ: planes of their mean deviation.",
        primary: "group_size",
        [
          .init(
            "group_size", .int(1...1_000_000), .defaultsTo(.int(4)),
            "images a group, at most: the largest such number that divides the batch"),
          .init(
            "num_channels", .int(1...1_000_000), .defaultsTo(.int(1)),
            "parts of the channels, each of which makes a plane"),
        ]), input: .image
    ) { (context) throws(TypeRuleViolation) in try minibatchDeviation(&context) },
  ]
}

/// The layer's weight and bias of a number per channel, if it has them.
private func perChannelAffine(
  _ value: ValueID, _ channels: Int, _ context: inout LayerContext
) throws(TypeRuleViolation) -> ValueID {
  guard context.layer.kind.bool("affine") == true else { return value }
  let weight = try context.parameter("weight", [channels], .constant(1))
  let bias = try context.parameter("bias", [channels], .constant(0))
  let scaled = try context.scale(value, by: weight, along: context.allButChannels(value))
  return try context.emit(BiasAdd(), scaled, bias)
}

/// Source: Karras et al., "Progressive Growing of GANs" (2018), and the code of StyleGAN2.
private func minibatchDeviation(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
  let (channels, size) = try context.imageExtents()
  let planes = context.integer("num_channels")
  guard channels % planes == 0 else {
    throw TypeRuleViolation(
      .groupsDoNotDivide,
      ["op": "minibatch_stddev", "groups": "\(planes)", "channels": "\(channels)", "which": "input"])
  }
  let mean = GroupMean(group: context.integer("group_size"))
  let centred = try context.emit(
    Binary(.subtract), context.input, context.emit(mean, context.input))
  let variance = try context.emit(
    mean, context.emit(Unary(UnaryFunction(.square)), centred))
  let deviation = try context.emit(
    Unary(UnaryFunction(.sqrt)), context.emit(Affine(offset: 1e-8), variance))
  let shape = context.type(of: context.input).shape
  let parts = try context.emit(
    Reshape(shape: [shape[0], .fixed(planes), .fixed(channels / planes), shape[2], shape[3]]), deviation)
  let average = try context.emit(Reduce(axes: [2, 3, 4], mean: true), parts)
  let spread = try context.emit(
    Broadcast(axes: [2, 3], sizes: [.fixed(size.height), .fixed(size.width)]), average)
  return try context.builder.tryEmit(Concat(axis: 1), [context.input, spread])[0]
}
