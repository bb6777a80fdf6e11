import Diagnostics

/// A counter, further on: input `i64[…]` → input + `by`, exact.
///
/// A 32-bit float that counts stands still at 2²⁴, which a small model's run reaches within hours.
public struct Increment: OpDefinition {
  public var by = 1

  public init() {}
  public init(by: Int) { self.by = by }

  public static let signature = OpSignature(operands: ["input"], results: ["output"], counters: [0])
  public static let differentiability = Differentiability.nonDifferentiable("a counter does not train")
  public static let fields: [AttributeField<Self>] = [.init("by", \.by)]
  public var op: Op { .increment(self) }
  public var mnemonic: String { "increment" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .elementwise }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].map { $0 + Double(by) }]
  }

  public static let samples = [
    OpSample(Increment(), [[]], values: .uniform(16_777_216...16_777_216)),
    OpSample(Increment(by: 3), [[2, 3]], values: .uniform(5...5)),
  ]
}
