import Diagnostics

/// The mean and the biased variance of each channel: input `[N, C, …]` → two `[C]`.
public struct ChannelStatistics: OpDefinition {
  public init() {}

  public static let signature = OpSignature(operands: ["input"], results: ["mean", "variance"])
  public static let differentiability = madeAfterDifferentiation
  public var op: Op { .channelStatistics(self) }
  public var mnemonic: String { "channel_statistics" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    guard operands[0].rank >= 2 else {
      throw TypeRuleViolation(
        .rankMismatch,
        ["op": mnemonic, "expected": "at least 2", "actual": operands[0].description], operand: 0)
    }
    let statistics = TensorType([operands[0].shape[1]])
    return [statistics, statistics]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let (mean, variance) = ReferenceBatchNorm.statistics(x[0])
    return [mean, variance]
  }

  public static let samples = [
    OpSample(ChannelStatistics(), [[3, 5, 4, 7]], tolerance: 1e-5),
    OpSample(ChannelStatistics(), [[6, 5]], tolerance: 1e-5),
  ]
}
