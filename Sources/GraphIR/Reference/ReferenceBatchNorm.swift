/// Batch norm as its formulas stand. Source: PyTorch `native/Normalization.cpp`.
enum ReferenceBatchNorm {
  /// The mean and the biased variance of each channel.
  static func statistics(_ input: ReferenceTensor) -> (mean: ReferenceTensor, variance: ReferenceTensor) {
    let (batch, channels, inner) = input.channelView
    let count = Double(batch * inner)
    var mean = ReferenceTensor(shape: [channels])
    var variance = ReferenceTensor(shape: [channels])
    forEach(input) { index, channel in mean.values[channel] += input.values[index] / count }
    forEach(input) { index, channel in
      let distance = input.values[index] - mean.values[channel]
      variance.values[channel] += distance * distance / count
    }
    return (mean, variance)
  }

  /// activation((input − mean) / √(variance + eps) · weight + bias).
  static func apply(
    _ input: ReferenceTensor, weight: ReferenceTensor, bias: ReferenceTensor, mean: ReferenceTensor,
    variance: ReferenceTensor, eps: Double, activation: UnaryFunction? = nil
  ) -> ReferenceTensor {
    var output = input
    forEach(input) { index, c in
      let normalized = (input.values[index] - mean.values[c]) / (variance.values[c] + eps).squareRoot()
      let value = normalized * weight.values[c] + bias.values[c]
      output.values[index] = activation.map { $0(value) } ?? value
    }
    return output
  }

  /// The cotangents of input, weight and bias.
  static func gradient(
    _ cotangent: ReferenceTensor, _ input: ReferenceTensor, weight: ReferenceTensor,
    mean: ReferenceTensor, variance: ReferenceTensor, eps: Double
  ) -> [ReferenceTensor] {
    let (batch, channels, inner) = input.channelView
    let count = Double(batch * inner)
    var weightGradient = ReferenceTensor(shape: [channels])
    var biasGradient = ReferenceTensor(shape: [channels])
    func normalized(_ index: Int, _ c: Int) -> Double {
      (input.values[index] - mean.values[c]) / (variance.values[c] + eps).squareRoot()
    }
    forEach(input) { index, c in
      weightGradient.values[c] += cotangent.values[index] * normalized(index, c)
      biasGradient.values[c] += cotangent.values[index]
    }
    var inputGradient = input
    forEach(input) { index, c in
      let scale = weight.values[c] / (variance.values[c] + eps).squareRoot()
      let centred =
        cotangent.values[index] - biasGradient.values[c] / count
        - normalized(index, c) * weightGradient.values[c] / count
      inputGradient.values[index] = scale * centred
    }
    return [inputGradient, weightGradient, biasGradient]
  }

  /// Calls `body(index, channel)` for every element.
  static func forEach(_ tensor: ReferenceTensor, _ body: (Int, Int) -> Void) {
    let (batch, channels, inner) = tensor.channelView
    for n in 0..<batch {
      for c in 0..<channels {
        let start = (n * channels + c) * inner
        for index in start..<start + inner { body(index, c) }
      }
    }
  }
}
