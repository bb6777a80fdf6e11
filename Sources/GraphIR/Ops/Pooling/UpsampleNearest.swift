import Diagnostics

/// Each pixel repeated `scale` times: input `[N, C, H, W]` → `[N, C, H·sh, W·sw]`.
public struct UpsampleNearest: OpDefinition {
  public var scale: Size2 = 2

  public init() {}
  public init(scale: Size2) { self.scale = scale }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("scale", \.scale)]
  public var op: Op { .upsampleNearest(self) }
  public var mnemonic: String { "upsample_nearest" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try scale.checkRange(from: 1, "scale", of: mnemonic)
    let input = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    return [
      TensorType([
        operands[0].shape[0], .fixed(input.channels), .fixed(input.size.height * scale.height),
        .fixed(input.size.width * scale.width),
      ])
    ]
  }

  /// The sum over each pixel's copies: their average, times how many they are.
  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let average = context.emit(AvgPool2D(kernelSize: scale, stride: scale), cotangent)
    let sum = context.emit(Affine(scale: Double(scale.height * scale.width)), average)
    context.contribute(sum, to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.upsample(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(UpsampleNearest(scale: 2), [[2, 3, 3, 4]]),
    OpSample(UpsampleNearest(scale: Size2(3, 1)), [[1, 2, 2, 3]]),
  ]
}
