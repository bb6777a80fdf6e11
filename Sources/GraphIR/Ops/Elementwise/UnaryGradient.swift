import Diagnostics

/// The cotangent of a scalar function's input: cotangent · f'.
///
/// cotangent and read, of one shape → output of that shape. `read` is the function's input or its
/// result, as `UnaryFunction.reads` says.
public struct UnaryGradient: OpDefinition {
  public var function: UnaryFunction

  public init() { function = .relu }
  public init(_ function: UnaryFunction) { self.function = function }

  public static let signature = OpSignature(operands: ["cotangent", "read"], results: ["output"])
  public static let members: [Self] = UnaryKind.allCases.map { UnaryGradient(UnaryFunction($0)) }
  public var op: Op { .unaryGradient(self) }
  public var mnemonic: String { function.kind.rawValue + "_gradient" }
  public var parameters: [Double] { function.parameters }
  public func withParameters(_ parameters: [Double]) -> Self? {
    UnaryFunction(name: function.kind.rawValue, parameters: parameters).map { UnaryGradient($0) }
  }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].hasSameShape(as: operands[1]) else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[1].description])
    }
    return [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    if context.needed[0] {
      context.contribute(context.emit(self, cotangent, context.operand(1)), to: 0)
    }
    if context.needed[1], let second = function.kind.definition.secondDerivative {
      let derivative = second(&context, context.operand(1), function.parameters)
      let product = context.emit(Binary(.multiply), cotangent, context.operand(0))
      context.contribute(context.emit(Binary(.multiply), product, derivative), to: 1)
    }
  }

  public var layouts: OpLayouts { .elementwise }

  public var elementwise: ElementwiseProgram? {
    .init(.unaryGradient(function, cotangent: .operand(0), read: .operand(1)), [.full, .full])
  }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0, 1] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].zip(x[1]) { $0 * function.derivative($1) }]
  }

  public static let samples: [OpSample] = UnaryFunction.samples.map { function in
    let definition = function.kind.definition
    // `read` must be a value that the function can have read.
    let domain = definition.domain
    var reads = domain
    var kinks = definition.kinks
    if function.reads == .result {
      let bounds = [function(domain.lowerBound), function(domain.upperBound)]
      reads = min(bounds[0], bounds[1])...max(bounds[0], bounds[1])
      kinks = kinks.map { function($0) }
    }
    return OpSample(
      UnaryGradient(function), [[2, 3, 5, 3], [2, 3, 5, 3]],
      overrides: [1: .uniformAvoiding(reads, kinks: kinks, distance: 0.01)])
  }
}
