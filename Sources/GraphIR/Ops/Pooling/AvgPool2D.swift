import Diagnostics

/// The average of each window: input `[N, C, H, W]` → `[N, C, H', W']`.
public struct AvgPool2D: OpDefinition {
  public var geometry = PoolingGeometry()
  /// Whether the padding's zeros count in the divisor.
  public var countIncludePad = true

  public init() {}
  public init(kernelSize: Size2, stride: Size2, padding: Size2 = 0, countIncludePad: Bool = true) {
    geometry = PoolingGeometry(kernelSize: kernelSize, stride: stride, padding: padding)
    self.countIncludePad = countIncludePad
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.geometry.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding), .init("count_include_pad", \.countIncludePad),
  ]
  public var op: Op { .avgPool2D(self) }
  public var mnemonic: String { "avg_pool2d" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [try geometry.inferType(operands[0], op: mnemonic)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let shape = context.type(of: context.operand(0)).shape
    let adjoint = AvgPool2DGradient(
      kernelSize: geometry.kernelSize, stride: geometry.stride, padding: geometry.padding,
      countIncludePad: countIncludePad,
      inputSize: Size2(shape[2].fixedExtent ?? 0, shape[3].fixedExtent ?? 0))
    context.contribute(context.emit(adjoint, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferencePooling.average(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(AvgPool2D(kernelSize: 2, stride: 2), [[2, 3, 4, 6]]),
    OpSample(AvgPool2D(kernelSize: 3, stride: 2, padding: 1), [[2, 3, 5, 6]]),
    OpSample(
      AvgPool2D(kernelSize: Size2(3, 2), stride: 1, padding: 1, countIncludePad: false), [[1, 2, 4, 5]]),
  ]
}
