import Glibc
import GraphIR

/// How much images of one set resemble each other: the mean multi-scale structural similarity of random pairs. The
/// lower, the more diverse; the data's own value is what to reach.
///
/// Source: Wang, Simoncelli and Bovik, "Multi-Scale Structural Similarity" (2003); pairs as in Odena and others,
/// "Conditional Image Synthesis with Auxiliary Classifier GANs" (2017). Small images have fewer levels: they are
/// halved while both sides are even and the half has 8 pixels or more.
public struct StructuralSimilarity: Hashable, Sendable {
  public var mean: Double
  public var levels: Int

  private static let weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
  private static let (k1, k2, range) = (0.01, 0.03, 255.0)

  /// - Parameter pairs: How many pairs of different images.
  /// - Precondition: There are two images or more.
  public init(_ set: ImageSet, pairs: Int = 1000, seed: Int = 0) {
    precondition(set.count > 1, "a pair of images")
    let source = RandomSource(seed: namedSeed(seed, "pairs"), stream: .noise)
    var sum = 0.0
    for pair in 0..<pairs {
      let first = source.integer(2 * pair, below: set.count)
      let other = source.integer(2 * pair + 1, below: set.count - 1)
      let second = other < first ? other : other + 1
      for channel in 0..<set.channels {
        sum += Self.between(set.plane(first, channel), set.plane(second, channel))
      }
    }
    mean = sum / Double(pairs * set.channels)
    levels = Self.levels(height: set.height, width: set.width)
  }

  static func levels(height: Int, width: Int) -> Int {
    var (height, width, levels) = (height, width, 1)
    while levels < weights.count, height % 2 == 0, width % 2 == 0, min(height, width) / 2 >= 8 {
      (height, width, levels) = (height / 2, width / 2, levels + 1)
    }
    return levels
  }

  /// The similarity of two images.
  static func between(_ a: Plane, _ b: Plane, levels given: Int? = nil) -> Double {
    let levels = given ?? self.levels(height: a.height, width: a.width)
    let weights = weights[..<levels]
    let total = given == nil ? weights.reduce(0, +) : 1
    var (a, b, product) = (a, b, 1.0)
    for level in 0..<levels {
      let (similarity, contrast) = atOneLevel(a, b)
      let share = weights[level] / total
      product *= pow(max(level == levels - 1 ? similarity : contrast, 0), share)
      if level < levels - 1 { (a, b) = (a.averaged(), b.averaged()) }
    }
    return product
  }

  /// The structural similarity, and its part of contrast and structure.
  static func atOneLevel(_ a: Plane, _ b: Plane) -> (similarity: Double, contrast: Double) {
    let size = min(11, a.height, a.width)
    let window = Self.window(size)
    let (c1, c2) = (k1 * range * k1 * range, k2 * range * k2 * range)
    func smooth(_ value: (Int) -> Double) -> [Double] {
      let (rows, columns) = (a.height - size + 1, a.width - size + 1)
      var along = [Double](repeating: 0, count: a.height * columns)
      for row in 0..<a.height {
        for column in 0..<columns {
          var sum = 0.0
          for tap in 0..<size { sum += window[tap] * value(row * a.width + column + tap) }
          along[row * columns + column] = sum
        }
      }
      var result = [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = 0.0
          for tap in 0..<size { sum += window[tap] * along[(row + tap) * columns + column] }
          result[row * columns + column] = sum
        }
      }
      return result
    }
    let (x, y) = (a.values, b.values)
    let meanA = smooth { Double(x[$0]) }
    let meanB = smooth { Double(y[$0]) }
    let squareA = smooth { Double(x[$0]) * Double(x[$0]) }
    let squareB = smooth { Double(y[$0]) * Double(y[$0]) }
    let products = smooth { Double(x[$0]) * Double(y[$0]) }
    var (similarity, contrast) = (0.0, 0.0)
    for place in meanA.indices {
      let (ma, mb) = (meanA[place], meanB[place])
      let (va, vb) = (squareA[place] - ma * ma, squareB[place] - mb * mb)
      let together = products[place] - ma * mb
      let structure = (2 * together + c2) / (va + vb + c2)
      contrast += structure
      similarity += structure * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
    }
    return (similarity / Double(meanA.count), contrast / Double(meanA.count))
  }

  /// Gaussian, of deviation 1.5 at 11 pixels, and sum 1.
  static func window(_ size: Int) -> [Double] {
    let deviation = 1.5 * Double(size) / 11
    let middle = Double(size - 1) / 2
    let weights = (0..<size).map { exp(-pow((Double($0) - middle) / deviation, 2) / 2) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}

extension Plane {
  /// Both extents halved: the mean of each 2×2 block.
  fileprivate func averaged() -> Plane {
    var result: [Float] = []
    for row in stride(from: 0, to: height - 1, by: 2) {
      for column in stride(from: 0, to: width - 1, by: 2) {
        result.append(
          (self[row, column] + self[row, column + 1] + self[row + 1, column] + self[row + 1, column + 1]) / 4)
      }
    }
    return Plane(height: height / 2, width: width / 2, result)
  }
}
