import Diagnostics

/// Its operand repeated along new axes: the adjoint of `reduce`.
public struct Broadcast: OpDefinition {
  /// Where the new axes stand in the result; ascending, each once.
  public var axes: [Int] = []
  public var sizes: [Dimension] = []
  /// Divide by the number of repetitions: the adjoint of a mean.
  public var mean = false

  public init() {}
  public init(axes: [Int], sizes: [Dimension], mean: Bool = false) {
    self.axes = axes
    self.sizes = sizes
    self.mean = mean
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("axes", \.axes), .init("sizes", \.sizes), .init("mean", \.mean),
  ]
  public var op: Op { .broadcast(self) }
  public var mnemonic: String { "broadcast" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let result = TensorType(Array(repeating: 1, count: operands[0].rank + axes.count))
    try checkAxes(axes, of: result, op: mnemonic)
    guard sizes.count == axes.count else {
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": mnemonic, "axis": "\(sizes.count)", "shape": operands[0].description])
    }
    var shape = operands[0].shape
    for (axis, size) in zip(axes, sizes) { shape.insert(size, at: axis) }
    return [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(context.emit(Reduce(axes: axes, mean: mean), cotangent), to: 0)
  }

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.broadcast(self, x[0], result: results[0])]
  }

  public static let samples = [
    OpSample(Broadcast(axes: [0, 2, 3], sizes: [3, 4, 7]), [[5]]),
    OpSample(Broadcast(axes: [0, 1, 2, 3], sizes: [3, 5, 4, 7], mean: true), [[]]),
    OpSample(Broadcast(axes: [2, 3], sizes: [4, 7], mean: true), [[3, 5]]),
    OpSample(Broadcast(axes: [1, 2, 3], sizes: [5, 4, 7]), [[3]]),
    OpSample(Broadcast(axes: [1], sizes: [5]), [[3, 4, 7]]),
  ]
}
