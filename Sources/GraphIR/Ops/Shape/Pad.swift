import Diagnostics

/// Zeros before and after along one axis: the adjoint of `slice`.
public struct Pad: OpDefinition {
  public var axis = 1
  public var before = 0
  public var after = 0

  public init() {}
  public init(axis: Int, before: Int, after: Int) {
    self.axis = axis
    self.before = before
    self.after = after
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("axis", \.axis), .init("before", \.before), .init("after", \.after),
  ]
  public var op: Op { .pad(self) }
  public var mnemonic: String { "pad" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try checkAxes([axis], of: operands[0], op: mnemonic)
    let sizes = 0...TensorType.largestElementCount
    guard let extent = operands[0].shape[axis].fixedExtent, sizes.contains(before), sizes.contains(after)
    else {
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": mnemonic, "axis": "\(axis)", "shape": operands[0].description])
    }
    var shape = operands[0].shape
    shape[axis] = .fixed(before + extent + after)
    return [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let extent = context.type(of: context.operand(0)).shape[axis].fixedExtent ?? 0
    context.contribute(context.emit(Slice(axis: axis, start: before, count: extent), cotangent), to: 0)
  }

  public var layouts: OpLayouts { .elementwise }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.pad(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(Pad(axis: 1, before: 1, after: 2), [[2, 4, 3, 3]]),
    OpSample(Pad(axis: 3, before: 0, after: 2), [[2, 4, 3, 3]]),
  ]
}
