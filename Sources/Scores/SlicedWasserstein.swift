import GraphIR

/// The sliced Wasserstein distance of two sets of images, level by level of a Laplacian pyramid: what differs at
/// which size.
///
/// Patches of 7×7 pixels are projected onto random directions, where the distance is that of sorted numbers. Each
/// set's channels are normalised by their own mean and deviation, so that contrast does not show. Source: Karras
/// and others, "Progressive Growing of GANs" (2018).
public struct SlicedWasserstein: Hashable, Sendable {
  public struct Level: Hashable, Sendable {
    public var height: Int
    public var width: Int
    /// Times 1000.
    public var distance: Double
  }

  public var levels: [Level]
  /// The mean over the levels, times 1000.
  public var mean: Double

  /// The side of a patch.
  public static let patch = 7
  static let patchesPerImage = 128
  static let directions = 512

  /// - Parameter seed: Decides where patches lie and which way directions point.
  /// - Precondition: Both sets hold as many images, of one size, of 7×7 pixels or more.
  public init(_ a: ImageSet, _ b: ImageSet, seed: Int = 0) {
    precondition(a.count == b.count && a.size == b.size && a.height == b.height, "as many images of one size")
    precondition(min(a.height, a.width) >= Self.patch, "images that hold a patch")
    let (first, second) = (Self.pyramids(a), Self.pyramids(b))
    var levels: [Level] = []
    for level in first.indices {
      let height = first[level][0].height
      let width = first[level][0].width
      let patches = [first[level], second[level]].enumerated().map { set, planes in
        var patches = Self.patches(of: planes, channels: a.channels, seed: seed, level: level, set: set)
        Self.normalise(&patches, channels: a.channels)
        return patches
      }
      let distance = Self.distance(
        patches[0], patches[1], dimensions: a.channels * Self.patch * Self.patch, seed: seed, level: level)
      levels.append(Level(height: height, width: width, distance: distance * 1e3))
    }
    self.levels = levels
    mean = levels.reduce(0) { $0 + $1.distance } / Double(levels.count)
  }

  /// How much memory comparing two sets of so many images takes besides them, in bytes: both sets' patches of a
  /// level, and their pyramids.
  public static func byteCount(images: Int, channels: Int, height: Int, width: Int) -> Int {
    // The planes, their differences from coarser ones, and what is coarser.
    let pyramid = height * width * 7 / 3
    let patches = patchesPerImage * patch * patch
    return 2 * images * channels * (patches + pyramid) * MemoryLayout<Float>.stride
  }

  /// The planes of all images, [N·C], at each level, the finest first.
  private static func pyramids(_ set: ImageSet) -> [[Plane]] {
    var current = (0..<set.count).flatMap { image in
      (0..<set.channels).map { set.plane(image, $0) }
    }
    var levels: [[Plane]] = []
    while true {
      let (height, width) = (current[0].height, current[0].width)
      guard height % 2 == 0, width % 2 == 0, min(height, width) / 2 >= 16 else {
        levels.append(current)
        return levels
      }
      let halves = current.map { $0.halved() }
      levels.append(
        zip(current, halves).map { plane, half in
          let coarse = half.doubled()
          return Plane(
            height: height, width: width, zip(plane.values, coarse.values).map { $0 - $1 })
        })
      current = halves
    }
  }

  /// [N · patches, C · 7 · 7].
  private static func patches(
    of planes: [Plane], channels: Int, seed: Int, level: Int, set: Int
  ) -> [Float] {
    let images = planes.count / channels
    let source = RandomSource(
      seed: namedSeed(seed, "patches"), stream: .noise, substream: 2 * level + set)
    let (height, width) = (planes[0].height, planes[0].width)
    var result: [Float] = []
    result.reserveCapacity(images * patchesPerImage * channels * patch * patch)
    for image in 0..<images {
      for number in 0..<patchesPerImage {
        let draw = 2 * (image * patchesPerImage + number)
        let top = source.integer(draw, below: height - patch + 1)
        let left = source.integer(draw + 1, below: width - patch + 1)
        for channel in 0..<channels {
          let plane = planes[image * channels + channel]
          for row in top..<top + patch {
            result += plane.values[row * width + left..<row * width + left + patch]
          }
        }
      }
    }
    return result
  }

  /// Each channel with mean 0 and deviation 1 over the whole set.
  private static func normalise(_ patches: inout [Float], channels: Int) {
    let area = patch * patch
    for channel in 0..<channels {
      var (sum, squares, count) = (0.0, 0.0, 0)
      for start in stride(from: channel * area, to: patches.count, by: channels * area) {
        for value in patches[start..<start + area] {
          sum += Double(value)
          squares += Double(value) * Double(value)
          count += 1
        }
      }
      let mean = sum / Double(count)
      let deviation = max(squares / Double(count) - mean * mean, 0).squareRoot()
      for start in stride(from: channel * area, to: patches.count, by: channels * area) {
        for place in start..<start + area {
          let centred = Double(patches[place]) - mean
          patches[place] = Float(deviation > 0 ? centred / deviation : centred)
        }
      }
    }
  }

  /// The mean over random directions of the distance between sorted projections.
  static func distance(
    _ a: [Float], _ b: [Float], dimensions: Int, seed: Int, level: Int
  ) -> Double {
    let source = RandomSource(seed: namedSeed(seed, "directions"), stream: .noise, substream: level)
    var sum = 0.0
    for number in 0..<directions {
      var direction = (0..<dimensions).map { Double(source.normal(number * dimensions + $0)) }
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in direction.indices { direction[place] /= norm }
      sum += distance(a, b, along: direction.map { Float($0) })
    }
    return sum / Double(directions)
  }

  static func distance(_ a: [Float], _ b: [Float], along direction: [Float]) -> Double {
    func projected(_ set: [Float]) -> [Float] {
      let (set, direction) = (set.span, direction.span)
      var result: [Float] = []
      result.reserveCapacity(set.count / direction.count)
      for start in stride(from: 0, to: set.count, by: direction.count) {
        var sum: Float = 0
        for place in direction.indices { sum += set[start + place] * direction[place] }
        result.append(sum)
      }
      result.sort()
      return result
    }
    let (first, second) = (projected(a), projected(b))
    var sum = 0.0
    for place in first.indices { sum += Double(abs(first[place] - second[place])) }
    return sum / Double(first.count)
  }
}
