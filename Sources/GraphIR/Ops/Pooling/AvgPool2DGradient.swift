import Diagnostics

/// The adjoint of `avg_pool2d`: each window's cotangent shared out to its pixels.
///
/// cotangent `[N, C, H', W']` → `[N, C, H, W]` of `input_size`.
public struct AvgPool2DGradient: OpDefinition {
  public var geometry = PoolingGeometry()
  public var countIncludePad = true
  public var inputSize: Size2 = 1

  public init() {}
  public init(
    kernelSize: Size2, stride: Size2, padding: Size2 = 0, countIncludePad: Bool = true, inputSize: Size2
  ) {
    geometry = PoolingGeometry(kernelSize: kernelSize, stride: stride, padding: padding)
    self.countIncludePad = countIncludePad
    self.inputSize = inputSize
  }

  public static let signature = OpSignature(operands: ["cotangent"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.geometry.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding), .init("count_include_pad", \.countIncludePad),
    .init("input_size", \.inputSize),
  ]
  public var op: Op { .avgPool2DGradient(self) }
  public var mnemonic: String { "avg_pool2d_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try geometry.checkRanges(of: mnemonic)
    try inputSize.checkRange(from: 1, "input_size", of: mnemonic)
    let cotangent = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    guard geometry.pooled(inputSize) == cotangent.size else {
      throw TypeRuleViolation(
        .operandsDiffer,
        [
          "op": mnemonic, "first": geometry.pooled(inputSize).crossText,
          "second": cotangent.size.crossText,
        ])
    }
    return [
      TensorType([
        operands[0].shape[0], .fixed(cotangent.channels), .fixed(inputSize.height),
        .fixed(inputSize.width),
      ])
    ]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    var pool = AvgPool2D()
    pool.geometry = geometry
    pool.countIncludePad = countIncludePad
    context.contribute(context.emit(pool, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferencePooling.averageGradient(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(
      AvgPool2DGradient(kernelSize: 3, stride: 2, padding: 1, countIncludePad: false, inputSize: Size2(5, 6)),
      [[2, 3, 3, 3]]),
    OpSample(AvgPool2DGradient(kernelSize: 2, stride: 2, inputSize: Size2(5, 4)), [[2, 3, 2, 2]]),
  ]
}
