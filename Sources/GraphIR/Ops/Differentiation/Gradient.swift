import Diagnostics

/// The gradient of a scalar with respect to values that it is computed from.
///
/// (scalar, value…) → one result per value, of that value's type. `differentiate` replaces it by the
/// pullbacks' ops; no executor ever sees it.
public struct Gradient: OpDefinition {
  public init() {}

  public static let signature = OpSignature(
    operands: ["scalar", "value"], results: ["gradient"], repeatsFrom: 1, repeatsResults: true)
  public static let differentiability = Differentiability.nonDifferentiable(
    "`differentiate` expands inner gradients before outer ones, so that none is left to differentiate")
  public var op: Op { .gradient(self) }
  public var mnemonic: String { "gradient" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank == 0 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": mnemonic, "expected": "0", "actual": operands[0].description], operand: 0)
    }
    return Array(operands.dropFirst())
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .elementwise }

  /// Nothing: it means something only to `differentiate`.
  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    preconditionFailure("`gradient` is evaluated before `differentiate` ran")
  }

  public static let samples: [OpSample] = []
}
