import Diagnostics

/// Standard normal numbers.
///
/// step `i64[]` → a tensor of `shape`. Counter-based, as `dropout_mask` is: element i is made of the block that
/// word i mod 4 belongs to, by Box and Muller's method. i counts in logical row-major order.
public struct RandomNormal: OpDefinition {
  public var seed = 0
  public var stream = 0
  public var shape: [Dimension] = []

  public init() {}
  public init(seed: Int, stream: Int, shape: [Dimension]) {
    self.seed = seed
    self.stream = stream
    self.shape = shape
  }

  public static let signature = OpSignature(operands: ["step"], results: ["output"], counters: [0])
  public static let differentiability = Differentiability.nonDifferentiable(
    "random numbers do not depend on anything that trains")
  public static let fields: [AttributeField<Self>] = [
    .init("seed", \.seed), .init("stream", \.stream), .init("shape", \.shape),
  ]
  public var op: Op { .randomNormal(self) }
  public var mnemonic: String { "random_normal" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank == 0 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": mnemonic, "expected": "0", "actual": operands[0].description], operand: 0)
    }
    return [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {}

  /// The random numbers count in logical order.
  public var layouts: OpLayouts { OpLayouts(operands: .any, results: .always(.rowMajor)) }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let source = RandomSource(seed: seed, rawStream: stream, step: Int(x[0].values[0]))
    var output = ReferenceTensor(shape: results[0])
    for index in output.values.indices { output.values[index] = source.normal(index) }
    return [output]
  }

  public static let samples = [
    OpSample(
      RandomNormal(seed: 7, stream: 2, shape: [2, 3, 5, 3]), [[]], values: .uniform(5...5), tolerance: 1e-5)
  ]
}
