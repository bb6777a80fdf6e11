/// Looks for the vectors of a set that are nearest to another.
public struct NearestVectors: Sendable {
  private let set: FeatureSet

  public init(_ set: FeatureSet) { self.set = set }

  /// A vector of the set, by its number, and how far away it is.
  public struct Neighbour: Hashable, Sendable {
    public var index: Int
    public var distance: Double

    public init(index: Int, distance: Double) {
      (self.index, self.distance) = (index, distance)
    }
  }

  /// The nearest vectors, nearest first; of equally near ones the first in the set.
  ///
  /// - Parameters:
  ///   - vector: Of the set's dimensions.
  ///   - count: How many; fewer where the set has no more.
  ///   - excluded: The number of one that does not count: the vector itself, where it is of the set.
  public func nearest(
    to vector: ArraySlice<Float>, count: Int = 1, excluding excluded: Int? = nil
  ) -> [Neighbour] {
    precondition(vector.count == set.dimensions, "a vector of the set's dimensions")
    let d = set.dimensions
    let own = Array(vector)
    let (a, b) = (own.span, set.values.span)
    var best: [Neighbour] = []
    for index in 0..<set.count where index != excluded {
      // What is farther than the last of the best need not be known exactly.
      let limit = best.count == count ? best[count - 1].distance : .infinity
      var sum = 0.0
      var place = 0
      let start = index * d
      while place < d {
        let end = min(place + 32, d)
        var part: Float = 0
        while place < end {
          let difference = a[place] - b[start + place]
          part += difference * difference
          place += 1
        }
        sum += Double(part)
        if sum >= limit { break }
      }
      if sum >= limit { continue }
      let at = best.firstIndex { $0.distance > sum } ?? best.count
      best.insert(Neighbour(index: index, distance: sum), at: at)
      if best.count > count { best.removeLast() }
    }
    return best.map { Neighbour(index: $0.index, distance: $0.distance.squareRoot()) }
  }

  /// A vector of the set.
  public subscript(index: Int) -> ArraySlice<Float> { self.set.vector(index) }

  public var count: Int { self.set.count }
}
