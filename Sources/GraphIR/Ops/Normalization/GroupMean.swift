import Diagnostics

/// The mean over a group of images, for each image of the group.
///
/// input `[N, …]` → output of the same shape. The groups have the largest size that divides the batch and is
/// at most `group`; with N/size groups, image i belongs to group i mod (N/size). It is linear and its own
/// adjoint. Source: Karras et al., "Progressive Growing of GANs" (2018), the minibatch standard deviation.
public struct GroupMean: OpDefinition {
  public var group = 4

  public init() {}
  public init(group: Int) { self.group = group }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("group", \.group)]
  public var op: Op { .groupMean(self) }
  public var mnemonic: String { "group_mean" }

  /// The size of the groups that a batch is cut into.
  public static func size(of group: Int, inBatch batch: Int) -> Int {
    var size = min(group, batch)
    while batch % size != 0 { size -= 1 }
    return size
  }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank > 0 else {
      throw TypeRuleViolation(
        .rankMismatch,
        ["op": mnemonic, "expected": "at least 1", "actual": operands[0].description], operand: 0)
    }
    guard group > 0 else {
      throw TypeRuleViolation(
        .attributeOutOfRange, ["op": mnemonic, "attribute": "group", "value": "\(group)"])
    }
    return [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(context.emit(self, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .elementwise }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let images = x[0].shape[0]
    let size = Self.size(of: group, inBatch: images)
    let groups = images / size
    let inner = x[0].values.count / images
    var output = x[0]
    for element in output.values.indices {
      let (first, place) = (element / inner % groups, element % inner)
      let members = (0..<size).map { x[0].values[(first + $0 * groups) * inner + place] }
      output.values[element] = members.reduce(0, +) / Double(size)
    }
    return [output]
  }

  public static let samples = [
    OpSample(GroupMean(group: 4), [[6, 5]]),
    OpSample(GroupMean(group: 2), [[4, 3, 2, 5]]),
    OpSample(GroupMean(group: 8), [[5, 3]]),
  ]
}
