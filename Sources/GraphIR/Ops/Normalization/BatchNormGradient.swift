import Diagnostics

/// The cotangents of `batch_norm_train`, given its output's.
///
/// cotangent and input `[N, C, …]`, weight, mean and variance `[C]` → input_gradient of the input's
/// shape, weight_gradient and bias_gradient `[C]`. With x̂ = (x − mean)·r, r = 1/√(variance + eps):
/// input_gradient = weight·r·(g − mean(g) − x̂·mean(g·x̂)), weight_gradient = Σ g·x̂, bias_gradient = Σ g.
/// Source: PyTorch `native/Normalization.cpp`.
public struct BatchNormGradient: OpDefinition {
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

  /// Writes the three results out in ordinary ops, and differentiates those.
  public func pullback(_ context: inout PullbackContext) {
    var program = context.builder.graph
    let start = program.nodes.count
    var builder = GraphBuilder(program, origin: context.builder.origin)
    let results = Self.decompose(self, context.node.operands, in: &builder)
    program = builder.graph
    // Walk the emitted nodes backwards, as `differentiate` does for the whole graph.
    var cotangents: [ValueID: ValueID] = [:]
    context.builder.graph = program
    for (result, cotangent) in zip(results, context.cotangents) {
      if let cotangent { cotangents[result] = cotangent }
    }
    for node in program.nodes[start...].reversed() {
      let own = node.results.map { cotangents[$0] }
      if own.allSatisfy({ $0 == nil }) { continue }
      var inner = PullbackContext(
        builder: context.builder, node: node, cotangents: own,
        needed: Array(repeating: true, count: node.operands.count))
      node.op.definition.pullback(&inner)
      context.builder = inner.builder
      for (operand, cotangent) in zip(node.operands, inner.operandCotangents) {
        guard let cotangent else { continue }
        if let sum = cotangents[operand] {
          cotangents[operand] = context.emit(Binary(.add), sum, cotangent)
        } else {
          cotangents[operand] = cotangent
        }
      }
    }
    // A value that stands in two places has one cotangent, which is contributed once.
    for (index, operand) in context.node.operands.enumerated() where context.needed[index] {
      if let cotangent = cotangents.removeValue(forKey: operand) { context.contribute(cotangent, to: index) }
    }
  }

  private static func decompose(
    _ op: Self, _ operands: [ValueID], in builder: inout GraphBuilder
  ) -> [ValueID] {
    let (cotangent, input, weight, mean, variance) = (
      operands[0], operands[1], operands[2], operands[3], operands[4]
    )
    let spread = ChannelSpread(builder.type(of: input))
    let inverse = builder.emit(
      Unary(UnaryFunction(.reciprocal)),
      builder.emit(Unary(UnaryFunction(.sqrt)), builder.emit(Affine(offset: op.eps), variance)))
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

  public static let samples = [
    OpSample(
      BatchNormGradient(eps: 1e-5), [[3, 4, 3, 5], [3, 4, 3, 5], [4], [4], [4]],
      overrides: [4: .uniform(0.5...2)], tolerance: 1e-5)
  ]
}
