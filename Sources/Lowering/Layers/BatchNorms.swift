import Diagnostics
import GraphIR
import ModelSpec

let batchNormAttributes: [AttributeSchema] = [
  .init("eps", .number(0...1), .defaultsTo(.number(1e-5)), "added to the variance"),
  .init(
    "momentum", .number(0...1), .defaultsTo(.number(0.1)),
    "the share of the new batch in the running statistics"),
  .init(
    "num_features", .int(1...1_000_000), .optional,
    "the channels of its input, which are inferred and here only checked"),
]

extension LayerDefinition {
  static let batchNorms = [
    LayerDefinition(
      Schema("batch_norm2d", "Normalises each channel of images over the batch.", batchNormAttributes),
      input: .image,
      preservesShape: true
    ) { (context) throws(TypeRuleViolation) in try lowerBatchNorm(&context, rank: 4) },
    LayerDefinition(
      Schema("batch_norm1d", "Normalises each value of vectors over the batch.", batchNormAttributes),
      input: .vector,
      preservesShape: true
    ) { (context) throws(TypeRuleViolation) in try lowerBatchNorm(&context, rank: 2) },
  ]
}

private func lowerBatchNorm(
  _ context: inout LayerContext, rank: Int
) throws(TypeRuleViolation) -> ValueID {
  try context.checkRank(rank)
  return try batchNormalized(&context, affine: true)
}

/// The first input normalised over the batch, or by the running statistics, which training moves.
///
/// - Parameter affine: Whether a weight and a bias follow, which train.
func batchNormalized(_ context: inout LayerContext, affine: Bool) throws(TypeRuleViolation) -> ValueID {
  let type = context.type(of: context.input)
  let channels = try context.inputChannels(context.layer.kind.name.value)
  try checkDeclared("num_features", channels, context)
  let eps = context.number("eps")
  let weight: ValueID
  let bias: ValueID
  if affine {
    let isDCGAN = context.initialization == "dcgan"
    weight = try context.parameter(
      "weight", [channels], isDCGAN ? .normal(mean: 1, deviation: 0.02) : .constant(1))
    bias = try context.parameter("bias", [channels], .constant(0))
  } else {
    weight = try context.emit(Constant(value: 1, shape: [.fixed(channels)]))
    bias = try context.emit(Constant(value: 0, shape: [.fixed(channels)]))
  }
  let runningMean = context.statistic("running_mean", [channels], .constant(0))
  let runningVariance = context.statistic("running_var", [channels], .constant(1))
  let normalized: ValueID
  switch context.mode {
  case .infer:
    normalized = try context.builder.tryEmit(
      BatchNormInfer(eps: eps), [context.input, weight, bias, runningMean, runningVariance])[0]
  case .train:
    let results = try context.builder.tryEmit(BatchNormTrain(eps: eps), [context.input, weight, bias])
    let valuesPerImage = TensorType(Array(type.shape.dropFirst(2))).elementCount(batch: 1)
    let updated = try context.builder.tryEmit(
      UpdateRunningStatistics(
        momentum: context.number("momentum"), valuesPerImage: valuesPerImage),
      [runningMean, runningVariance, results[1], results[2]])
    context.update("running_mean", updated[0])
    context.update("running_var", updated[1])
    normalized = results[0]
  }
  _ = try context.count("\(context.path).num_batches_tracked", role: .statistic)
  return normalized
}
