import Diagnostics

/// Its operand, to which no gradient flows back. `differentiate` leaves it; `simplify` removes it.
public struct Detach: OpDefinition {
  public init() {}

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public var op: Op { .detach(self) }
  public var mnemonic: String { "detach" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .elementwise }

  public var keepsElements: Bool { true }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    x
  }

  public static let samples = [OpSample(Detach(), [[2, 3]], constantOperands: [0])]
}
