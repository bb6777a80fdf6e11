import Diagnostics

/// A tensor read where another one has each window's maximum: the adjoint of `max_pool2d_gradient`.
///
/// tensor and input `[N, C, H, W]` → `[N, C, H', W']`.
public struct MaxPool2DGather: OpDefinition {
  public var geometry = PoolingGeometry()

  public init() {}
  public init(_ geometry: PoolingGeometry) { self.geometry = geometry }
  public init(kernelSize: Size2, stride: Size2, padding: Size2 = 0) {
    geometry = PoolingGeometry(kernelSize: kernelSize, stride: stride, padding: padding)
  }

  public static let signature = OpSignature(operands: ["tensor", "input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.geometry.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding),
  ]
  public var op: Op { .maxPool2DGather(self) }
  public var mnemonic: String { "max_pool2d_gather" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].hasSameShape(as: operands[1]) else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[1].description])
    }
    return [try geometry.inferType(operands[1], op: mnemonic)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(
      context.emit(MaxPool2DGradient(geometry), cotangent, context.operand(1)), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferencePooling.maximum(geometry, of: x[0], chosenBy: x[1], result: results[0])]
  }

  public static let samples = [
    OpSample(MaxPool2DGather(), [[2, 3, 4, 6], [2, 3, 4, 6]], overrides: [1: .distinct]),
    OpSample(
      MaxPool2DGather(.init(kernelSize: 3, stride: 2, padding: 1)), [[2, 3, 5, 6], [2, 3, 5, 6]],
      overrides: [1: .distinct]),
  ]
}
