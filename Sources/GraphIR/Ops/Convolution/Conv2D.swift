import Diagnostics

/// Two-dimensional convolution (cross-correlation, as in every framework).
///
/// input `[N, Cin, H, W]`, weight `[Cout, Cin/groups, kh, kw]` → `[N, Cout, H', W']`,
/// H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1.
/// Source: PyTorch `nn/modules/conv.py`.
public struct Conv2D: ConvolutionOp {
  public var geometry = ConvolutionGeometry()

  public init() {}
  public init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  public static let signature = OpSignature(
    operands: ["input", "weight"], results: ["output"], parametersFrom: 1)
  public static let fields: [AttributeField<Self>] = [
    .init("stride", \.geometry.stride), .init("padding", \.geometry.padding),
    .init("dilation", \.geometry.dilation), .init("groups", \.geometry.groups),
  ]
  public var op: Op { .conv2D(self) }
  public var mnemonic: String { "conv2d" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try geometry.checkRanges(of: mnemonic)
    let input = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    let weight = try WeightExtents(operands[1], of: mnemonic)
    guard weight.first % geometry.groups == 0 else {
      throw TypeRuleViolation(
        .groupsDoNotDivide,
        [
          "op": mnemonic, "groups": "\(geometry.groups)", "channels": "\(weight.first)",
          "which": "output",
        ])
    }
    guard weight.secondPerGroup * geometry.groups == input.channels else {
      throw TypeRuleViolation(
        .channelMismatch,
        [
          "op": mnemonic, "expected": "\(weight.secondPerGroup * geometry.groups)",
          "actual": "\(input.channels)",
        ], operand: 0)
    }
    let output = geometry.small(large: input.size, kernel: weight.kernel)
    guard output.height > 0, output.width > 0 else {
      let padded = Size2(
        input.size.height + 2 * geometry.padding.height, input.size.width + 2 * geometry.padding.width)
      throw TypeRuleViolation(
        .kernelTooLarge,
        ["op": mnemonic, "kernel": weight.kernel.crossText, "input": padded.crossText], operand: 0)
    }
    return [
      TensorType([operands[0].shape[0], .fixed(weight.first), .fixed(output.height), .fixed(output.width)])
    ]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    let input = context.type(of: context.operand(0))
    let weight = context.type(of: context.operand(1))
    if context.needed[0] {
      let adjoint = ConvTranspose2D(
        geometry, producing: input, from: context.type(of: cotangent), weight: weight)
      context.contribute(context.emit(adjoint, cotangent, context.operand(1)), to: 0)
    }
    if context.needed[1] {
      let gradient = Conv2DWeightGradient(geometry, weight: weight)
      context.contribute(context.emit(gradient, context.operand(0), cotangent), to: 1)
    }
  }

  public var layouts: OpLayouts { .convolution }

  public var asFusable: FusedConvolution { FusedConvolution(self) }

  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int {
    convolutionMultiplyAdds(small: results[0], weight: operands[1], batch: batch)
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceConvolution.forward(geometry, x[0], x[1], result: results[0])]
  }

  public static let samples = [
    OpSample(Conv2D(.init(stride: 2, padding: 1)), [[2, 3, 6, 8], [4, 3, 4, 4]]),
    OpSample(Conv2D(), [[1, 2, 5, 5], [3, 2, 3, 3]]),
    OpSample(
      Conv2D(.init(stride: Size2(2, 1), padding: Size2(0, 2), dilation: Size2(1, 2), groups: 2)),
      [[2, 4, 7, 5], [6, 2, 3, 2]]),
    OpSample(Conv2D(.init(stride: 3, padding: 1, groups: 3)), [[3, 3, 9, 8], [3, 1, 4, 4]]),
    OpSample(Conv2D(.init(stride: 2, padding: 1)), [[2, 5, 9, 7], [17, 5, 3, 3]]),
    OpSample(Conv2D(), [[3, 7, 4, 4], [1, 7, 4, 4]]),
    OpSample(Conv2D(), [[3, 7, 3, 4], [9, 7, 1, 1]]),
  ]
}
