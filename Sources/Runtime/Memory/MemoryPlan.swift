/// Gives buffers with lifetimes places in one arena.
///
/// The largest buffer is placed first, each in the lowest gap that is free throughout its lifetime. Where that
/// leaves holes, other orders are tried, and the smallest arena is taken. Among equals the earlier one wins, so
/// that the plan of a graph is always the same.
public struct MemoryPlan: Sendable {
  /// A buffer that is needed from one step to another, both included.
  public struct Request: Sendable {
    /// In floats.
    public var count: Int
    public var steps: ClosedRange<Int>

    public init(count: Int, steps: ClosedRange<Int>) {
      self.count = count
      self.steps = steps
    }
  }

  /// Buffers begin on cache lines: 16 floats.
  public static let alignment = 16

  /// The offset of each request, in floats.
  public let offsets: [Int]
  /// The arena's size, in floats.
  public let count: Int
  /// The most that is alive at once: no plan can be smaller. In floats.
  public let lowerBound: Int

  /// - Complexity: O(n log² n) for n requests that lie close together, O(n² log n) where each leaves a hole.
  public init(_ requests: [Request]) {
    lowerBound = Self.peak(requests)
    var best = Self.placed(requests, inOrderOf: Self.weights[0])
    for weight in Self.weights.dropFirst() where best.count > lowerBound + lowerBound / Self.tolerance {
      let other = Self.placed(requests, inOrderOf: weight)
      if other.count < best.count { best = other }
    }
    (offsets, count) = best
  }

  /// What decides which buffer is placed first: its size, how long it lives, or both.
  private static let weights: [@Sendable (Request) -> Double] = [
    { Double($0.count) },
    { Double($0.count) * Double($0.steps.count) },
    { Double($0.steps.count) },
    { Double($0.count) * Double($0.steps.count).squareRoot() },
  ]

  /// An arena within a fiftieth of what is alive at once is tight enough.
  private static let tolerance = 50

  private static func placed(
    _ requests: [Request], inOrderOf weight: (Request) -> Double
  ) -> (offsets: [Int], count: Int) {
    let weights = requests.map(weight)
    let order = requests.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
    var offsets = Array(repeating: 0, count: requests.count)
    let lifetimes = ranked(requests)
    var occupancy = Occupancy(steps: 2 * requests.count)
    var total = 0
    for index in order {
      let size = rounded(requests[index].count)
      let offset = occupancy.lowestGap(of: size, during: lifetimes[index])
      offsets[index] = offset
      total = max(total, offset + size)
      occupancy.take(offset..<offset + size, during: lifetimes[index])
    }
    return (offsets, total)
  }

  /// The steps of the requests, counted by those at which one begins or ends: others change nothing, and a lifetime
  /// may last to the end of time.
  private static func ranked(_ requests: [Request]) -> [ClosedRange<Int>] {
    let bounds = Set(requests.flatMap { [$0.steps.lowerBound, $0.steps.upperBound] }).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: zip(bounds, bounds.indices))
    return requests.map { request in
      guard let first = ranks[request.steps.lowerBound], let last = ranks[request.steps.upperBound] else {
        preconditionFailure("a lifetime without a rank")
      }
      return first...last
    }
  }

  public static func rounded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

  private static func peak(_ requests: [Request]) -> Int {
    var changes: [Int: Int] = [:]
    for request in requests {
      let size = rounded(request.count)
      changes[request.steps.lowerBound, default: 0] += size
      changes[request.steps.upperBound + 1, default: 0] -= size
    }
    var alive = 0
    var peak = 0
    for step in changes.keys.sorted() {
      alive += changes[step] ?? 0
      peak = max(peak, alive)
    }
    return peak
  }
}
