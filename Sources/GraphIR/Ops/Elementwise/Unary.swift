import Diagnostics

/// A scalar function applied to each element: `relu`, `tanh`, `bce`, …
///
/// input of any shape → output of the same shape and layout.
public struct Unary: OpDefinition {
  public var function: UnaryFunction

  public init() { function = .relu }
  public init(_ function: UnaryFunction) { self.function = function }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let members: [Self] = UnaryKind.allCases.map { Unary(UnaryFunction($0)) }
  public var op: Op { .unary(self) }
  public var mnemonic: String { function.kind.rawValue }
  public var parameters: [Double] { function.parameters }
  public func withParameters(_ parameters: [Double]) -> Self? {
    UnaryFunction(name: function.kind.rawValue, parameters: parameters).map { Unary($0) }
  }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let read = function.reads == .input ? context.operand(0) : context.result(0)
    context.contribute(context.emit(UnaryGradient(function), cotangent, read), to: 0)
  }

  public var layouts: OpLayouts { .elementwise }

  public var elementwise: ElementwiseProgram? { .init(.unary(function, .operand(0)), [.full]) }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].map { function($0) }]
  }

  public static let samples: [OpSample] = UnaryFunction.samples.map { function in
    let definition = function.kind.definition
    return OpSample(
      Unary(function), [[2, 3, 5, 3]],
      values: .uniformAvoiding(definition.domain, kinks: definition.kinks, distance: 0.01))
  }
}
