import Diagnostics

/// `count` entries of one axis from `start` on.
public struct Slice: OpDefinition {
  public var axis = 1
  public var start = 0
  public var count = 1

  public init() {}
  public init(axis: Int, start: Int, count: Int) {
    self.axis = axis
    self.start = start
    self.count = count
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("axis", \.axis), .init("start", \.start), .init("count", \.count),
  ]
  public var op: Op { .slice(self) }
  public var mnemonic: String { "slice" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try checkAxes([axis], of: operands[0], op: mnemonic)
    guard let extent = operands[0].shape[axis].fixedExtent, start >= 0, count > 0,
      count <= extent, start <= extent - count
    else {
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": mnemonic, "axis": "\(axis)", "shape": operands[0].description])
    }
    var shape = operands[0].shape
    shape[axis] = .fixed(count)
    return [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let extent = context.type(of: context.operand(0)).shape[axis].fixedExtent ?? 0
    let adjoint = Pad(axis: axis, before: start, after: extent - start - count)
    context.contribute(context.emit(adjoint, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .elementwise }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.slice(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(Slice(axis: 1, start: 1, count: 2), [[2, 4, 3, 3]]),
    OpSample(Slice(axis: 2, start: 0, count: 2), [[2, 4, 3, 3]]),
  ]
}
