import Diagnostics

/// Normalisation and activation in one pass:
/// activation((input − mean) / √(variance + eps) · weight + bias).
///
/// input `[N, C, …]`, the others `[C]` → output of the input's shape.
public struct BatchNormApply: OpDefinition {
  public var eps = 1e-5
  public var activation: UnaryFunction?

  public init() {}
  public init(eps: Double, activation: UnaryFunction?) {
    self.eps = eps
    self.activation = activation
  }

  public static let signature = OpSignature(
    operands: ["input", "weight", "bias", "mean", "variance"], results: ["output"], parametersFrom: 1)
  public static let differentiability = madeAfterDifferentiation
  public static let fields: [AttributeField<Self>] = [
    .init("eps", \.eps), .init("activation", \.activation),
  ]
  public var op: Op { .batchNormApply(self) }
  public var mnemonic: String { "batch_norm_apply" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try BatchNormInfer(eps: eps).inferTypes(operands)
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [
      ReferenceBatchNorm.apply(
        x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], eps: eps, activation: activation)
    ]
  }

  public static let samples = [
    OpSample(
      BatchNormApply(eps: 1e-5, activation: .relu), [[3, 4, 3, 5], [4], [4], [4], [4]],
      overrides: [4: .uniform(0.5...2)]),
    OpSample(
      BatchNormApply(eps: 1e-3, activation: nil), [[3, 4], [4], [4], [4], [4]],
      overrides: [4: .uniform(0.5...2)]),
    OpSample(
      BatchNormApply(eps: 1e-5, activation: .leakyReLU(slope: 0.2)), [[1, 9, 2, 2], [9], [9], [9], [9]],
      overrides: [4: .uniform(0.5...2)]),
  ]
}
