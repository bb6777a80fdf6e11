import Diagnostics

/// The cotangents of a batch norm that an activation follows, given the activation's output's: the
/// activation's derivative is taken again from the normalised input, so that neither the normalised
/// tensor nor the cotangent between the two is stored.
///
/// cotangent and input `[N, C, …]`, weight, bias, mean and variance `[C]` → input_gradient,
/// weight_gradient, bias_gradient.
public struct BatchNormActivationGradient: OpDefinition {
  public var eps = 1e-5
  public var activation = UnaryFunction.relu

  public init() {}
  public init(eps: Double, activation: UnaryFunction) {
    self.eps = eps
    self.activation = activation
  }

  public static let signature = OpSignature(
    operands: ["cotangent", "input", "weight", "bias", "mean", "variance"],
    results: ["input_gradient", "weight_gradient", "bias_gradient"])
  public static let differentiability = madeAfterDifferentiation
  public static let fields: [AttributeField<Self>] = [
    .init("eps", \.eps), .init("activation", \.activation),
  ]
  public var op: Op { .batchNormActivationGradient(self) }
  public var mnemonic: String { "batch_norm_activation_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    _ = try checkPerChannel(operands[3], of: operands[1], op: mnemonic, operand: 3)
    return try BatchNormGradient(eps: eps).inferTypes(
      [operands[0], operands[1], operands[2], operands[4], operands[5]])
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0, 1] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let normalized = ReferenceBatchNorm.apply(
      x[1], weight: x[2], bias: x[3], mean: x[4], variance: x[5], eps: eps)
    let read = activation.reads == .input ? normalized : normalized.map { activation($0) }
    return ReferenceBatchNorm.gradient(
      x[0].zip(read) { $0 * activation.derivative($1) }, x[1], weight: x[2], mean: x[4],
      variance: x[5], eps: eps)
  }

  public static let samples = [
    OpSample(
      BatchNormActivationGradient(eps: 1e-5, activation: .leakyReLU(slope: 0.2)),
      [[3, 4, 3, 5], [3, 4, 3, 5], [4], [4], [4], [4]], overrides: [5: .uniform(0.5...2)],
      tolerance: 1e-5),
    OpSample(
      BatchNormActivationGradient(eps: 1e-5, activation: .relu),
      [[6, 5], [6, 5], [5], [5], [5], [5]], overrides: [5: .uniform(0.5...2)], tolerance: 1e-5),
  ]
}
