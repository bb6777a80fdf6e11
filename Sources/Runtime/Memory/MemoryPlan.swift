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

  /// - Complexity: O(n²) for n requests.
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
    var placed = Placed()
    var total = 0
    for index in order {
      let request = requests[index]
      let size = rounded(request.count)
      let offset = placed.lowestGap(of: size, during: request.steps)
      offsets[index] = offset
      total = max(total, offset + size)
      placed.insert(from: offset, to: offset + size, during: request.steps)
    }
    return (offsets, total)
  }

  /// The buffers that have their place, in ascending order of it. Each of their numbers lies beside those of the
  /// others: all of them are gone through for each buffer.
  private struct Placed {
    private var starts: [Int] = []
    private var ends: [Int] = []
    private var firstSteps: [Int] = []
    private var lastSteps: [Int] = []

    /// The lowest offset at which so many floats are free throughout the steps.
    func lowestGap(of size: Int, during steps: ClosedRange<Int>) -> Int {
      let (first, last) = (steps.lowerBound, steps.upperBound)
      let (starts, ends, firstSteps, lastSteps) = (starts.span, ends.span, firstSteps.span, lastSteps.span)
      var offset = 0
      for other in starts.indices where firstSteps[other] <= last && lastSteps[other] >= first {
        if offset + size <= starts[other] { break }
        offset = max(offset, ends[other])
      }
      return offset
    }

    mutating func insert(from start: Int, to end: Int, during steps: ClosedRange<Int>) {
      // Behind those that begin where it does.
      var (low, high) = (0, starts.count)
      while low < high {
        let middle = (low + high) / 2
        if starts[middle] > start { high = middle } else { low = middle + 1 }
      }
      starts.insert(start, at: low)
      ends.insert(end, at: low)
      firstSteps.insert(steps.lowerBound, at: low)
      lastSteps.insert(steps.upperBound, at: low)
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
