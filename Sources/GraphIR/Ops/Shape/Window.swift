import Diagnostics

/// Which places of an axis lie in a window around each image's centre.
///
/// centre `[N]` → `[N, extent]`: 1 from centre − ⌊size / 2⌋ on, `size` places long, as far as the axis goes; 0
/// elsewhere.
public struct Window: OpDefinition {
  public var size = 1
  public var extent = 1

  public init() {}
  public init(size: Int, extent: Int) {
    self.size = size
    self.extent = extent
  }

  public static let signature = OpSignature(operands: ["centre"], results: ["output"])
  public static let differentiability = Differentiability.nonDifferentiable(
    "a place is in the window or is not, which does not change by a little")
  public static let fields: [AttributeField<Self>] = [.init("size", \.size), .init("extent", \.extent)]
  public var op: Op { .window(self) }
  public var mnemonic: String { "window" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank == 1 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": mnemonic, "expected": "1", "actual": operands[0].description], operand: 0)
    }
    for (name, value) in [("size", size), ("extent", extent)]
    where !(1...TensorType.largestElementCount).contains(value) {
      throw TypeRuleViolation(.attributeOutOfRange, ["op": mnemonic, "attribute": name, "value": "\(value)"])
    }
    return [TensorType([operands[0].shape[0], .fixed(extent)])]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .free }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var output = ReferenceTensor(shape: results[0])
    for (image, centre) in x[0].values.enumerated() {
      let first = centre - Double(size / 2)
      for place in 0..<extent where Double(place) >= first && Double(place) < first + Double(size) {
        output.values[image * extent + place] = 1
      }
    }
    return [output]
  }

  public static let samples = [
    OpSample(Window(size: 3, extent: 7), [[4]], values: .uniform(2...2), constantOperands: [0]),
    OpSample(Window(size: 4, extent: 5), [[3]], values: .uniform(5...5), constantOperands: [0]),
  ]
}
