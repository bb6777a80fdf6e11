import GraphIR

/// Makes one op of all updates of one optimiser at one step, so that a network's whole update is one
/// kernel.
public struct MergeOptimizerUpdates: Pass {
  public let name = "merge-optimizer-updates"

  public init() {}

  private struct Key: Hashable {
    var op: Op
    var step: ValueID
  }

  public func run(_ graph: inout Graph) -> Bool {
    var last: [Key: Int] = [:]
    var counts: [Key: Int] = [:]
    for (index, node) in graph.nodes.enumerated() where node.op.isOptimizer {
      let key = Key(op: node.op, step: node.operands[0])
      last[key] = index
      counts[key, default: 0] += 1
    }
    guard counts.values.contains(where: { $0 > 1 }) else { return false }
    // All operands of the merged update are known where its last part stood, and nobody reads a new
    // parameter before: whoever does stands after the whole update in the step's order.
    var operands: [Key: [ValueID]] = [:]
    var results: [Key: [ValueID]] = [:]
    var read: Set<ValueID> = []
    var kept: [Node] = []
    for (index, node) in graph.nodes.enumerated() {
      guard node.op.isOptimizer else {
        read.formUnion(node.operands)
        kept.append(node)
        continue
      }
      let key = Key(op: node.op, step: node.operands[0])
      operands[key, default: [node.operands[0]]] += node.operands.dropFirst()
      results[key, default: []] += node.results
      if last[key] == index {
        let merged = Node(
          op: node.op, operands: operands[key] ?? [], results: results[key] ?? [], origin: node.origin)
        if merged.results.contains(where: { read.contains($0) }) { return false }
        kept.append(merged)
      }
    }
    graph.nodes = kept
    return true
  }
}

extension Op {
  /// Whether it is an optimiser's update.
  public var isOptimizer: Bool {
    switch self {
    case .adam, .sgd, .rmsprop: true
    default: false
    }
  }
}
