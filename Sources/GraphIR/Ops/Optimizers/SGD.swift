import Diagnostics

/// Stochastic gradient descent with momentum, for any number of parameters.
///
/// step `i64[]` (counted from one), factor `[]` of the learning rate, then per parameter (parameter, gradient, momentum_buffer) →
/// (parameter, momentum_buffer). At the first step the buffer is the gradient;
/// without momentum it stays as it is.
/// Source: PyTorch `optim/sgd.py`.
public struct SGD: OptimizerOp {
  public var learningRate = 0.01
  public var momentum = 0.0
  public var dampening = 0.0
  public var weightDecay = 0.0
  public var isNesterov = false

  public init() {}
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    isNesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  public static let signature = OpSignature(
    operands: ["step", "factor", "parameter", "gradient", "momentum_buffer"],
    results: ["new_parameter", "new_momentum_buffer"], repeatsFrom: 2, repeatsResults: true, counters: [0])
  public static let fields: [AttributeField<Self>] = [
    .init("lr", \.learningRate), .init("momentum", \.momentum), .init("dampening", \.dampening),
    .init("weight_decay", \.weightDecay), .init("nesterov", \.isNesterov),
  ]
  public var op: Op { .sgd(self) }
  public var mnemonic: String { "sgd" }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    ReferenceOptimizers.sgd(self, x)
  }

  public static let samples = [
    OpSample(
      SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, isNesterov: true),
      [[], [], [3, 5], [3, 5], [3, 5]], overrides: [0: .uniform(1...1)]),
    OpSample(
      SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.3), [[], [], [7], [7], [7]],
      overrides: [0: .uniform(4...4)]),
    OpSample(
      SGD(learningRate: 0.1, weightDecay: 0.01), [[], [], [7], [7], [7]], overrides: [0: .uniform(1...1)]),
  ]
}
