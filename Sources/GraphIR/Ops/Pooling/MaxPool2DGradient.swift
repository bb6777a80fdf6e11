import Diagnostics

/// Each window's cotangent added to the pixel that was its maximum.
///
/// cotangent `[N, C, H', W']`, input `[N, C, H, W]` → output of the input's shape. Linear in the
/// cotangent; which pixel wins does not change with a small change of the input.
public struct MaxPool2DGradient: OpDefinition {
  public var geometry = PoolingGeometry()

  public init() {}
  public init(_ geometry: PoolingGeometry) { self.geometry = geometry }
  public init(kernelSize: Size2, stride: Size2, padding: Size2 = 0) {
    geometry = PoolingGeometry(kernelSize: kernelSize, stride: stride, padding: padding)
  }

  public static let signature = OpSignature(operands: ["cotangent", "input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.geometry.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding),
  ]
  public var op: Op { .maxPool2DGradient(self) }
  public var mnemonic: String { "max_pool2d_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let pooled = try geometry.inferType(operands[1], op: mnemonic)
    guard pooled.hasSameShape(as: operands[0]) else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": pooled.description], operand: 0)
    }
    return [operands[1]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(
      context.emit(MaxPool2DGather(geometry), cotangent, context.operand(1)), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferencePooling.maximumGradient(geometry, x[0], x[1])]
  }

  public static let samples = [
    OpSample(MaxPool2DGradient(), [[2, 3, 2, 3], [2, 3, 4, 6]], overrides: [1: .distinct]),
    OpSample(
      MaxPool2DGradient(.init(kernelSize: 3, stride: 2, padding: 1)), [[2, 3, 3, 3], [2, 3, 5, 6]],
      overrides: [1: .distinct]),
  ]
}
