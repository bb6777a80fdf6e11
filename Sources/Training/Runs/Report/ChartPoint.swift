/// A point of a line; a `y` that is infinite or NaN is a gap in it.
struct ChartPoint: Hashable, Sendable {
  var x: Double
  var y: Double
}

/// The exponential average of a line's finite points, each with a share that a fiftieth of the line, and at least ten
/// points, take to fade.
struct CurveSmoother: Sendable {
  private let share: Double
  private var average: Double?

  /// Nil for a line of too few points to smooth.
  init?(count: Int) {
    guard count >= 20 else { return nil }
    share = 1 / max(10, Double(count) / 50)
  }

  /// A line's next point, smoothed.
  mutating func smoothed(_ point: ChartPoint) -> ChartPoint {
    guard point.y.isFinite else { return point }
    let next = average.map { $0 + share * (point.y - $0) } ?? point.y
    average = next
    return ChartPoint(x: point.x, y: next)
  }
}

/// At most `limit` points that draw the same line at the size of a page, of points that come one after another: of each
/// stretch the lowest and the highest, so that no spike is lost.
struct CurveReducer: Sendable {
  private let count: Int
  private let stretches: Int?
  private var reduced: [ChartPoint] = []
  private var seen = 0
  private var stretch = 0
  /// Of the stretch: its first point, and its lowest and highest finite ones, each with its place.
  private var first: ChartPoint?
  private var low: (place: Int, point: ChartPoint)?
  private var high: (place: Int, point: ChartPoint)?

  /// - Parameter count: How many points will come.
  /// - Precondition: `limit` is 2 or more.
  init(count: Int, limit: Int) {
    precondition(limit >= 2, "a stretch has two points")
    self.count = count
    stretches = count > limit ? limit / 2 : nil
  }

  mutating func add(_ point: ChartPoint) {
    guard let stretches else { return reduced.append(point) }
    while stretch < stretches - 1, seen >= (stretch + 1) * count / stretches {
      endStretch()
      stretch += 1
    }
    first = first ?? point
    if point.y.isFinite {
      if low.map({ point.y < $0.point.y }) ?? true { low = (seen, point) }
      if high.map({ point.y > $0.point.y }) ?? true { high = (seen, point) }
    }
    seen += 1
  }

  /// In the order of the line; a stretch without a finite point is a gap.
  var points: [ChartPoint] {
    var ended = self
    ended.endStretch()
    return ended.reduced
  }

  private mutating func endStretch() {
    if let low, let high {
      let ordered = low.place <= high.place ? [low, high] : [high, low]
      reduced += low.place == high.place ? [low.point] : ordered.map(\.point)
    } else if let first {
      reduced.append(first)
    }
    (first, low, high) = (nil, nil, nil)
  }
}

extension [ChartPoint] {
  /// The line smoothed (`CurveSmoother`); none where it has too few points.
  func smoothed() -> [ChartPoint] {
    guard var smoother = CurveSmoother(count: count) else { return [] }
    return map { smoother.smoothed($0) }
  }

  /// At most `limit` points that draw the same line (`CurveReducer`).
  func downsampled(to limit: Int) -> [ChartPoint] {
    var reducer = CurveReducer(count: count, limit: limit)
    for point in self { reducer.add(point) }
    return reducer.points
  }
}
