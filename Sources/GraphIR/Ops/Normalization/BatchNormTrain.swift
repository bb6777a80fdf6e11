import Diagnostics

/// Batch norm with the batch's own statistics.
///
/// input `[N, C, …]`, weight and bias `[C]` → output of the input's shape, mean and biased variance
/// `[C]`. output = (input − mean) / √(variance + eps) · weight + bias.
/// Source: PyTorch `native/Normalization.cpp`.
public struct BatchNormTrain: OpDefinition {
  public var eps = 1e-5

  public init() {}
  public init(eps: Double) { self.eps = eps }

  public static let signature = OpSignature(
    operands: ["input", "weight", "bias"], results: ["output", "mean", "variance"])
  public static let fields: [AttributeField<Self>] = [.init("eps", \.eps)]
  public var op: Op { .batchNormTrain(self) }
  public var mnemonic: String { "batch_norm_train" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    for index in 1...2 {
      try checkPerChannel(operands[index], of: operands[0], op: mnemonic, operand: index)
    }
    return [operands[0], operands[1], operands[1]]
  }

  public func pullback(_ context: inout PullbackContext) {
    let input = context.operand(0)
    if let cotangent = context.cotangents[0] {
      let gradients = context.emitAll(
        BatchNormGradient(eps: eps),
        [cotangent, input, context.operand(1), context.result(1), context.result(2)])
      for index in 0..<3 where context.needed[index] {
        context.contribute(gradients[index], to: index)
      }
    }
    guard context.needed[0] else { return }
    let spread = ChannelSpread(context.type(of: input))
    if let cotangent = context.cotangents[1] {
      // ∂mean/∂x = 1/n.
      context.contribute(context.emit(spread.broadcastMean, cotangent), to: 0)
    }
    if let cotangent = context.cotangents[2] {
      // ∂variance/∂x = 2·(x − mean)/n.
      let centred = context.emit(
        Binary(.subtract), input, context.emit(spread.broadcast, context.result(1)))
      let scaled = context.emit(Affine(scale: 2), context.emit(spread.broadcastMean, cotangent))
      context.contribute(context.emit(Binary(.multiply), scaled, centred), to: 0)
    }
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    let (mean, variance) = ReferenceBatchNorm.statistics(x[0])
    let output = ReferenceBatchNorm.apply(
      x[0], weight: x[1], bias: x[2], mean: mean, variance: variance, eps: eps)
    return [output, mean, variance]
  }

  public static let samples = [
    OpSample(BatchNormTrain(eps: 1e-5), [[3, 4, 3, 5], [4], [4]], tolerance: 1e-5),
    OpSample(BatchNormTrain(eps: 0.1), [[7, 5], [5], [5]], tolerance: 1e-5),
  ]
}

/// How a number per channel spreads over a tensor and back.
struct ChannelSpread {
  let broadcast: Broadcast
  /// Spreads, divided by the number of elements a channel.
  let broadcastMean: Broadcast
  let sum: Reduce
  let mean: Reduce

  init(_ type: TensorType) {
    let axes = channelReductionAxes(type)
    let sizes = axes.map { type.shape[$0] }
    broadcast = Broadcast(axes: axes, sizes: sizes)
    broadcastMean = Broadcast(axes: axes, sizes: sizes, mean: true)
    sum = Reduce(axes: axes, mean: false)
    mean = Reduce(axes: axes, mean: true)
  }
}
