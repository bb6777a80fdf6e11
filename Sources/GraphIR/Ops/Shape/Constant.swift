/// A tensor that holds one number everywhere.
public struct Constant: OpDefinition {
  public var value = 0.0
  public var shape: [Dimension] = []

  public init() {}
  public init(value: Double, shape: [Dimension]) {
    self.value = value
    self.shape = shape
  }

  public static let signature = OpSignature(operands: [], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("value", \.value), .init("shape", \.shape)]
  public var op: Op { .constant(self) }
  public var mnemonic: String { "constant" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceTensor(shape: results[0], repeating: value)]
  }

  public static let samples = [OpSample(Constant(value: 1.5, shape: [2, 3]), [])]
}
