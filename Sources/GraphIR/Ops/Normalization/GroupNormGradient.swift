import Diagnostics

/// The cotangent of `group_norm`'s input, given that of its output.
///
/// cotangent and input `[N, C, …]`, mean and variance `[N, groups]` → a tensor of the input's shape. With
/// d = input − mean, r = 1/√(variance + eps) and means over the group: r·(g − mean(g) − d·r²·mean(g·d)).
public struct GroupNormGradient: DecomposableOp {
  public var groups = 1
  public var eps = 1e-5

  public init() {}
  public init(groups: Int, eps: Double) {
    self.groups = groups
    self.eps = eps
  }

  public static let signature = OpSignature(
    operands: ["cotangent", "input", "mean", "variance"], results: ["input_gradient"])
  public static let fields: [AttributeField<Self>] = [.init("groups", \.groups), .init("eps", \.eps)]
  public var op: Op { .groupNormGradient(self) }
  public var mnemonic: String { "group_norm_gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let statistics = try GroupSpread.checkedStatistics(operands[1], groups: groups, op: mnemonic)
    for (index, expected) in [(0, operands[1]), (2, statistics), (3, statistics)]
    where !operands[index].hasSameShape(as: expected) {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": expected.description, "second": operands[index].description],
        operand: index)
    }
    return [operands[1]]
  }

  public func decompose(_ operands: [ValueID], in builder: inout GraphBuilder) -> [ValueID] {
    let (cotangent, input, mean, variance) = (operands[0], operands[1], operands[2], operands[3])
    let spread = GroupSpread(builder.type(of: input), groups: groups)
    let inverse = builder.emit(
      Unary(UnaryFunction(.rsqrt)), builder.emit(Affine(offset: eps), variance))
    let centred = builder.emit(
      Binary(.subtract), input, spread.broadcast(mean, in: &builder))
    let product = builder.emit(Binary(.multiply), cotangent, centred)
    let square = spread.broadcast(
      builder.emit(Unary(UnaryFunction(.square)), inverse), in: &builder)
    let slope = builder.emit(
      Binary(.multiply), square, spread.meanOfGroup(product, in: &builder))
    let without = builder.emit(
      Binary(.subtract), cotangent, spread.meanOfGroup(cotangent, in: &builder))
    let inner = builder.emit(
      Binary(.subtract), without, builder.emit(Binary(.multiply), centred, slope))
    return [builder.emit(Binary(.multiply), inner, spread.broadcast(inverse, in: &builder))]
  }

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0, 1] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let (cotangent, input, mean, variance) = (x[0].values, x[1].values, x[2].values, x[3].values)
    var output = x[1]
    let size = input.count / mean.count
    for group in mean.indices {
      let members = group * size..<(group + 1) * size
      let square = variance[group] + eps
      let average = members.reduce(0) { $0 + cotangent[$1] } / Double(size)
      let product = members.reduce(0) { $0 + cotangent[$1] * (input[$1] - mean[group]) } / Double(size)
      for index in members {
        let inner = cotangent[index] - average - (input[index] - mean[group]) * product / square
        output.values[index] = inner / square.squareRoot()
      }
    }
    return [output]
  }

  public static let samples = [
    OpSample(
      GroupNormGradient(groups: 4, eps: 1e-5), [[3, 4, 3, 5], [3, 4, 3, 5], [3, 4], [3, 4]],
      overrides: [3: .uniform(0.5...2)], tolerance: 1e-5),
    OpSample(
      GroupNormGradient(groups: 3, eps: 1e-5), [[2, 6, 2, 3], [2, 6, 2, 3], [2, 3], [2, 3]],
      overrides: [3: .uniform(0.5...2)], tolerance: 1e-5),
    OpSample(
      GroupNormGradient(groups: 1, eps: 1e-5), [[4, 7], [4, 7], [4, 1], [4, 1]],
      overrides: [3: .uniform(0.5...2)], tolerance: 1e-5),
  ]
}
