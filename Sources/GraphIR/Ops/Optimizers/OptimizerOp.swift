import Diagnostics

/// An optimiser's update of any number of parameters.
///
/// step `[]` (counted from one), then per parameter a group (parameter, gradient, state…) → the group without
/// the gradient, each at its operand's place.
public protocol OptimizerOp: OpDefinition {}

extension OptimizerOp {
  public static var differentiability: Differentiability {
    .nonDifferentiable("an optimiser's update ends the step, and nothing trains through it")
  }

  /// How many operands belong to a parameter.
  private static var groupSize: Int { signature.operands.count - 1 }

  /// All of a group are of one shape.
  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    var results: [TensorType] = []
    for start in stride(from: 1, to: operands.count, by: Self.groupSize) {
      for index in start..<start + Self.groupSize {
        guard operands[index].hasSameShape(as: operands[start]) else {
          throw TypeRuleViolation(
            .operandsDiffer,
            [
              "op": mnemonic, "first": operands[start].description, "second": operands[index].description,
            ], operand: index)
        }
      }
      results += Array(repeating: operands[start], count: Self.groupSize - 1)
    }
    return results
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .parameters }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    let results = Self.groupSize - 1
    let member = result % results
    return [1 + result / results * Self.groupSize + (member == 0 ? 0 : member + 1)]
  }
}

extension Op {
  /// Whether it is an optimiser's update.
  public var isOptimizer: Bool { definition is any OptimizerOp }
}
