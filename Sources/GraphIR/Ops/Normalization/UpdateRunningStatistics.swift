import Diagnostics

/// The running statistics after one more batch: (1 − momentum)·old + momentum·new, the variance made
/// unbiased (n / (n − 1)) first.
///
/// Four times `[C]` → the new running mean and variance `[C]`.
/// Source: PyTorch `native/Normalization.cpp`.
public struct UpdateRunningStatistics: OpDefinition {
  public var momentum = 0.1
  /// H·W of the normalised tensor: n is this times the batch.
  public var valuesPerImage = 1

  public init() {}
  public init(momentum: Double, valuesPerImage: Int) {
    self.momentum = momentum
    self.valuesPerImage = valuesPerImage
  }

  public static let signature = OpSignature(
    operands: ["running_mean", "running_variance", "mean", "variance"],
    results: ["new_mean", "new_variance"])
  public static let differentiability = Differentiability.nonDifferentiable(
    "running statistics are read by inference alone")
  public static let fields: [AttributeField<Self>] = [
    .init("momentum", \.momentum), .init("values_per_image", \.valuesPerImage),
  ]
  public var op: Op { .updateRunningStatistics(self) }
  public var mnemonic: String { "update_running_statistics" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    for index in 1...3 where !operands[index].hasSameShape(as: operands[0]) {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[index].description],
        operand: index)
    }
    return [operands[0], operands[1]]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .parameters }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    [result]
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let count = Double(batch * valuesPerImage)
    let unbiased = x[3].map { $0 * count / (count - 1) }
    func blend(_ old: Double, _ new: Double) -> Double { (1 - momentum) * old + momentum * new }
    return [x[0].zip(x[2], blend), x[1].zip(unbiased, blend)]
  }

  public static let samples = [
    OpSample(UpdateRunningStatistics(momentum: 0.1, valuesPerImage: 12), [[5], [5], [5], [5]])
  ]
}
