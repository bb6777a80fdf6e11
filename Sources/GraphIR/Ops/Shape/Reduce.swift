import Diagnostics

/// The sum, or the mean, over some axes, which the result lacks.
public struct Reduce: OpDefinition {
  /// Ascending, each once.
  public var axes: [Int] = []
  /// Divide by the number of elements that were added. The batch may be among them, so the number need
  /// not be known before a plan is made.
  public var mean = false

  public init() {}
  public init(axes: [Int], mean: Bool) {
    self.axes = axes
    self.mean = mean
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("axes", \.axes), .init("mean", \.mean)]
  public var op: Op { .reduce(self) }
  public var mnemonic: String { "reduce" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    try checkAxes(axes, of: operands[0], op: mnemonic)
    let kept = operands[0].shape.indices.filter { !axes.contains($0) }
    return [TensorType(kept.map { operands[0].shape[$0] })]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let shape = context.type(of: context.operand(0)).shape
    let adjoint = Broadcast(axes: axes, sizes: axes.map { shape[$0] }, mean: mean)
    context.contribute(context.emit(adjoint, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.reduce(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(Reduce(axes: [0, 2, 3], mean: false), [[3, 5, 4, 7]]),
    OpSample(Reduce(axes: [0, 1, 2, 3], mean: true), [[3, 5, 4, 7]]),
    OpSample(Reduce(axes: [2, 3], mean: true), [[3, 5, 4, 7]]),
    OpSample(Reduce(axes: [1, 2, 3], mean: false), [[3, 5, 4, 7]]),
    OpSample(Reduce(axes: [1], mean: true), [[3, 5, 4, 7]]),
    OpSample(Reduce(axes: [1], mean: false), [[3, 5]]),
  ]
}

/// Throws unless the axes ascend and exist.
func checkAxes(_ axes: [Int], of type: TensorType, op: String) throws(TypeRuleViolation) {
  var previous = -1
  for axis in axes {
    guard axis > previous, axis < type.rank else {
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": op, "axis": "\(axis)", "shape": type.description], operand: 0)
    }
    previous = axis
  }
}
