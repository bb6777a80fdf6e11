import GraphIR

/// The kernel distance: the squared maximum mean discrepancy under (x·y / d + 1)³, without bias, so that sets of
/// one distribution are at zero on average and may be below it.
///
/// Source: Bińkowski and others, "Demystifying MMD GANs" (2018).
public struct KernelDistance: Hashable, Sendable {
  public var mean: Double
  /// Of the subsets' distances.
  public var deviation: Double

  /// The mean over random subsets.
  ///
  /// - Parameters:
  ///   - subsets: How many.
  ///   - size: The most vectors of each set in a subset.
  ///   - seed: Decides which.
  /// - Precondition: Each set has two vectors or more.
  public init(_ a: FeatureSet, _ b: FeatureSet, subsets: Int = 100, size: Int = 1000, seed: Int = 0) {
    let size = min(size, a.count, b.count)
    precondition(size > 1, "two vectors or more")
    let distances = (0..<subsets).map { subset in
      kernelDistance(
        a, chosenIndices(size, of: a.count, seed: seed, stream: 2 * subset), b,
        chosenIndices(size, of: b.count, seed: seed, stream: 2 * subset + 1))
    }
    let mean = distances.reduce(0, +) / Double(subsets)
    self.mean = mean
    deviation = (distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(subsets)).squareRoot()
  }
}

/// Of the vectors of these numbers.
func kernelDistance(_ a: FeatureSet, _ first: [Int], _ b: FeatureSet, _ second: [Int]) -> Double {
  precondition(a.dimensions == b.dimensions, "features of one kind")
  func kernel(_ product: Double) -> Double {
    let base = product / Double(a.dimensions) + 1
    return base * base * base
  }
  /// The mean over pairs of different vectors of one set.
  func within(_ set: FeatureSet, _ indices: [Int]) -> Double {
    var sum = 0.0
    for (place, i) in indices.enumerated() {
      for j in indices[..<place] { sum += kernel(set.dot(i, with: set, j)) }
    }
    return 2 * sum / (Double(indices.count) * Double(indices.count - 1))
  }
  var across = 0.0
  for i in first { for j in second { across += kernel(a.dot(i, with: b, j)) } }
  return within(a, first) + within(b, second) - 2 * across / (Double(first.count) * Double(second.count))
}
