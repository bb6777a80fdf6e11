import Diagnostics

/// The same elements, in logical row-major order, under another shape.
public struct Reshape: OpDefinition {
  public var shape: [Dimension] = []

  public init() {}
  public init(shape: [Dimension]) { self.shape = shape }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("shape", \.shape)]
  public var op: Op { .reshape(self) }
  public var mnemonic: String { "reshape" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let result = TensorType(shape)
    guard result.isAddressable else {
      throw TypeRuleViolation(.shapeTooLarge, ["op": mnemonic, "shape": result.description])
    }
    func batches(_ type: TensorType) -> Int { type.shape.count { $0 == .batch } }
    guard batches(result) == batches(operands[0]),
      result.elementCount(batch: 1) == operands[0].elementCount(batch: 1)
    else {
      throw TypeRuleViolation(
        .elementCountMismatch,
        [
          "op": mnemonic, "actual": operands[0].description,
          "actual_count": "\(operands[0].elementCount(batch: 1))", "expected": result.description,
          "expected_count": "\(result.elementCount(batch: 1))",
        ], operand: 0)
    }
    return [result]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let shape = context.type(of: context.operand(0)).shape
    context.contribute(context.emit(Reshape(shape: shape), cotangent), to: 0)
  }

  public var layouts: OpLayouts { .free }

  public var keepsElements: Bool { true }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceTensor(shape: results[0], values: x[0].values)]
  }

  public static let samples = [
    OpSample(Reshape(shape: [2, 24]), [[2, 3, 2, 4]]),
    OpSample(Reshape(shape: [2, 3, 2, 4]), [[2, 24]]),
    OpSample(Reshape(shape: [2, 6, 1, 4]), [[2, 3, 2, 4]]),
  ]
}
