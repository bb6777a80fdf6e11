import ModelSpec

/// Which graphs a step runs, and how often.
///
/// Updates that run once share a graph with those next to them; one with `times` has its own. Where `every`
/// leaves some out, there is a graph for each set that runs together: nothing is unrolled, nothing is computed
/// that is not due. Where gradients are accumulated, each update has two graphs: one that adds up, and one that
/// ends with the move.
public struct StepSchedule: Sendable {
  /// One run of one graph.
  public struct Run: Hashable, Sendable {
    /// Its place in `LoweredModel.steps`.
    public var graph: Int
    /// Which of the step's draws it reads, from zero: with the step, what its random numbers and its batch
    /// depend on.
    public var ordinal: Int
    /// Which of its group's draws that is, from zero; nil for a group that draws once.
    public var repetition: Int?
  }

  /// Updates that run one after another on the same batches.
  struct Group: Sendable {
    var updates: [Int]
    var times: Int
  }

  /// What a graph does with the gradients of its updates.
  enum Part: Hashable, Sendable {
    /// Moves by them.
    case whole
    /// Adds them to those before.
    case adding
    /// Adds them to those before, and moves by the sum.
    case moving
  }

  /// A graph's updates; none in the one that moves averages at the end of a step.
  struct Variant: Hashable, Sendable {
    var group: Int
    var updates: [Int]
    var part = Part.whole
  }

  let groups: [Group]
  /// By the place of each update.
  private let every: [Int]
  /// Over how many batches each gradient is accumulated.
  let accumulated: Int
  /// Whether a graph of its own moves the averages: where no graph ends every step.
  let endsWithAverages: Bool
  /// Those that some step runs, in the order in which they are first run.
  private(set) var variants: [Variant] = []

  /// - Parameters:
  ///   - accumulated: Over how many batches each gradient is accumulated.
  ///   - hasAverages: Whether some network's weights are averaged.
  init(_ updates: [UpdateSpec], accumulated: Int = 1, hasAverages: Bool = false) {
    every = updates.map(\.every)
    self.accumulated = accumulated
    var groups: [Group] = []
    for (index, update) in updates.enumerated() {
      if update.times == 1, let last = groups.last, last.times == 1 {
        groups[groups.count - 1].updates.append(index)
      } else {
        groups.append(Group(updates: [index], times: update.times))
      }
    }
    self.groups = groups
    let last = groups.last
    let endsSteps =
      accumulated == 1 && last?.times == 1 && last?.updates.contains { updates[$0].every == 1 } == true
    endsWithAverages = hasAverages && !endsSteps
    for step in 0..<period {
      for variant in due(at: step).flatMap(parts) + closing where !variants.contains(variant) {
        variants.append(variant)
      }
    }
  }

  /// The graph that moves averages, if it is one of its own.
  private var closing: [Variant] { endsWithAverages ? [Variant(group: groups.count, updates: [])] : [] }

  /// Whether the averages move at the end of a graph.
  func movesAverages(_ variant: Variant) -> Bool {
    endsWithAverages ? variant.updates.isEmpty : variant.group == groups.count - 1
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

  /// The graphs of a set of updates, each of which is run for one draw of the group.
  private func parts(of variant: Variant) -> [Variant] {
    if accumulated == 1 { return [variant] }
    return variant.updates.flatMap { update in
      [Part.adding, .moving].map { Variant(group: variant.group, updates: [update], part: $0) }
    }
  }

  private func graph(_ variant: Variant) -> Int {
    guard let graph = variants.firstIndex(of: variant) else {
      preconditionFailure("a step runs a set of updates that no step of a period does")
    }
    return graph
  }

  /// The runs of a step, counted from zero, in their order.
  public func runs(at step: Int) -> [Run] {
    var runs: [Run] = []
    // How many draws the groups before took.
    var drawn = 0
    for variant in due(at: step) {
      let draws = groups[variant.group].times * accumulated
      for repetition in 0..<groups[variant.group].times {
        let first = repetition * accumulated
        if accumulated == 1 {
          runs.append(
            Run(graph: graph(variant), ordinal: drawn + first, repetition: draws == 1 ? nil : repetition))
          continue
        }
        for update in variant.updates {
          for part in 0..<accumulated {
            let kind = part < accumulated - 1 ? Part.adding : .moving
            let graph = graph(Variant(group: variant.group, updates: [update], part: kind))
            runs.append(Run(graph: graph, ordinal: drawn + first + part, repetition: first + part))
          }
        }
      }
      drawn += draws
    }
    for variant in closing { runs.append(Run(graph: graph(variant), ordinal: drawn)) }
    return runs
  }
}
