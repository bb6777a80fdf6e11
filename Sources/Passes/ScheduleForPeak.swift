import GraphIR
import HeapModule

/// Reorders the nodes so that less memory is alive at once.
///
/// Several orders are tried: depth first from the graph's effects, and the same with nodes moved up that
/// free more than they take. The one with the lowest peak is taken if it is lower than that of the order
/// that stands. Outputs and new states keep their order among each other, and whoever reads an input stays
/// before its update: what could be updated in place still can be, and no weight changes before the losses
/// that precede its update.
public struct ScheduleForPeak: Pass {
  public let name = "schedule-for-peak"

  /// What `N` stands for when sizes are weighed. The order is valid for any batch.
  let batch: Int
  let scratch: KernelScratch.Estimate

  /// - Parameter scratch: What the executor's kernels ask for besides the values.
  public init(batch: Int = 64, scratch: @escaping KernelScratch.Estimate = { _, _ in [] }) {
    self.batch = batch
    self.scratch = scratch
  }

  public func run(_ graph: inout Graph) -> Bool {
    var scratch = scratch(graph, batch)
    for round in 0..<Self.mostRounds {
      let inPlace = InPlaceUpdates(graph)
      let memory = LiveMemory(graph, inPlace, batch: batch, scratch: scratch)
      guard let order = Schedule(graph, inPlace, memory).improvement() else { return round > 0 }
      graph.nodes = order.map { graph.nodes[$0] }
      // What kernels ask for does not depend on the order.
      var places = Array(repeating: 0, count: order.count)
      for (place, node) in order.enumerated() { places[node] = place }
      for request in scratch.indices { scratch[request].nodes = scratch[request].nodes.map { places[$0] } }
    }
    return true
  }

  /// What a better order makes possible is looked for once more; later rounds find next to nothing.
  private static let mostRounds = 2
}

/// Orders of a graph's nodes, as indices into them.
private struct Schedule {
  private let graph: Graph
  /// By the node's index: what must have run before it, ascending.
  private let predecessors: [[Int]]
  private let successors: [[Int]]
  private let memory: LiveMemory

  init(_ graph: Graph, _ inPlace: InPlaceUpdates, _ memory: LiveMemory) {
    self.graph = graph
    self.memory = memory
    predecessors = graph.predecessors(inPlace)
    var successors = [[Int]](repeating: [], count: predecessors.count)
    for (node, before) in predecessors.enumerated() { for other in before { successors[other].append(node) } }
    self.successors = successors
  }

  /// An order with a lower peak than the one that stands.
  func improvement() -> [Int]? {
    let natural = Array(graph.nodes.indices)
    var best: (order: [Int], peak: Int) = (natural, peak(of: natural))
    let standing = best.peak
    for visits in Visits.allCases {
      let depthFirst = depthFirst(visits)
      for order in [depthFirst, eager(depthFirst)] {
        let peak = peak(of: order)
        if peak < best.peak { best = (order, peak) }
      }
    }
    return best.peak < standing ? best.order : nil
  }

  private func peak(of order: [Int]) -> Int {
    var memory = memory
    for node in order { memory.run(node) }
    return memory.peak
  }

  /// In which order a node's predecessors are visited.
  private enum Visits: CaseIterable {
    case firstFirst, lastFirst, mostAncestorsFirst
  }

  /// Each node after all that it needs and nothing else, from the last effect.
  private func depthFirst(_ visits: Visits) -> [Int] {
    let ancestors = visits == .mostAncestorsFirst ? ancestorCounts() : []
    /// - Parameter nodes: Ascending.
    func visited(_ nodes: [Int]) -> [Int] {
      if nodes.count < 2 { return nodes }
      return switch visits {
      case .firstFirst: nodes
      case .lastFirst: nodes.reversed()
      case .mostAncestorsFirst: nodes.sorted { (ancestors[$1], $0) < (ancestors[$0], $1) }
      }
    }
    var order: [Int] = []
    var isDone = Array(repeating: false, count: graph.nodes.count)
    // By the node's index, once it was met: its predecessors in their order, and how many were looked at.
    var visits: [[Int]?] = Array(repeating: nil, count: graph.nodes.count)
    var next = Array(repeating: 0, count: graph.nodes.count)
    let sinks = graph.nodes.indices.filter { successors[$0].isEmpty }
    var stack = Array(visited(sinks).reversed())
    while let node = stack.last {
      if !isDone[node] {
        if visits[node] == nil { visits[node] = visited(predecessors[node]) }
        if let before = visits[node] {
          while next[node] < before.count, isDone[before[next[node]]] { next[node] += 1 }
          if next[node] < before.count {
            stack.append(before[next[node]])
            continue
          }
        }
        order.append(node)
        isDone[node] = true
        visits[node] = []
      }
      stack.removeLast()
    }
    return order
  }

  /// How many nodes must have run before each, itself not counted.
  private func ancestorCounts() -> [Int] {
    var counts = Array(repeating: 0, count: predecessors.count)
    // A bit an ancestor, for some columns of ancestors at a time: the memory does not grow with their number
    // squared.
    let words = 32
    for start in stride(from: 0, to: predecessors.count, by: 64 * words) {
      var bits = Array(repeating: UInt64(0), count: (predecessors.count - start) * words)
      for node in start..<predecessors.count {
        let row = (node - start) * words
        for before in predecessors[node] where before >= start {
          let other = (before - start) * words
          for word in 0..<words { bits[row + word] |= bits[other + word] }
          let column = before - start
          if column < 64 * words { bits[row + column / 64] |= 1 << UInt64(column % 64) }
        }
        for word in 0..<words { counts[node] += bits[row + word].nonzeroBitCount }
      }
    }
    return counts
  }

  /// The order, but that a node which frees at least what it takes runs as soon as it can.
  private func eager(_ priority: [Int]) -> [Int] {
    var rank = Array(repeating: 0, count: priority.count)
    for (position, node) in priority.enumerated() { rank[node] = position }
    var missing = predecessors.map(\.count)
    var memory = memory
    var order: [Int] = []
    var hasRun = Array(repeating: false, count: priority.count)
    var touched: [Int] = []
    /// What nodes are worth that are ready; of a node whose worth has changed since, more than once.
    var ready = Heap<Candidate>()
    func candidate(_ node: Int) -> Candidate {
      let change = memory.change(by: node)
      return Candidate(growth: change.after <= 0 ? change.after : 1, rank: rank[node], node: node)
    }
    for node in missing.indices where missing[node] == 0 { ready.insert(candidate(node)) }
    while let next = ready.popMin() {
      if hasRun[next.node] || next != candidate(next.node) { continue }
      hasRun[next.node] = true
      touched.removeAll(keepingCapacity: true)
      memory.run(next.node) { touched.append($0) }
      order.append(next.node)
      for successor in successors[next.node] {
        missing[successor] -= 1
        if missing[successor] == 0 { ready.insert(candidate(successor)) }
      }
      for node in touched where missing[node] == 0 && !hasRun[node] { ready.insert(candidate(node)) }
    }
    return order
  }

  /// A node that could run next: the smaller, the better.
  private struct Candidate: Comparable {
    /// What it adds to the live memory, in floats; 1 for all that add something.
    var growth: Int
    var rank: Int
    var node: Int

    static func < (first: Candidate, second: Candidate) -> Bool {
      (first.growth, first.rank) < (second.growth, second.rank)
    }
  }
}

extension Graph {
  /// What must run before each node, by its index, ascending: what it reads, the readers of content that it
  /// replaces, and the effect before it.
  fileprivate func predecessors(_ inPlace: InPlaceUpdates) -> [[Int]] {
    let defining = definingNodes()
    // Some of them more than once.
    var before: [[Int]] = []
    // Of what is replaced alone.
    var readers: [Int: [Int]] = [:]
    for replaced in inPlace.replaced.values { readers[replaced.index] = [] }
    for index in nodes.indices {
      var producers: [Int] = []
      for operand in nodes[index].operands {
        if let producer = defining[operand.index] { producers.append(producer) }
        readers[operand.index]?.append(index)
      }
      before.append(producers)
    }
    for (value, replaced) in inPlace.replaced {
      guard let update = defining[value.index] else { continue }
      for reader in readers[replaced.index] ?? [] where reader != update { before[update].append(reader) }
    }
    let effects = Set((outputs.map(\.value) + stores.map(\.value)).compactMap { defining[$0.index] }).sorted()
    for (earlier, later) in zip(effects, effects.dropFirst()) { before[later].append(earlier) }
    return before.map { nodes in
      if nodes.count < 2 { return nodes }
      let sorted = nodes.sorted()
      return sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }.map { sorted[$0] }
    }
  }
}
