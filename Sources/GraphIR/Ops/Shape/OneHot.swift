import Diagnostics

/// Class indices as rows with a one at the class and zeros elsewhere.
///
/// labels `[N]` → `[N, classes]`. A number that is no class makes a row of NaN, which no loss survives.
public struct OneHot: OpDefinition {
  public var classes = 1

  public init() {}
  public init(classes: Int) { self.classes = classes }

  public static let signature = OpSignature(operands: ["labels"], results: ["output"])
  public static let differentiability = Differentiability.nonDifferentiable(
    "a class is a choice, which does not change by a little")
  public static let fields: [AttributeField<Self>] = [.init("classes", \.classes)]
  public var op: Op { .oneHot(self) }
  public var mnemonic: String { "one_hot" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank == 1 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": mnemonic, "expected": "1", "actual": operands[0].description], operand: 0)
    }
    guard classes > 0 else {
      throw TypeRuleViolation(
        .attributeOutOfRange, ["op": mnemonic, "attribute": "classes", "value": "\(classes)"])
    }
    return [TensorType([operands[0].shape[0], .fixed(classes)])]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var output = ReferenceTensor(shape: results[0])
    for (row, label) in x[0].values.enumerated() {
      if let label = Int(exactly: label), (0..<classes).contains(label) {
        output.values[row * classes + label] = 1
      } else {
        for column in 0..<classes { output.values[row * classes + column] = .nan }
      }
    }
    return [output]
  }

  public static let samples = [
    OpSample(OneHot(classes: 4), [[3]], values: .uniform(2...2), constantOperands: [0]),
    OpSample(OneHot(classes: 1), [[5]], values: .uniform(0...0), constantOperands: [0]),
  ]
}
