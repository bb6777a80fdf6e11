import GraphIR

extension Differentiate {
  /// The graph with those gradients replaced by their ops that a value depends on, through ops that pass a
  /// gradient on: what it depends on besides can then be seen.
  public static func expanded(_ graph: Graph, for value: ValueID) -> Graph {
    var graph = graph
    while let index = firstGradient(above: value, in: graph) {
      Differentiate().expand(at: index, in: &graph)
    }
    return graph
  }

  private static func firstGradient(above value: ValueID, in graph: Graph) -> Int? {
    var isNeeded = [Bool](repeating: false, count: graph.values.count)
    isNeeded[value.index] = true
    var first: Int?
    for (index, node) in graph.nodes.enumerated().reversed()
    where node.results.contains(where: { isNeeded[$0.index] }) {
      if case .detach = node.op { continue }
      if case .gradient = node.op {
        first = index
      } else if case .nonDifferentiable = type(of: node.op.definition).differentiability {
        continue
      }
      for operand in node.operands { isNeeded[operand.index] = true }
    }
    return first
  }
}
