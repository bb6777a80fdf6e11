extension Image {
  /// The image at another size, each side on its own: averaged over areas where it shrinks (every source
  /// pixel counts by the share of it that is covered, so nothing aliases), linear between pixel centres
  /// where it grows.
  ///
  /// - Precondition: `canHold(width:height:)`.
  /// - Complexity: O(pixels of the source + pixels of the result).
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    if (newWidth, newHeight) == (width, height) { return self }
    precondition(Self.canHold(width: newWidth, height: newHeight), "the size is not one of an image")
    let rows = Resampling(from: height, to: newHeight)
    let columns = Resampling(from: width, to: newWidth)
    let rowSize = width * channels

    var result: [UInt8] = []
    result.reserveCapacity(newWidth * newHeight * channels)
    // One row of the result's height and the source's width.
    var row = [Float](repeating: 0, count: rowSize)
    for vertical in rows.taps {
      for index in 0..<rowSize { row[index] = 0 }
      for (offset, weight) in rows.weights[vertical.weights].enumerated() {
        let start = (vertical.first + offset) * rowSize
        for index in 0..<rowSize { row[index] += weight * Float(pixels[start + index]) }
      }
      for horizontal in columns.taps {
        for channel in 0..<channels {
          var sum: Float = 0
          var index = horizontal.first * channels + channel
          for position in horizontal.weights {
            sum += columns.weights[position] * row[index]
            index += channels
          }
          result.append(UInt8(min(max(sum.rounded(), 0), 255)))
        }
      }
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
  }

  /// The image at another size, filled wholly and without distortion: what stands out on two sides is
  /// cut off, half on each.
  ///
  /// - Precondition: `canHold(width:height:)`.
  public func resizedToCover(width newWidth: Int, height newHeight: Int) -> Image {
    // Cutting first: a strip of one pixel by a million would grow beyond every limit.
    var (cutWidth, cutHeight) = (width, height)
    if width * newHeight > height * newWidth {
      cutWidth = max(1, (height * newWidth + newHeight / 2) / newHeight)
    } else {
      cutHeight = max(1, (width * newHeight + newWidth / 2) / newWidth)
    }
    return centerCropped(width: cutWidth, height: cutHeight).resized(width: newWidth, height: newHeight)
  }
}

/// How the pixels along one side of an image are made from those of the source.
private struct Resampling {
  /// One pixel of the result: the first pixel of the source that it reads, and the weights of that one
  /// and of those behind it.
  struct Tap {
    var first: Int
    var weights: Range<Int>
  }

  private(set) var taps: [Tap] = []
  private(set) var weights: [Float] = []

  init(from source: Int, to result: Int) {
    taps.reserveCapacity(result)
    for position in 0..<result {
      if result < source {
        addArea(position, from: source, to: result)
      } else {
        addLinear(position, from: source, to: result)
      }
    }
  }

  /// A pixel that covers source/result ≥ 1 pixels. Lengths are counted in pixels of the source times
  /// `result`, which makes them whole numbers.
  private mutating func addArea(_ position: Int, from source: Int, to result: Int) {
    let covered = position * source..<(position + 1) * source
    let first = covered.lowerBound / result
    let last = (covered.upperBound - 1) / result
    let start = weights.count
    for pixel in first...last {
      let share = covered.clamped(to: pixel * result..<(pixel + 1) * result).count
      weights.append(Float(share) / Float(source))
    }
    taps.append(Tap(first: first, weights: start..<weights.count))
  }

  /// A pixel between the centres of two. Its centre lies at (position + 1/2) · source/result - 1/2 in the
  /// source, held within the outermost centres; lengths are counted in pixels times 2 · `result`.
  private mutating func addLinear(_ position: Int, from source: Int, to result: Int) {
    let unit = 2 * result
    let center = min(max((2 * position + 1) * source - result, 0), (source - 1) * unit)
    let fraction = Float(center % unit) / Float(unit)
    let start = weights.count
    weights.append(1 - fraction)
    if fraction > 0 { weights.append(fraction) }
    taps.append(Tap(first: center / unit, weights: start..<weights.count))
  }
}
