import Diagnostics

/// Zeros with probability `rate`, else 1 / (1 − rate).
///
/// step `i64[]` → a tensor of `shape`. Counter-based: element i takes word i mod 4 of Philox4x32-10 with
/// the counter (i / 4 in 64 bits, step modulo 2³², stream) and the key (low, high) of `seed`, each 32 bits; it is kept when
/// (word >> 8) · 2⁻²⁴ ≥ rate. i counts in logical row-major order.
public struct DropoutMask: OpDefinition {
  public var rate = 0.5
  public var seed = 0
  public var stream = 0
  public var shape: [Dimension] = []

  public init() {}
  public init(rate: Double, seed: Int, stream: Int, shape: [Dimension]) {
    self.rate = rate
    self.seed = seed
    self.stream = stream
    self.shape = shape
  }

  /// The stream of masks, among those that a seed has.
  public static let stream = 0x1000

  public static let signature = OpSignature(operands: ["step"], results: ["mask"], counters: [0])
  public static let differentiability = Differentiability.nonDifferentiable(
    "a random mask does not depend on anything that trains")
  public static let fields: [AttributeField<Self>] = [
    .init("rate", \.rate), .init("seed", \.seed), .init("stream", \.stream), .init("shape", \.shape),
  ]
  public var op: Op { .dropoutMask(self) }
  public var mnemonic: String { "dropout_mask" }

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
    var mask = ReferenceTensor(shape: results[0])
    for index in mask.values.indices {
      mask.values[index] = source.uniform(index) >= rate ? 1 / (1 - rate) : 0
    }
    return [mask]
  }

  public static let samples = [
    OpSample(DropoutMask(rate: 0.3, seed: 7, stream: 2, shape: [2, 3, 5, 3]), [[]], values: .uniform(5...5))
  ]
}
