import Diagnostics

/// An optimiser's update of any number of parameters.
///
/// step `i64[]` (counted from one), factor `[]` (of the learning rate, as a schedule has it), then per parameter
/// a group (parameter, gradient, state…) → the group without the gradient, each at its operand's place.
public protocol OptimizerOp: OpDefinition {}

extension OptimizerOp {
  public static var differentiability: Differentiability {
    .nonDifferentiable("an optimiser's update ends the step, and nothing trains through it")
  }

  /// What stands before the groups: the step and the factor.
  public static var leadingOperands: Int { 2 }

  /// How many operands belong to a parameter.
  private static var groupSize: Int { signature.operands.count - leadingOperands }

  /// All of a group are of one shape.
  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[1].rank == 0 else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": TensorType([]).description, "second": operands[1].description], operand: 1)
    }
    var results: [TensorType] = []
    for start in stride(from: Self.leadingOperands, to: operands.count, by: Self.groupSize) {
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
    return [Self.leadingOperands + result / results * Self.groupSize + (member == 0 ? 0 : member + 1)]
  }
}

extension Op {
  /// Whether it is an optimiser's update.
  public var isOptimizer: Bool { definition is any OptimizerOp }
}
