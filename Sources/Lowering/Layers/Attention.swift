import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  static let attention = [
    LayerDefinition(
      Schema(
        "self_attention",
        "Adds to each pixel what the other pixels that resemble it hold, weighted by a number that begins at "
          + "zero. Its input has a multiple of 8 channels and an even height and width.",
        weightAttributes), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in try selfAttention(&context) },
    LayerDefinition(
      Schema("softmax", "eˣ over its sum along an axis.", primary: "dim", [softmaxAxis]), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in try softmax(&context, isLog: false) },
    LayerDefinition(
      Schema("log_softmax", "The logarithm of `softmax`.", primary: "dim", [softmaxAxis]),
      preservesShape: true
    ) { (context) throws(TypeRuleViolation) in try softmax(&context, isLog: true) },
  ]
}

private let softmaxAxis = AttributeSchema(
  "dim", .int(1...3), .defaultsTo(.int(1)), "the axis; 1 is the channels, or a vector's values")

private func softmax(_ context: inout LayerContext, isLog: Bool) throws(TypeRuleViolation) -> ValueID {
  let axis = context.integer("dim")
  let type = context.type(of: context.input)
  guard axis < type.rank else {
    throw TypeRuleViolation(
      .axisOutOfRange,
      ["op": context.layer.kind.name.value, "axis": "\(axis)", "shape": type.description], operand: 0)
  }
  let last = type.rank - 1
  if axis == last { return try context.emit(Softmax(isLog: isLog), context.input) }
  var order = Array(type.shape.indices)
  order.swapAt(axis, last)
  // Exchanging two axes is its own reverse.
  let turned = try context.emit(Permute(order: order), context.input)
  return try context.emit(Permute(order: order), context.emit(Softmax(isLog: isLog), turned))
}

/// Source: Zhang et al., "Self-Attention Generative Adversarial Networks" (2019), with the pooling and the
/// halved values of its authors' code, which BigGAN's has too; the weights are called as there.
private func selfAttention(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
  let (channels, size) = try context.imageExtents()
  guard channels % 8 == 0 else {
    throw TypeRuleViolation(
      .groupsDoNotDivide,
      ["op": "self_attention", "groups": "8", "channels": "\(channels)", "which": "input"])
  }
  guard size.height % 2 == 0, size.width % 2 == 0 else {
    throw TypeRuleViolation(
      .attributeOutOfRange,
      ["op": "self_attention", "attribute": "odd image size", "value": "\(size.height)×\(size.width)"])
  }
  func convolve(
    _ input: ValueID, _ name: String, from: Int, to: Int, _ context: inout LayerContext
  ) throws(TypeRuleViolation) -> ValueID {
    let weight = try context.weight(
      [to, from, 1, 1], named: "\(name).weight",
      context.weightInitializer([to, from, 1, 1], isConvolution: true))
    return try context.emit(Conv2D(), input, weight)
  }
  func matrix(_ image: ValueID, _ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
    let shape = context.type(of: image).shape
    let pixels = TensorType(Array(shape[2...])).elementCount(batch: 1)
    return try context.emit(Reshape(shape: [shape[0], shape[1], .fixed(pixels)]), image)
  }
  let pool = MaxPool2D(kernelSize: 2, stride: 2)
  let queries = try matrix(
    convolve(context.input, "theta", from: channels, to: channels / 8, &context), &context)
  let keys = try matrix(
    context.emit(pool, convolve(context.input, "phi", from: channels, to: channels / 8, &context)), &context)
  let values = try matrix(
    context.emit(pool, convolve(context.input, "g", from: channels, to: channels / 2, &context)), &context)
  let attention = try context.emit(
    Softmax(), context.emit(Matmul(transposeLeft: true), queries, keys))
  let gathered = try context.emit(Matmul(transposeRight: true), values, attention)
  let shape = context.type(of: context.input).shape
  let image = try context.emit(
    Reshape(shape: [shape[0], .fixed(channels / 2), shape[2], shape[3]]), gathered)
  let output = try convolve(image, "o", from: channels / 2, to: channels, &context)
  let gamma = try context.parameter("gamma", [], .constant(0))
  let weighted = try context.scale(output, by: gamma, along: [0, 1, 2, 3])
  return try context.emit(Binary(.add), context.input, weighted)
}
