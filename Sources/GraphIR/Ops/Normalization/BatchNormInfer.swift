import Diagnostics

/// Batch norm with given statistics: (input − mean) / √(variance + eps) · weight + bias.
///
/// input `[N, C, …]`, the others `[C]` → output of the input's shape.
public struct BatchNormInfer: OpDefinition {
  public var eps = 1e-5

  public init() {}
  public init(eps: Double) { self.eps = eps }

  public static let signature = OpSignature(
    operands: ["input", "weight", "bias", "mean", "variance"], results: ["output"], parametersFrom: 1)
  public static let fields: [AttributeField<Self>] = [.init("eps", \.eps)]
  public var op: Op { .batchNormInfer(self) }
  public var mnemonic: String { "batch_norm_infer" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    for index in 1...4 {
      try checkPerChannel(operands[index], of: operands[0], op: mnemonic, operand: index)
    }
    return [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    let spread = ChannelSpread(context.type(of: context.operand(0)))
    let (input, weight) = (context.operand(0), context.operand(1))
    let inverse = context.emit(
      Unary(UnaryFunction(.reciprocal)),
      context.emit(
        Unary(UnaryFunction(.sqrt)), context.emit(Affine(offset: eps), context.operand(4))))
    let scale = context.emit(Binary(.multiply), weight, inverse)
    let spreadScale = context.emit(spread.broadcast, scale)
    let towardsInput = context.emit(Binary(.multiply), cotangent, spreadScale)
    context.contribute(towardsInput, to: 0)
    let centred = context.emit(
      Binary(.subtract), input, context.emit(spread.broadcast, context.operand(3)))
    let correlation = context.emit(spread.sum, context.emit(Binary(.multiply), cotangent, centred))
    let towardsWeight = context.emit(Binary(.multiply), correlation, inverse)
    context.contribute(towardsWeight, to: 1)
    context.contribute(context.emit(spread.sum, cotangent), to: 2)
    if context.needed[3] {
      let sum = context.emit(spread.sum, towardsInput)
      context.contribute(context.emit(Affine(scale: -1), sum), to: 3)
    }
    if context.needed[4] {
      // ∂(v + eps)^−½/∂v = −½·(v + eps)^−3/2.
      let cube = context.emit(
        Binary(.multiply), context.emit(Unary(UnaryFunction(.square)), inverse), scale)
      let product = context.emit(Binary(.multiply), correlation, cube)
      context.contribute(context.emit(Affine(scale: -0.5), product), to: 4)
    }
  }

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceBatchNorm.apply(x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], eps: eps)]
  }

  public static let samples = [
    OpSample(
      BatchNormInfer(eps: 1e-5), [[3, 4, 3, 5], [4], [4], [4], [4]], overrides: [4: .uniform(0.5...2)])
  ]
}
