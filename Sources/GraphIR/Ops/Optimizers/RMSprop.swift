import Diagnostics

/// RMSprop, for any number of parameters.
///
/// step `i64[]` (counted from one), factor `[]` of the learning rate, then per parameter (parameter, gradient, square_average,
/// momentum_buffer, gradient_average) → the group without the gradient. eps is added to the root.
/// Without momentum, or uncentred, the buffer or the average stays as it is.
/// Source: PyTorch `optim/rmsprop.py`.
public struct RMSprop: OptimizerOp {
  public var learningRate = 0.01
  public var alpha = 0.99
  public var eps = 1e-8
  public var weightDecay = 0.0
  public var momentum = 0.0
  public var isCentered = false

  public init() {}
  public init(
    learningRate: Double, alpha: Double = 0.99, eps: Double = 1e-8, weightDecay: Double = 0,
    momentum: Double = 0, isCentered: Bool = false
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.eps = eps
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentered = isCentered
  }

  public static let signature = OpSignature(
    operands: [
      "step", "factor", "parameter", "gradient", "square_average", "momentum_buffer", "gradient_average",
    ],
    results: ["new_parameter", "new_square_average", "new_momentum_buffer", "new_gradient_average"],
    repeatsFrom: 2, repeatsResults: true, counters: [0])
  public static let fields: [AttributeField<Self>] = [
    .init("lr", \.learningRate), .init("alpha", \.alpha), .init("eps", \.eps),
    .init("weight_decay", \.weightDecay), .init("momentum", \.momentum), .init("centered", \.isCentered),
  ]
  public var op: Op { .rmsprop(self) }
  public var mnemonic: String { "rmsprop" }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    ReferenceOptimizers.rmsprop(self, x)
  }

  public static let samples = [
    OpSample(
      RMSprop(learningRate: 0.01, weightDecay: 0.01, momentum: 0.9, isCentered: true),
      [[], [], [3, 5], [3, 5], [3, 5], [3, 5], [3, 5]],
      overrides: [0: .uniform(2...2), 4: .uniform(2...3), 6: .uniform(-0.5...0.5)], tolerance: 1e-5),
    OpSample(
      RMSprop(learningRate: 0.01), [[], [], [7], [7], [7], [7], [7]],
      overrides: [0: .uniform(2...2), 4: .uniform(0...1)], tolerance: 1e-5),
  ]
}
