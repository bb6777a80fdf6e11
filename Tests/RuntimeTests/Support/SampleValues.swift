import GraphIR
import Runtime

/// The values on which the generic tests run an op: the same in every run.
extension OpSample {
  /// One tensor per operand, drawn as the sample says.
  func operandTensors(seed: Int = 1) -> [ReferenceTensor] {
    operands.enumerated().map { index, operand in
      let source = RandomSource(seed: seed, stream: .syntheticData, substream: index)
      let count = operand.shape.reduce(1, *)
      return ReferenceTensor(shape: operand.shape, values: operand.values.draw(count, from: source))
    }
  }
}

extension OpSample.Values {
  fileprivate func draw(_ count: Int, from source: RandomSource) -> [Double] {
    switch self {
    case .uniform(let range): return (0..<count).map { range.point(source.uniform($0)) }
    case .uniformAvoiding(let range, let kinks, let distance):
      return (0..<count).map { index in
        var value = range.point(source.uniform(index))
        for kink in kinks where abs(value - kink) < distance {
          value = kink + (value < kink ? -distance : distance)
        }
        return value
      }
    case .distinct:
      // A random order of numbers that are 0.02 apart, around zero.
      let order = (0..<count).sorted { source.word($0) < source.word($1) }
      return order.map { 0.02 * (Double($0) - Double(count) / 2) }
    }
  }
}

extension ClosedRange<Double> {
  /// The point at this fraction of the way.
  fileprivate func point(_ fraction: Double) -> Double {
    lowerBound + fraction * (upperBound - lowerBound)
  }
}
