import Diagnostics

/// Transposed convolution: the adjoint of `conv2d` with the same weights.
///
/// input `[N, Cin, H, W]`, weight `[Cin, Cout/groups, kh, kw]` → `[N, Cout, H', W']`,
/// H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + output_padding + 1.
/// Source: PyTorch `nn/modules/conv.py`.
public struct ConvTranspose2D: ConvolutionOp {
  public var geometry = ConvolutionGeometry()
  /// Rows and columns that `stride` leaves undecided, added at the lower and right edge; fewer than
  /// `stride`, so that a convolution leads back to the input's size. They are computed like all others.
  public var outputPadding: Size2 = 0

  public init() {}

  public init(_ geometry: ConvolutionGeometry, outputPadding: Size2 = 0) {
    self.geometry = geometry
    self.outputPadding = outputPadding
  }

  /// The adjoint of the convolution that maps `large` to `small`.
  init(
    _ geometry: ConvolutionGeometry, producing large: TensorType, from small: TensorType, weight: TensorType
  ) {
    func extent(_ type: TensorType, _ axis: Int) -> Int { type.shape[axis].fixedExtent ?? 0 }
    let least = geometry.large(
      small: Size2(extent(small, 2), extent(small, 3)), kernel: Size2(extent(weight, 2), extent(weight, 3)))
    self.init(
      geometry,
      outputPadding: Size2(extent(large, 2) - least.height, extent(large, 3) - least.width))
  }

  public static let signature = OpSignature(
    operands: ["input", "weight"], results: ["output"], parametersFrom: 1)
  public static let fields: [AttributeField<Self>] = [
    .init("stride", \.geometry.stride), .init("padding", \.geometry.padding),
    .init("output_padding", \.outputPadding), .init("dilation", \.geometry.dilation),
    .init("groups", \.geometry.groups),
  ]
  public var op: Op { .convTranspose2D(self) }
  public var mnemonic: String { "conv_transpose2d" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try geometry.checkRanges(of: mnemonic)
    let input = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    let weight = try WeightExtents(operands[1], of: mnemonic)
    guard weight.first == input.channels else {
      throw TypeRuleViolation(
        .channelMismatch,
        ["op": mnemonic, "expected": "\(weight.first)", "actual": "\(input.channels)"], operand: 0)
    }
    guard input.channels % geometry.groups == 0 else {
      throw TypeRuleViolation(
        .groupsDoNotDivide,
        [
          "op": mnemonic, "groups": "\(geometry.groups)", "channels": "\(input.channels)",
          "which": "input",
        ])
    }
    for (padding, stride) in [
      (outputPadding.height, geometry.stride.height), (outputPadding.width, geometry.stride.width),
    ] where padding < 0 || padding >= stride {
      throw TypeRuleViolation(
        .attributeOutOfRange, ["op": mnemonic, "attribute": "output_padding", "value": "\(padding)"])
    }
    let least = geometry.large(small: input.size, kernel: weight.kernel)
    let output = Size2(least.height + outputPadding.height, least.width + outputPadding.width)
    guard output.height > 0, output.width > 0 else {
      throw TypeRuleViolation(
        .emptyOutput, ["op": mnemonic, "output": output.crossText], operand: 0)
    }
    return [
      TensorType([
        operands[0].shape[0], .fixed(weight.secondPerGroup * geometry.groups), .fixed(output.height),
        .fixed(output.width),
      ])
    ]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    if context.needed[0] {
      context.contribute(context.emit(Conv2D(geometry), cotangent, context.operand(1)), to: 0)
    }
    if context.needed[1] {
      let gradient = Conv2DWeightGradient(geometry, weight: context.type(of: context.operand(1)))
      context.contribute(context.emit(gradient, cotangent, context.operand(0)), to: 1)
    }
  }

  public var layouts: OpLayouts { .convolution }

  public var asFusable: FusedConvolution { FusedConvolution(self) }

  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int {
    convolutionMultiplyAdds(small: operands[0], weight: operands[1], batch: batch)
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceConvolution.transposed(geometry, x[0], x[1], result: results[0])]
  }

  public static let samples = [
    OpSample(ConvTranspose2D(.init(stride: 2, padding: 1)), [[2, 4, 3, 5], [4, 3, 4, 4]]),
    OpSample(ConvTranspose2D(), [[2, 5, 1, 1], [5, 6, 4, 4]]),
    OpSample(
      ConvTranspose2D(.init(stride: 2, padding: 1), outputPadding: 1), [[2, 4, 3, 3], [4, 5, 3, 3]]),
    OpSample(
      ConvTranspose2D(
        .init(stride: Size2(3, 2), padding: Size2(1, 0), dilation: Size2(1, 2), groups: 2),
        outputPadding: Size2(2, 1)), [[2, 4, 3, 4], [4, 3, 3, 2]]),
    OpSample(ConvTranspose2D(.init(stride: 2, padding: 1)), [[3, 18, 4, 4], [18, 3, 4, 4]]),
  ]
}
