import Diagnostics

/// The axes in another order: axis i of the result is axis `order[i]` of the input.
public struct Permute: OpDefinition {
  public var order: [Int] = []

  public init() {}
  public init(order: [Int]) { self.order = order }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("order", \.order)]
  public var op: Op { .permute(self) }
  public var mnemonic: String { "permute" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let shape = operands[0].shape
    guard order.sorted() == Array(shape.indices) else {
      let wrong = order.first { !shape.indices.contains($0) } ?? order.count
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": mnemonic, "axis": "\(wrong)", "shape": operands[0].description], operand: 0)
    }
    return [TensorType(order.map { shape[$0] })]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    var inverse = order
    for (place, axis) in order.enumerated() { inverse[axis] = place }
    context.contribute(context.emit(Permute(order: inverse), cotangent), to: 0)
  }

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.permute(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(Permute(order: [1, 0]), [[3, 5]]),
    OpSample(Permute(order: [0, 2, 3, 1]), [[2, 3, 4, 5]]),
    OpSample(Permute(order: [0, 1, 4, 2, 5, 3]), [[2, 3, 2, 2, 3, 4]]),
  ]
}
