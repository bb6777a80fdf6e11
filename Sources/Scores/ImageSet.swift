/// Images [N, C, H, W] as numbers from 0 to 255.
public struct ImageSet: Sendable {
  public let channels: Int
  public let height: Int
  public let width: Int
  public let values: [Float]

  /// - Precondition: There is a whole number of images.
  public init(_ values: [Float], channels: Int, height: Int, width: Int) {
    precondition(values.count % (channels * height * width) == 0, "a whole number of images")
    (self.values, self.channels, self.height, self.width) = (values, channels, height, width)
  }

  var size: Int { channels * height * width }
  public var count: Int { values.count / size }

  func plane(_ image: Int, _ channel: Int) -> Plane {
    let start = (image * channels + channel) * height * width
    return Plane(height: height, width: width, Array(values[start..<start + height * width]))
  }

  /// Each image as a vector of its pixels, from 0 to 1.
  public var pixels: FeatureSet { FeatureSet(values.map { $0 / 255 }, dimensions: size) }
}

/// One channel of an image.
struct Plane {
  var height: Int
  var width: Int
  var values: [Float]

  init(height: Int, width: Int, _ values: [Float]) {
    (self.height, self.width, self.values) = (height, width, values)
  }

  subscript(row: Int, column: Int) -> Float { values[row * width + column] }

  /// Both extents halved: smoothed with [1 4 6 4 1] / 16 each way, every second pixel; beyond the edge lies the
  /// mirror image, without the edge pixel again.
  func halved() -> Plane {
    let rows = filtered(along: 0)
    let all = rows.filtered(along: 1)
    var result: [Float] = []
    result.reserveCapacity((height + 1) / 2 * ((width + 1) / 2))
    for row in stride(from: 0, to: height, by: 2) {
      for column in stride(from: 0, to: width, by: 2) { result.append(all[row, column]) }
    }
    return Plane(height: (height + 1) / 2, width: (width + 1) / 2, result)
  }

  /// Both extents doubled: zeros between the pixels, then the same smoothing, four times as strong.
  func doubled() -> Plane {
    var spread = [Float](repeating: 0, count: 4 * height * width)
    for row in 0..<height {
      for column in 0..<width { spread[2 * row * 2 * width + 2 * column] = 4 * self[row, column] }
    }
    return Plane(height: 2 * height, width: 2 * width, spread).filtered(along: 0).filtered(along: 1)
  }

  private static let taps: [Float] = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]

  private func filtered(along axis: Int) -> Plane {
    func mirrored(_ index: Int, _ extent: Int) -> Int {
      if extent == 1 { return 0 }
      let period = 2 * (extent - 1)
      let place = ((index % period) + period) % period
      return place < extent ? place : period - place
    }
    var result = [Float](repeating: 0, count: values.count)
    for row in 0..<height {
      for column in 0..<width {
        var sum: Float = 0
        for (tap, weight) in Self.taps.enumerated() {
          sum +=
            weight
            * (axis == 0
              ? self[mirrored(row + tap - 2, height), column] : self[row, mirrored(column + tap - 2, width)])
        }
        result[row * width + column] = sum
      }
    }
    return Plane(height: height, width: width, result)
  }
}
