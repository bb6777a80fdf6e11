import Diagnostics

/// The largest value of each window: input `[N, C, H, W]` → `[N, C, H', W']`. Padding never wins; of
/// equal values the first in row-major order does. Source: PyTorch `native/MaxPooling`.
public struct MaxPool2D: OpDefinition {
  public var geometry = PoolingGeometry()

  public init() {}
  public init(_ geometry: PoolingGeometry) { self.geometry = geometry }
  public init(kernelSize: Size2, stride: Size2, padding: Size2 = 0) {
    geometry = PoolingGeometry(kernelSize: kernelSize, stride: stride, padding: padding)
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("kernel_size", \.geometry.kernelSize), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding),
  ]
  public var op: Op { .maxPool2D(self) }
  public var mnemonic: String { "max_pool2d" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [try geometry.inferType(operands[0], op: mnemonic)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(
      context.emit(MaxPool2DGradient(geometry), cotangent, context.operand(0)), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferencePooling.maximum(geometry, of: x[0], chosenBy: x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(MaxPool2D(), [[2, 3, 4, 6]], values: .distinct),
    OpSample(
      MaxPool2D(.init(kernelSize: 3, stride: 2, padding: 1)), [[2, 3, 5, 6]], values: .distinct),
  ]
}
