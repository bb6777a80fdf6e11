import GraphIR

/// How much arithmetic an op asks for, counted as a direct computation of it.
public enum Cost {
  /// Multiplications with an addition; zero for ops that only move or map single elements.
  public static func multiplyAdds(_ node: Node, in graph: Graph, batch: Int) -> Int {
    node.op.definition.multiplyAdds(
      operands: node.operands.map { graph.type(of: $0) }, results: node.results.map { graph.type(of: $0) },
      batch: batch)
  }

  /// Floating-point operations of a whole graph: two for a multiplication with its addition, and one for
  /// each element that another op computes.
  public static func flops(_ graph: Graph, batch: Int) -> Double {
    graph.nodes.reduce(0) { sum, node in
      let products = multiplyAdds(node, in: graph, batch: batch)
      if products > 0 { return sum + 2 * Double(products) }
      return sum
        + node.results.reduce(0) { $0 + Double(graph.type(of: $1).elementCount(batch: batch)) }
    }
  }
}
