import Diagnostics

/// A chain of element-wise ops in one pass over memory.
///
/// Operands as the program says: of the result's shape, `[C]` or `[]` → one or more results of one
/// shape.
public struct FusedElementwise: OpDefinition {
  public var program: ElementwiseProgram

  public init() {
    program = ElementwiseProgram(operands: [.full], instructions: [], results: [.operand(0)])
  }
  public init(_ program: ElementwiseProgram) { self.program = program }

  public static let signature = OpSignature(operands: ["input"], results: ["output"], repeatsFrom: 0)
  public static let differentiability = madeAfterDifferentiation
  public static let fields: [AttributeField<Self>] = [.init("program", \.program)]
  public var op: Op { .fusedElementwise(self) }
  public var mnemonic: String { "fused_elementwise" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard program.isWellFormed, program.operands.count == operands.count,
      let first = program.operands.firstIndex(of: .full)
    else {
      throw TypeRuleViolation(
        .malformedProgram,
        ["op": mnemonic, "expected": "\(program.operands.count)", "actual": "\(operands.count)"])
    }
    let result = operands[first]
    for (index, type) in operands.enumerated() {
      switch program.operands[index] {
      case .full where !type.hasSameShape(as: result), .scalar where type.rank != 0:
        throw TypeRuleViolation(
          .operandsDiffer,
          ["op": mnemonic, "first": result.description, "second": type.description], operand: index)
      case .perChannel: try checkPerChannel(type, of: result, op: mnemonic, operand: index)
      case .full, .scalar: break
      }
    }
    return Array(repeating: result, count: program.results.count)
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts {
    program.operands.contains(.perChannel)
      ? OpLayouts(operands: .all(.channelsLast), results: .matchOperands) : .elementwise
  }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    program.operands.indices.filter { program.operands[$0] == .full }
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    ReferenceElementwise.run(program, x, result: results[0])
  }

  public static let samples = [
    OpSample(
      FusedElementwise(
        ElementwiseProgram(
          operands: [.full, .full],
          instructions: [
            .unaryGradient(.relu, cotangent: .operand(0), read: .operand(1)),
            .binary(.multiply, .instruction(0), .operand(0)),
          ], results: [.instruction(1)])), [[2, 3, 5, 3], [2, 3, 5, 3]],
      values: .uniformAvoiding(-1...1, kinks: [0], distance: 0.01)),
    OpSample(
      FusedElementwise(
        ElementwiseProgram(
          operands: [.full, .perChannel, .scalar],
          instructions: [
            .binary(.add, .operand(0), .operand(1)),
            .unary(.leakyReLU(slope: 0.2), .instruction(0)),
            .affine(scale: -0.5, offset: 1.25, .instruction(1)),
            .binary(.divide, .instruction(2), .operand(2)),
          ], results: [.instruction(3), .instruction(0)])), [[2, 5, 3, 4], [5], []],
      overrides: [2: .uniform(0.5...2)], tolerance: 1e-5),
    OpSample(
      FusedElementwise(
        ElementwiseProgram(
          operands: [.full, .perChannel], instructions: [.binary(.multiply, .operand(0), .operand(1))],
          results: [.instruction(0)])), [[7, 19], [19]]),
  ]
}
