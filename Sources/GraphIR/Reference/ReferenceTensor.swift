/// A tensor of 64-bit floats in logical row-major order.
public struct ReferenceTensor: Sendable, Equatable {
  public var shape: [Int]
  public var values: [Double]

  public init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "a tensor has as many values as its shape says")
    self.shape = shape
    self.values = values
  }

  public init(shape: [Int], repeating value: Double = 0) {
    self.shape = shape
    values = Array(repeating: value, count: shape.reduce(1, *))
  }

  /// The distance of neighbours along each axis.
  var strides: [Int] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// [N, C, …] seen as N images of C channels of the remaining elements.
  var channelView: (batch: Int, channels: Int, inner: Int) {
    (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
  }

  /// The sum with a number per channel.
  func addingPerChannel(_ bias: ReferenceTensor) -> ReferenceTensor {
    var output = self
    ReferenceBatchNorm.forEach(self) { index, channel in output.values[index] += bias.values[channel] }
    return output
  }

  func map(_ transform: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape: shape, values: values.map(transform))
  }

  func zip(_ other: ReferenceTensor, _ transform: (Double, Double) -> Double) -> ReferenceTensor {
    var result = self
    for index in values.indices { result.values[index] = transform(values[index], other.values[index]) }
    return result
  }
}
