extension Image {
  /// The image at another size, each side on its own: averaged over areas where it shrinks (every source
  /// pixel counts by the share of it that is covered, so nothing aliases), linear between pixel centres
  /// where it grows. Of an image with alpha, colours count by how opaque they are.
  ///
  /// - Precondition: `canHold(width:height:)`.
  /// - Complexity: O(pixels of the source + pixels of the result).
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    if (newWidth, newHeight) == (width, height) { return self }
    return resampled(
      ImageRegion(left: 0, top: 0, width: width, height: height), width: newWidth, height: newHeight)
  }

  /// The image at another size, filled wholly and without distortion: what stands out on two sides is
  /// cut off, half on each.
  ///
  /// - Precondition: `canHold(width:height:)`.
  public func resizedToCover(width newWidth: Int, height newHeight: Int) -> Image {
    if (newWidth, newHeight) == (width, height) { return self }
    return resampled(
      .covering(width: newWidth, height: newHeight, of: width, height), width: newWidth, height: newHeight)
  }

  private func resampled(_ region: ImageRegion, width newWidth: Int, height newHeight: Int) -> Image {
    precondition(Self.canHold(width: newWidth, height: newHeight), "the size is not one of an image")
    var resampler = RowResampler(region, to: (newWidth, newHeight), channels: channels)
    let rowSize = width * channels
    for y in region.top..<region.top + region.height {
      resampler.add(pixels[y * rowSize..<(y + 1) * rowSize])
    }
    return resampler.finish()
  }
}

/// Brings a part of an image to another size, of which it takes a row at a time: nothing is kept of the rows
/// but what those of the result are made of that they touch.
struct RowResampler {
  private let region: ImageRegion
  private let width: Int
  private let height: Int
  private let channels: Int
  /// Whether the size stays: rows are copied.
  private let copies: Bool
  private let rows: Resampling
  private let columns: Resampling
  /// The result's rows that are begun, the uppermost first: sums over the source's rows, at its width. Of
  /// images with alpha, colours are times alpha.
  private var begun: [[Float]] = []
  /// Memory of rows that are done.
  private var spare: [[Float]] = []
  private var nextRow = 0
  private var nextBegun = 0
  private var pixels: [UInt8] = []

  /// - Parameters:
  ///   - region: The part of the source.
  ///   - size: What it is brought to.
  init(_ region: ImageRegion, to size: (width: Int, height: Int), channels: Int) {
    self.region = region
    (width, height) = size
    self.channels = channels
    copies = (region.width, region.height) == size
    rows = Resampling(from: region.height, to: copies ? 0 : height)
    columns = Resampling(from: region.width, to: copies ? 0 : width)
    pixels.reserveCapacity(width * height * channels)
  }

  /// Takes the next row of the region, of the source's whole width.
  mutating func add(_ row: ArraySlice<UInt8>) {
    let start = row.startIndex + region.left * channels
    let row = row[start..<start + region.width * channels]
    defer { nextRow += 1 }
    if copies {
      pixels += row
      return
    }
    while nextBegun < height, rows.taps[nextBegun].first <= nextRow {
      begun.append(spare.popLast() ?? Array(repeating: 0, count: row.count))
      nextBegun += 1
    }
    let first = nextBegun - begun.count
    for place in begun.indices {
      let tap = rows.taps[first + place]
      add(row, times: rows.weights[tap.weights.lowerBound + nextRow - tap.first], to: &begun[place])
    }
    while !begun.isEmpty, rows.taps[nextBegun - begun.count].last == nextRow {
      var done = begun.removeFirst()
      append(done)
      for index in done.indices { done[index] = 0 }
      spare.append(done)
    }
  }

  private func add(_ row: ArraySlice<UInt8>, times weight: Float, to sums: inout [Float]) {
    let start = row.startIndex
    if channels < 4 {
      for index in sums.indices { sums[index] += weight * Float(row[start + index]) }
      return
    }
    for pixel in stride(from: 0, to: sums.count, by: 4) {
      let opacity = weight * Float(row[start + pixel + 3])
      for channel in 0..<3 { sums[pixel + channel] += opacity * Float(row[start + pixel + channel]) / 255 }
      sums[pixel + 3] += opacity
    }
  }

  /// Makes a row of the result out of one at the source's width.
  private mutating func append(_ sums: [Float]) {
    for tap in columns.taps {
      var values: (Float, Float, Float, Float) = (0, 0, 0, 0)
      for channel in 0..<channels {
        var sum: Float = 0
        var index = tap.first * channels + channel
        for position in tap.weights {
          sum += columns.weights[position] * sums[index]
          index += channels
        }
        switch channel {
        case 0: values.0 = sum
        case 1: values.1 = sum
        case 2: values.2 = sum
        default: values.3 = sum
        }
      }
      if channels == 4, values.3 > 0 {
        let share = 255 / values.3
        values = (values.0 * share, values.1 * share, values.2 * share, values.3)
      }
      pixels.append(Self.byte(values.0))
      if channels > 1 {
        pixels.append(Self.byte(values.1))
        pixels.append(Self.byte(values.2))
      }
      if channels > 3 { pixels.append(Self.byte(values.3)) }
    }
  }

  private static func byte(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }

  /// The result.
  ///
  /// - Precondition: All rows of the region were taken.
  consuming func finish() -> Image {
    precondition(nextRow == region.height, "the image lacks rows")
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}

/// How the pixels along one side of an image are made from those of the source.
private struct Resampling {
  /// One pixel of the result: the first pixel of the source that it reads, and the weights of that one
  /// and of those behind it.
  struct Tap {
    var first: Int
    var weights: Range<Int>

    /// The last pixel that it reads.
    var last: Int { first + weights.count - 1 }
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
