import GraphIR

/// Makes one op of all updates of one optimiser at one step, so that a network's whole update is one
/// kernel.
public struct MergeOptimizerUpdates: Pass {
  public let name = "merge-optimizer-updates"

  public init() {}

  private struct Key: Hashable {
    var op: Op
    /// The step and the factor of the rate.
    var leading: [ValueID]
  }

  public func run(_ graph: inout Graph) -> Bool {
    var places: [Key: [Int]] = [:]
    var firstReads: [ValueID: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands where firstReads[operand] == nil { firstReads[operand] = index }
      guard node.op.isOptimizer else { continue }
      places[Key(op: node.op, leading: Array(node.operands[..<2])), default: []].append(index)
    }
    var removed: Set<Int> = []
    for parts in places.values {
      // All operands are known where the last part stands. Whoever reads a new parameter before that,
      // another update among them, keeps the parts apart.
      guard parts.count > 1, let last = parts.last,
        parts.allSatisfy({ graph.nodes[$0].results.allSatisfy { firstReads[$0] ?? .max > last } })
      else { continue }
      for part in parts.dropLast().reversed() {
        let source = graph.nodes[part]
        graph.nodes[last].operands.insert(contentsOf: source.operands.dropFirst(2), at: 2)
        graph.nodes[last].results.insert(contentsOf: source.results, at: 0)
        removed.insert(part)
      }
    }
    if removed.isEmpty { return false }
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return true
  }
}
