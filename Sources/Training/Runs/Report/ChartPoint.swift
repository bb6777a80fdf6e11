/// A point of a line; a `y` that is infinite or NaN is a gap in it.
struct ChartPoint: Hashable, Sendable {
  var x: Double
  var y: Double
}

extension [ChartPoint] {
  /// The exponential average of the finite points, each with a share that a fiftieth of the line, and at least
  /// ten points, take to fade; none where there are too few to smooth.
  func smoothed() -> [ChartPoint] {
    guard count >= 20 else { return [] }
    let share = 1 / Swift.max(10, Double(count) / 50)
    var average: Double?
    return map { point in
      guard point.y.isFinite else { return point }
      let next = average.map { $0 + share * (point.y - $0) } ?? point.y
      average = next
      return ChartPoint(x: point.x, y: next)
    }
  }

  /// At most `limit` points that draw the same line at the size of a page: of each stretch the lowest and
  /// the highest point, so that no spike is lost.
  ///
  /// - Precondition: `limit` is 2 or more.
  func downsampled(to limit: Int) -> [ChartPoint] {
    precondition(limit >= 2, "a stretch has two points")
    guard count > limit else { return self }
    let stretches = limit / 2
    return (0..<stretches).flatMap { stretch in
      self[stretch * count / stretches..<(stretch + 1) * count / stretches].extremes
    }
  }
}

extension ArraySlice<ChartPoint> {
  /// The lowest and the highest finite point in the order of the slice; where there is none, a gap.
  fileprivate var extremes: [ChartPoint] {
    let finite = indices.filter { self[$0].y.isFinite }
    guard let low = finite.min(by: { self[$0].y < self[$1].y }),
      let high = finite.max(by: { self[$0].y < self[$1].y })
    else { return Array(prefix(1)) }
    return low == high ? [self[low]] : [self[Swift.min(low, high)], self[Swift.max(low, high)]]
  }
}
