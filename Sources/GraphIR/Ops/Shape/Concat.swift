import Diagnostics

/// Tensors joined along one axis.
public struct Concat: OpDefinition {
  public var axis = 1

  public init() {}
  public init(axis: Int) { self.axis = axis }

  public static let signature = OpSignature(
    operands: ["input"], results: ["output"], repeatsFrom: 0)
  public static let fields: [AttributeField<Self>] = [.init("axis", \.axis)]
  public var op: Op { .concat(self) }
  public var mnemonic: String { "concat" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try checkAxes([axis], of: operands[0], op: mnemonic)
    var total = 0
    for (index, type) in operands.enumerated() {
      var other = type.shape
      guard type.rank == operands[0].rank, let extent = type.shape[axis].fixedExtent else {
        throw mismatch(operands[0], type, index)
      }
      other[axis] = operands[0].shape[axis]
      guard other == operands[0].shape else { throw mismatch(operands[0], type, index) }
      total += extent
    }
    var shape = operands[0].shape
    shape[axis] = .fixed(total)
    return [TensorType(shape)]
  }

  private func mismatch(_ first: TensorType, _ other: TensorType, _ operand: Int) -> TypeRuleViolation {
    TypeRuleViolation(
      .operandsDiffer,
      ["op": mnemonic, "first": first.description, "second": other.description], operand: operand)
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    var start = 0
    for index in context.node.operands.indices {
      let count = context.type(of: context.operand(index)).shape[axis].fixedExtent ?? 0
      if context.needed[index] {
        let part = context.emit(Slice(axis: axis, start: start, count: count), cotangent)
        context.contribute(part, to: index)
      }
      start += count
    }
  }

  public var layouts: OpLayouts { .elementwise }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.concat(self, x, result: results[0])]
  }

  public static let samples = [
    OpSample(Concat(axis: 1), [[2, 3, 4, 3], [2, 1, 4, 3], [2, 2, 4, 3]]),
    OpSample(Concat(axis: 1), [[2, 3], [2, 5]]),
  ]
}
