import Diagnostics

/// Arithmetic of two tensors of one shape, element by element.
public struct Binary: OpDefinition {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case add, subtract, multiply, divide, maximum, minimum

    public func callAsFunction(_ left: Double, _ right: Double) -> Double {
      switch self {
      case .add: left + right
      case .subtract: left - right
      case .multiply: left * right
      case .divide: left / right
      // NaN where either is.
      case .maximum: left.isNaN || left > right ? left : right
      case .minimum: left.isNaN || left < right ? left : right
      }
    }
  }

  public var kind: Kind

  public init() { kind = .add }
  public init(_ kind: Kind) { self.kind = kind }

  public static let signature = OpSignature(operands: ["left", "right"], results: ["output"])
  public static let members: [Self] = Kind.allCases.map { Binary($0) }
  public var op: Op { .binary(self) }
  public var mnemonic: String { kind.rawValue }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].hasSameShape(as: operands[1]) else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[1].description], operand: 1)
    }
    return [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    let (left, right) = (context.operand(0), context.operand(1))
    switch kind {
    case .add:
      context.contribute(cotangent, to: 0)
      context.contribute(cotangent, to: 1)
    case .subtract:
      context.contribute(cotangent, to: 0)
      if context.needed[1] { context.contribute(context.emit(Affine(scale: -1), cotangent), to: 1) }
    case .multiply:
      if context.needed[0] { context.contribute(context.emit(self, cotangent, right), to: 0) }
      if context.needed[1] { context.contribute(context.emit(self, cotangent, left), to: 1) }
    case .divide:
      let quotient = context.emit(self, cotangent, right)
      context.contribute(quotient, to: 0)
      if context.needed[1] {
        let product = context.emit(Binary(.multiply), quotient, context.result(0))
        context.contribute(context.emit(Affine(scale: -1), product), to: 1)
      }
    case .maximum, .minimum:
      // 1 where the operand is chosen, ½ where both are equal.
      let order = context.emit(
        Unary(UnaryFunction(.sign)), context.emit(Binary(.subtract), left, right))
      let scale = kind == .maximum ? 0.5 : -0.5
      for (index, scale) in [scale, -scale].enumerated() where context.needed[index] {
        let share = context.emit(Affine(scale: scale, offset: 0.5), order)
        context.contribute(context.emit(Binary(.multiply), cotangent, share), to: index)
      }
    }
  }

  public var layouts: OpLayouts { .elementwise }

  public var elementwise: ElementwiseProgram? {
    .init(.binary(kind, .operand(0), .operand(1)), [.full, .full])
  }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0, 1] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].zip(x[1]) { kind($0, $1) }]
  }

  public static let samples: [OpSample] = Kind.allCases.map { kind in
    OpSample(
      Binary(kind), [[2, 3, 5, 3], [2, 3, 5, 3]], overrides: [1: .uniform(0.5...2)])
  }
}
