import Diagnostics

/// Adam, or AdamW where the weight decay is decoupled, for any number of parameters.
///
/// step `i64[]` (counted from one), factor `[]` of the learning rate, then per parameter (parameter, gradient, m, v) → (parameter, m, v).
/// m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= (lr / (1 − β₁ᵗ)) · m / (√v / √(1 − β₂ᵗ) + eps); the
/// corrections in double. Weight decay is added to the gradient, or multiplied into the parameter first.
/// Source: PyTorch `optim/adam.py`, `optim/adamw.py`.
public struct Adam: OptimizerOp {
  public var learningRate = 0.001
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var eps = 1e-8
  public var weightDecay = 0.0
  public var isDecoupled = false

  public init() {}
  public init(
    learningRate: Double, beta1: Double, beta2: Double, eps: Double = 1e-8, weightDecay: Double = 0,
    isDecoupled: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
  }

  public static let signature = OpSignature(
    operands: ["step", "factor", "parameter", "gradient", "m", "v"],
    results: ["new_parameter", "new_m", "new_v"], repeatsFrom: 2, repeatsResults: true, counters: [0])
  public static let fields: [AttributeField<Self>] = [
    .init("lr", \.learningRate), .init("beta1", \.beta1), .init("beta2", \.beta2), .init("eps", \.eps),
    .init("weight_decay", \.weightDecay), .init("decoupled", \.isDecoupled),
  ]
  public var op: Op { .adam(self) }
  public var mnemonic: String { "adam" }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    ReferenceOptimizers.adam(self, x)
  }

  public static let samples = [
    OpSample(
      Adam(learningRate: 0.01, beta1: 0.5, beta2: 0.999, weightDecay: 0.1),
      [[], [], [3, 5], [3, 5], [3, 5], [3, 5]], overrides: [0: .uniform(3...3), 5: .uniform(0...1)]),
    OpSample(
      Adam(learningRate: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0.1, isDecoupled: true),
      [[], [], [7], [7], [7], [7], [2, 3], [2, 3], [2, 3], [2, 3]],
      overrides: [0: .uniform(1...1), 5: .uniform(0...1), 9: .uniform(0...1)]),
  ]
}
