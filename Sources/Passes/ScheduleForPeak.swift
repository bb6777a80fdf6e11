import GraphIR

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
    var changed = false
    while let order = Schedule(graph, LiveMemory(graph, batch: batch, scratch: scratch(graph, batch)))
      .improvement()
    {
      graph.nodes = order.map { graph.nodes[$0] }
      changed = true
    }
    return changed
  }
}

/// Orders of a graph's nodes, as indices into them.
private struct Schedule {
  private let graph: Graph
  /// By the node's index: what must have run before it.
  private let predecessors: [[Int]]
  private let successors: [[Int]]
  private let memory: LiveMemory

  init(_ graph: Graph, _ memory: LiveMemory) {
    self.graph = graph
    self.memory = memory
    predecessors = graph.predecessors()
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
      for order in [depthFirst, eager(depthFirst)] where peak(of: order) < best.peak {
        best = (order, peak(of: order))
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
    func visited(_ nodes: [Int]) -> [Int] {
      switch visits {
      case .firstFirst: nodes.sorted()
      case .lastFirst: nodes.sorted(by: >)
      case .mostAncestorsFirst: nodes.sorted { (ancestors[$1], $0) < (ancestors[$0], $1) }
      }
    }
    var order: [Int] = []
    var isDone = Array(repeating: false, count: graph.nodes.count)
    let sinks = graph.nodes.indices.filter { successors[$0].isEmpty }
    var stack = Array(visited(sinks).reversed())
    while let node = stack.last {
      let open = isDone[node] ? [] : visited(predecessors[node].filter { !isDone[$0] })
      if let next = open.first {
        stack.append(next)
        continue
      }
      stack.removeLast()
      if !isDone[node] { order.append(node) }
      isDone[node] = true
    }
    return order
  }

  private func ancestorCounts() -> [Int] {
    var ancestors: [Set<Int>] = []
    for before in predecessors {
      ancestors.append(before.reduce(into: Set(before)) { $0.formUnion(ancestors[$1]) })
    }
    return ancestors.map(\.count)
  }

  /// The order, but that a node which frees at least what it takes runs as soon as it can.
  private func eager(_ priority: [Int]) -> [Int] {
    var rank = Array(repeating: 0, count: priority.count)
    for (position, node) in priority.enumerated() { rank[node] = position }
    var missing = predecessors.map(\.count)
    var ready = missing.indices.filter { missing[$0] == 0 }
    var memory = memory
    var order: [Int] = []
    while !ready.isEmpty {
      func key(_ node: Int) -> (Int, Int) {
        let change = memory.change(by: node)
        return (change.after <= 0 ? change.after : 1, rank[node])
      }
      var next = ready[0]
      for node in ready.dropFirst() where key(node) < key(next) { next = node }
      ready.removeAll { $0 == next }
      memory.run(next)
      order.append(next)
      for successor in successors[next] {
        missing[successor] -= 1
        if missing[successor] == 0 { ready.append(successor) }
      }
    }
    return order
  }
}

extension Graph {
  /// What must run before each node, by its index: what it reads, the readers of content that it replaces,
  /// and the effect before it.
  fileprivate func predecessors() -> [[Int]] {
    let defining = definingNodes()
    var before = nodes.map { node in Set(node.operands.compactMap { defining[$0.index] }) }
    var readers: [ValueID: Set<Int>] = [:]
    for (index, node) in nodes.enumerated() {
      for operand in node.operands { readers[operand, default: []].insert(index) }
    }
    for (value, replaced) in InPlaceUpdates(self).replaced {
      guard let update = defining[value.index] else { continue }
      before[update].formUnion(readers[replaced, default: []].subtracting([update]))
    }
    let effects = Set((outputs.map(\.value) + stores.map(\.value)).compactMap { defining[$0.index] }).sorted()
    for (earlier, later) in zip(effects, effects.dropFirst()) { before[later].insert(earlier) }
    return before.map { $0.sorted() }
  }
}
