import Diagnostics

/// The cotangents of `batch_norm_train`, given its output's.
///
/// cotangent and input `[N, C, …]`, weight, mean and variance `[C]` → input_gradient of the input's
/// shape, weight_gradient and bias_gradient `[C]`. With x̂ = (x − mean)·r, r = 1/√(variance + eps):
/// input_gradient = weight·r·(g − mean(g) − x̂·mean(g·x̂)), weight_gradient = Σ g·x̂, bias_gradient = Σ g.
/// Source: PyTorch `native/Normalization.cpp`.
public struct BatchNormGradient: DecomposableOp {
  public var eps = 1e-5

  public init() {}
  public init(eps: Double) { self.eps = eps }

  public static let signature = OpSignature(
    operands: ["cotangent", "input", "weight", "mean", "variance"],
    results: ["input_gradient", "weight_gradient", "bias_gradient"])
  public static let fields: [AttributeField<Self>] = [.init("eps", \.eps)]
  public var op: Op { .batchNormGradient(self) }
  public var mnemonic: String { "batch_norm_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].hasSameShape(as: operands[1]) else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[1].description])
    }
    for index in 2...4 {
      try checkPerChannel(operands[index], of: operands[1], op: mnemonic, operand: index)
    }
    return [operands[1], operands[2], operands[2]]
  }

  public func decompose(_ operands: [ValueID], in builder: inout GraphBuilder) -> [ValueID] {
    let (cotangent, input, weight, mean, variance) = (
      operands[0], operands[1], operands[2], operands[3], operands[4]
    )
    let spread = ChannelSpread(builder.type(of: input))
    let inverse = builder.emit(
      Unary(UnaryFunction(.reciprocal)),
      builder.emit(Unary(UnaryFunction(.sqrt)), builder.emit(Affine(offset: eps), variance)))
    let centred = builder.emit(Binary(.subtract), input, builder.emit(spread.broadcast, mean))
    let normalized = builder.emit(Binary(.multiply), centred, builder.emit(spread.broadcast, inverse))
    let product = builder.emit(Binary(.multiply), cotangent, normalized)
    let weightGradient = builder.emit(spread.sum, product)
    let biasGradient = builder.emit(spread.sum, cotangent)
    let meanCotangent = builder.emit(spread.broadcast, builder.emit(spread.mean, cotangent))
    let meanProduct = builder.emit(spread.broadcast, builder.emit(spread.mean, product))
    let without = builder.emit(Binary(.subtract), cotangent, meanCotangent)
    let inner = builder.emit(
      Binary(.subtract), without, builder.emit(Binary(.multiply), normalized, meanProduct))
    let scale = builder.emit(spread.broadcast, builder.emit(Binary(.multiply), weight, inverse))
    return [builder.emit(Binary(.multiply), inner, scale), weightGradient, biasGradient]
  }

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0, 1] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    ReferenceBatchNorm.gradient(x[0], x[1], weight: x[2], mean: x[3], variance: x[4], eps: eps)
  }

  public static let samples = [
    OpSample(
      BatchNormGradient(eps: 1e-5), [[3, 4, 3, 5], [3, 4, 3, 5], [4], [4], [4]],
      overrides: [4: .uniform(0.5...2)], tolerance: 1e-5)
  ]
}
