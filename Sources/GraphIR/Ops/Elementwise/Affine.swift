import Diagnostics

/// scale · input + offset, element by element.
public struct Affine: OpDefinition {
  public var scale = 1.0
  public var offset = 0.0

  public init() {}
  public init(scale: Double = 1, offset: Double = 0) {
    self.scale = scale
    self.offset = offset
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("scale", \.scale), .init("offset", \.offset)]
  public var op: Op { .affine(self) }
  public var mnemonic: String { "affine" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    [operands[0]]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    context.contribute(scale == 1 ? cotangent : context.emit(Affine(scale: scale), cotangent), to: 0)
  }

  public var layouts: OpLayouts { .elementwise }

  public var elementwise: ElementwiseProgram? {
    .init(.affine(scale: scale, offset: offset, .operand(0)), [.full])
  }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [x[0].map { scale * $0 + offset }]
  }

  public static let samples = [OpSample(Affine(scale: -0.7, offset: 0.3), [[2, 3, 5, 3]])]
}
