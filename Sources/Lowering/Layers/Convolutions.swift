import Diagnostics
import GraphIR
import ModelSpec

private let channels = 1...1_000_000
private let extent = 1...65_536

private func convolutionAttributes(transposed: Bool) -> [AttributeSchema] {
  let attributes: [AttributeSchema] = [
    .init("out_channels", .int(channels), .required, "the number of channels that it makes"),
    .init("kernel_size", .size(extent), .required, "the height and width of its window"),
    .init("stride", .size(extent), .defaultsTo(.size(height: 1, width: 1)), "how far the window moves"),
    .init(
      "padding", .size(0...65_536), .defaultsTo(.size(height: 0, width: 0)),
      "rows and columns of zeros around the input"),
    .init(
      "dilation", .size(extent), .defaultsTo(.size(height: 1, width: 1)),
      "how far the window's taps lie apart"),
    .init("groups", .int(channels), .defaultsTo(.int(1)), "parts of the channels that do not mix"),
    .init("bias", .bool, .defaultsTo(.bool(true)), "whether a number a channel is added"),
    .init(
      "in_channels", .int(channels), .optional,
      "the channels of its input, which are inferred and here only checked"),
  ]
  let own: AttributeSchema =
    transposed
    ? .init(
      "output_padding", .size(0...65_536), .defaultsTo(.size(height: 0, width: 0)),
      "rows and columns added to the output, where the stride leaves its size open")
    : .init("padding_mode", PaddingMode.choices, .optional, "what the padding holds; `zeros` by default")
  return attributes + [own] + weightAttributes
}

extension LayerDefinition {
  static let convolutions = [
    LayerDefinition(
      Schema(
        "conv2d", "Two-dimensional convolution.", convolutionAttributes(transposed: false)), input: .image
    ) { (context) throws(TypeRuleViolation) in try lowerConvolution(&context, transposed: false) },
    LayerDefinition(
      Schema(
        "conv_transpose2d", "Transposed convolution, which makes images larger.",
        convolutionAttributes(transposed: true)), input: .image
    ) { (context) throws(TypeRuleViolation) in try lowerConvolution(&context, transposed: true) },
  ]
}

private func lowerConvolution(
  _ context: inout LayerContext, transposed: Bool
) throws(TypeRuleViolation) -> ValueID {
  let attributes = context.layer.kind
  let name = attributes.name.value
  func size(_ key: String) -> Size2 { attributes.size(key).map { Size2($0.height, $0.width) } ?? 0 }
  let input = try context.inputChannels(name)
  let output = attributes.int("out_channels") ?? 1
  let groups = attributes.int("groups") ?? 1
  try checkDeclared("in_channels", input, context)
  for (count, which) in [(input, "input"), (output, "output")] where count % groups != 0 {
    throw TypeRuleViolation(
      .groupsDoNotDivide, ["op": name, "groups": "\(groups)", "channels": "\(count)", "which": which])
  }
  let kernel = size("kernel_size")
  let geometry = ConvolutionGeometry(
    stride: size("stride"), padding: size("padding"), dilation: size("dilation"), groups: groups)
  let shape =
    (transposed ? [input, output / groups] : [output, input / groups]) + [kernel.height, kernel.width]
  let weight = try context.weight(
    shape, outputAxis: transposed ? 1 : 0, context.weightInitializer(shape, isConvolution: true))
  var result =
    transposed
    ? try emitTransposed(geometry, outputPadding: size("output_padding"), weight, &context)
    : try emitConvolution(geometry, weight, &context)
  if attributes.bool("bias") == true {
    let bias = try context.bias(output, context.biasInitializer(shape))
    result = try context.emit(BiasAdd(), result, bias)
  }
  return result
}

/// Padding that is not zeros is written out before the convolution.
private func emitConvolution(
  _ geometry: ConvolutionGeometry, _ weight: ValueID, _ context: inout LayerContext
) throws(TypeRuleViolation) -> ValueID {
  guard let mode = context.layer.kind.string("padding_mode").flatMap(PaddingMode.init), mode != .zeros else {
    return try context.emit(Conv2D(geometry), context.input, weight)
  }
  var (input, unpadded) = (context.input, geometry)
  unpadded.padding = 0
  for (axis, amount) in [(3, geometry.padding.width), (2, geometry.padding.height)] {
    input = try context.padded(input, axis: axis, before: amount, after: amount, mode: mode)
  }
  return try context.emit(Conv2D(unpadded), input, weight)
}

/// As PyTorch does, this takes an output padding of the stride and more if it is smaller than the dilation: whole
/// strides of it are what further pixels of the input would make, if they were zeros.
private func emitTransposed(
  _ geometry: ConvolutionGeometry, outputPadding: Size2, _ weight: ValueID, _ context: inout LayerContext
) throws(TypeRuleViolation) -> ValueID {
  var input = context.input
  for (axis, padding, stride, dilation) in [
    (2, outputPadding.height, geometry.stride.height, geometry.dilation.height),
    (3, outputPadding.width, geometry.stride.width, geometry.dilation.width),
  ] {
    guard padding < max(stride, dilation) else {
      throw TypeRuleViolation(
        .outputPaddingTooLarge,
        ["op": "conv_transpose2d", "value": "\(padding)", "limit": "\(max(stride, dilation))"])
    }
    let pixels = padding / stride
    if pixels > 0 { input = try context.emit(Pad(axis: axis, before: 0, after: pixels), input) }
  }
  let rest = Size2(
    outputPadding.height % geometry.stride.height, outputPadding.width % geometry.stride.width)
  return try context.emit(ConvTranspose2D(geometry, outputPadding: rest), input, weight)
}

/// Throws when an attribute that repeats what is inferred says something else.
func checkDeclared(
  _ attribute: String, _ actual: Int, _ context: LayerContext
) throws(TypeRuleViolation) {
  guard let declared = context.layer.kind.int(attribute), declared != actual else { return }
  throw TypeRuleViolation(
    .declaredChannels,
    [
      "attribute": attribute, "layer": context.layer.kind.name.value, "declared": "\(declared)",
      "actual": "\(actual)",
    ], operand: 0)
}
