import Diagnostics

/// The same tensor with its elements in another order in memory.
public struct Relayout: OpDefinition {
  public var layout = Layout.channelsLast

  public init() {}
  public init(_ layout: Layout) { self.layout = layout }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("layout", \.layout)]
  public var op: Op { .relayout(self) }
  public var mnemonic: String { "relayout" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank == 4 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": mnemonic, "expected": "4", "actual": operands[0].description], operand: 0)
    }
    return [TensorType(operands[0].shape, layout: layout)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let layout = context.type(of: context.operand(0)).layout
    context.contribute(context.emit(Relayout(layout), cotangent), to: 0)
  }

  public var layouts: OpLayouts { OpLayouts(operands: .any, results: .always(layout)) }

  public var keepsElements: Bool { true }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0]]
  }

  public static let samples = [OpSample(Relayout(.channelsLast), [[2, 5, 3, 4]])]
}

extension Layout: AttributeRepresentable {
  public var attributeValue: AttributeValue {
    switch self {
    case .rowMajor: .word("row_major")
    case .channelsLast: .word("channels_last")
    }
  }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .word("row_major"): self = .rowMajor
    case .word("channels_last"): self = .channelsLast
    default: return nil
    }
  }
}
