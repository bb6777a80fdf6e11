import GraphIR

/// Computes once what is computed twice: the same op on the same operands.
public struct EliminateCommonSubexpressions: Pass {
  public let name = "eliminate-common-subexpressions"

  public init() {}

  /// A node as what it computes, wherever its results go.
  private struct Computation: Hashable {
    var node: Node

    static func == (a: Computation, b: Computation) -> Bool {
      a.node.op == b.node.op && a.node.operands == b.node.operands
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(node.op)
      hasher.combine(node.operands)
    }
  }

  public func run(_ graph: inout Graph) -> Bool {
    // Made for all nodes at once: growing would hash every op again.
    var seen = Set<Computation>(minimumCapacity: graph.nodes.count)
    var replacements: [ValueID: ValueID] = [:]
    var kept: [Node] = []
    for var node in graph.nodes {
      if node.operands.contains(where: { replacements[$0] != nil }) {
        node.operands = node.operands.map { replacements[$0] ?? $0 }
      }
      let (isNew, earlier) = seen.insert(Computation(node: node))
      if isNew {
        kept.append(node)
      } else {
        for (result, same) in zip(node.results, earlier.node.results) { replacements[result] = same }
      }
    }
    if replacements.isEmpty { return false }
    graph.nodes = kept
    graph.replaceUses(replacements)
    return true
  }
}
