import Diagnostics

/// eˣ over its sum along the last axis, or the logarithm of that.
///
/// input of any shape with at least one axis → output of the same shape. The largest value of a row is
/// subtracted first, so that nothing overflows.
public struct Softmax: OpDefinition {
  public var isLog = false

  public init() {}
  public init(isLog: Bool) { self.isLog = isLog }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("log", \.isLog)]
  public var op: Op { .softmax(self) }
  public var mnemonic: String { "softmax" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank > 0 else {
      throw TypeRuleViolation(
        .rankMismatch,
        ["op": mnemonic, "expected": "at least 1", "actual": operands[0].description], operand: 0)
    }
    return [operands[0]]
  }

  /// With g the cotangent: y·(g − Σ g·y), or g − softmax(x)·Σ g for the logarithm.
  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let result = context.result(0)
    let shape = context.type(of: result).shape
    let axis = shape.count - 1
    let probabilities = isLog ? context.emit(Unary(UnaryFunction(.exp)), result) : result
    let weighted = isLog ? cotangent : context.emit(Binary(.multiply), cotangent, result)
    let sum = context.emit(Reduce(axes: [axis], mean: false), weighted)
    let spread = context.emit(Broadcast(axes: [axis], sizes: [shape[axis]]), sum)
    let product = context.emit(Binary(.multiply), probabilities, spread)
    context.contribute(context.emit(Binary(.subtract), weighted, product), to: 0)
  }

  public var layouts: OpLayouts { .parameters }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.softmax(x[0], isLog: isLog)]
  }

  public static let samples = [
    OpSample(Softmax(), [[3, 7]], values: .uniform(-3...3)),
    OpSample(Softmax(), [[2, 3, 40]], values: .uniform(-3...3)),
    OpSample(Softmax(isLog: true), [[3, 7]], values: .uniform(-3...3)),
    OpSample(Softmax(isLog: true), [[2, 2, 3, 5]], values: .uniform(-3...3)),
  ]
}
