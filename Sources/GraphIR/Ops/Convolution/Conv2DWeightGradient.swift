import Diagnostics

/// The gradient of a convolution's weight: how each weight's pair of images correlates.
///
/// large `[N, Cl, H, W]`, small `[N, Cs, H', W']` → `[Cs, Cl/groups, kh, kw]`. For `conv2d` the large
/// image is its input and the small one its output's cotangent; for `conv_transpose2d` the reverse.
/// It is linear in both images, so its own gradients are the two other convolution ops. With the
/// optional `accumulator`, of the result's shape, the result is their sum.
public struct Conv2DWeightGradient: OpDefinition {
  public var geometry = ConvolutionGeometry()
  /// The kernel's size, which the operands alone do not tell.
  public var kernelSize: Size2 = 1

  public init() {}

  public init(_ geometry: ConvolutionGeometry, kernelSize: Size2) {
    self.geometry = geometry
    self.kernelSize = kernelSize
  }

  init(_ geometry: ConvolutionGeometry, weight: TensorType) {
    self.init(
      geometry, kernelSize: Size2(weight.shape[2].fixedExtent ?? 0, weight.shape[3].fixedExtent ?? 0))
  }

  public static let signature = OpSignature(
    operands: ["large", "small", "accumulator"], results: ["weight_gradient"], optionalOperands: 1)
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding), .init("dilation", \.geometry.dilation),
    .init("groups", \.geometry.groups),
  ]
  public var op: Op { .conv2DWeightGradient(self) }
  public var mnemonic: String { "conv2d_weight_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try geometry.checkRanges(of: mnemonic)
    try kernelSize.checkRange(from: 1, "kernel_size", of: mnemonic)
    let large = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    let small = try ImageExtents(operands[1], of: mnemonic, operand: 1)
    for (channels, which) in [(large.channels, "input"), (small.channels, "output")]
    where channels % geometry.groups != 0 {
      throw TypeRuleViolation(
        .groupsDoNotDivide,
        ["op": mnemonic, "groups": "\(geometry.groups)", "channels": "\(channels)", "which": which])
    }
    guard operands[0].shape[0] == operands[1].shape[0],
      geometry.small(large: large.size, kernel: kernelSize) == small.size
    else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[1].description])
    }
    let result = TensorType([
      .fixed(small.channels), .fixed(large.channels / geometry.groups), .fixed(kernelSize.height),
      .fixed(kernelSize.width),
    ])
    if operands.count > 2, !operands[2].hasSameShape(as: result) {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": result.description, "second": operands[2].description], operand: 2)
    }
    return [result]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    let large = context.operand(0)
    let small = context.operand(1)
    if context.needed[0] {
      let adjoint = ConvTranspose2D(
        geometry, producing: context.type(of: large), from: context.type(of: small),
        weight: context.type(of: cotangent))
      context.contribute(context.emit(adjoint, small, cotangent), to: 0)
    }
    if context.needed[1] {
      context.contribute(context.emit(Conv2D(geometry), large, cotangent), to: 1)
    }
    if context.node.operands.count > 2 { context.contribute(cotangent, to: 2) }
  }

  public var layouts: OpLayouts { OpLayouts(operands: .weight(at: 2), results: .always(.rowMajor)) }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    operandCount > 2 ? [2] : []
  }

  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int {
    convolutionMultiplyAdds(small: operands[1], weight: results[0], batch: batch)
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let gradient = ReferenceConvolution.weightGradient(geometry, x[0], x[1], result: results[0])
    return [x.count > 2 ? x[2].zip(gradient, +) : gradient]
  }

  public static let samples = [
    OpSample(
      Conv2DWeightGradient(.init(stride: 2, padding: 1), kernelSize: 4), [[2, 3, 6, 8], [2, 4, 3, 4]]),
    OpSample(
      Conv2DWeightGradient(
        .init(stride: Size2(2, 1), padding: Size2(0, 2), dilation: Size2(1, 2), groups: 2),
        kernelSize: Size2(3, 2)), [[2, 4, 7, 5], [2, 6, 3, 7]]),
    OpSample(Conv2DWeightGradient(.init(), kernelSize: 4), [[3, 7, 4, 4], [3, 1, 1, 1]]),
    OpSample(
      Conv2DWeightGradient(.init(stride: 2, padding: 1), kernelSize: 3),
      [[2, 3, 5, 5], [2, 4, 3, 3], [4, 3, 3, 3]]),
  ]
}
