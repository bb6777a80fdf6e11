import Diagnostics

/// A number per channel added: input `[N, C, …]`, bias `[C]` → output of the input's shape.
public struct BiasAdd: OpDefinition {
  public init() {}

  public static let signature = OpSignature(
    operands: ["input", "bias"], results: ["output"], parametersFrom: 1)
  public var op: Op { .biasAdd(self) }
  public var mnemonic: String { "bias_add" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try checkPerChannel(operands[1], of: operands[0], op: mnemonic, operand: 1)
    return [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    context.contribute(cotangent, to: 0)
    if context.needed[1] {
      let axes = channelReductionAxes(context.type(of: cotangent))
      context.contribute(context.emit(Reduce(axes: axes, mean: false), cotangent), to: 1)
    }
  }

  public var layouts: OpLayouts { OpLayouts(operands: .all(.channelsLast), results: .matchOperands) }

  public var elementwise: ElementwiseProgram? {
    .init(.binary(.add, .operand(0), .operand(1)), [.full, .perChannel])
  }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].addingPerChannel(x[1])]
  }

  public static let samples = [
    OpSample(BiasAdd(), [[2, 3, 4, 5], [3]]),
    OpSample(BiasAdd(), [[4, 7], [7]]),
  ]
}

/// All axes but the channels'.
func channelReductionAxes(_ type: TensorType) -> [Int] {
  type.shape.indices.filter { $0 != 1 }
}

/// Throws unless `parameter` holds a number per channel of `input`.
func checkPerChannel(
  _ parameter: TensorType, of input: TensorType, op: String, operand: Int
) throws(TypeRuleViolation) {
  guard input.rank >= 2 else {
    throw TypeRuleViolation(
      .rankMismatch, ["op": op, "expected": "at least 2", "actual": input.description], operand: 0)
  }
  guard parameter.shape == [input.shape[1]] else {
    throw TypeRuleViolation(
      .channelMismatch,
      [
        "op": op, "expected": parameter.shape.first?.description ?? "1",
        "actual": input.shape[1].description,
      ], operand: operand)
  }
}
