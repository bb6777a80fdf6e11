import ModelSpec

/// Which graphs a step runs, and how often.
///
/// Updates that run once share a graph with those next to them; one with `times` has its own. Where `every`
/// leaves some out, there is a graph for each set that runs together: nothing is unrolled, nothing is computed
/// that is not due.
public struct StepSchedule: Sendable {
  /// One run of one graph.
  public struct Run: Hashable, Sendable {
    /// Its place in `LoweredModel.steps`.
    public var graph: Int
    /// Which of the step's runs it is, from zero: with the step, what its random numbers depend on.
    public var ordinal: Int
    /// Which of its group's repetitions it is, from zero; nil for a group that runs once.
    public var repetition: Int?
  }

  /// Updates that run one after another on one batch.
  struct Group: Sendable {
    var updates: [Int]
    var times: Int
  }

  /// A graph's updates.
  struct Variant: Hashable, Sendable {
    var group: Int
    var updates: [Int]
  }

  let groups: [Group]
  /// By the place of each update.
  private let every: [Int]
  /// Those that some step runs, in the order in which they are first run.
  private(set) var variants: [Variant] = []

  init(_ updates: [UpdateSpec]) {
    every = updates.map(\.every)
    var groups: [Group] = []
    for (index, update) in updates.enumerated() {
      if update.times == 1, let last = groups.last, last.times == 1 {
        groups[groups.count - 1].updates.append(index)
      } else {
        groups.append(Group(updates: [index], times: update.times))
      }
    }
    self.groups = groups
    for step in 0..<period {
      for variant in due(at: step) where !variants.contains(variant) { variants.append(variant) }
    }
  }

  /// After so many steps the sets of updates repeat.
  public var period: Int {
    // Longer periods than this hold no set that shorter ones lack, unless somebody means it.
    let limit = 1 << 16
    return every.reduce(1) { period, every in
      let multiple = period / Self.greatestCommonDivisor(period, every) * every
      return min(multiple, limit)
    }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  private func due(at step: Int) -> [Variant] {
    groups.enumerated().compactMap { number, group in
      let updates = group.updates.filter { step % every[$0] == 0 }
      return updates.isEmpty ? nil : Variant(group: number, updates: updates)
    }
  }

  /// The runs of a step, counted from zero, in their order.
  public func runs(at step: Int) -> [Run] {
    var runs: [Run] = []
    for variant in due(at: step) {
      guard let graph = variants.firstIndex(of: variant) else {
        preconditionFailure("step \(step) runs a set of updates that no step of a period does")
      }
      let times = groups[variant.group].times
      for repetition in 0..<times {
        runs.append(
          Run(graph: graph, ordinal: runs.count, repetition: times == 1 ? nil : repetition))
      }
    }
    return runs
  }
}
