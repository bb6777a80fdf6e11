import GraphIR

/// How much arithmetic an op asks for, counted as a direct computation of it.
public enum Cost {
  /// Multiplications with an addition; zero for ops that only move or map single elements.
  public static func multiplyAdds(_ node: Node, in graph: Graph, batch: Int) -> Int {
    func count(_ value: ValueID) -> Int { graph.type(of: value).elementCount(batch: batch) }
    func extent(_ value: ValueID, _ axis: Int) -> Int {
      graph.type(of: value).shape[axis].extent(batch: batch)
    }
    /// Every element of the small image meets one window of the weight.
    func convolution(small: ValueID, weight: ValueID) -> Int {
      product(count(small), extent(weight, 1), extent(weight, 2), extent(weight, 3))
    }
    switch node.op {
    case .matmul(let op):
      return product(count(node.results[0]), extent(node.operands[0], op.transposeLeft ? 0 : 1))
    case .conv2D: return convolution(small: node.results[0], weight: node.operands[1])
    case .convTranspose2D: return convolution(small: node.operands[0], weight: node.operands[1])
    case .conv2DWeightGradient: return convolution(small: node.operands[1], weight: node.results[0])
    case .fusedConvolution(let op):
      return convolution(
        small: op.isTransposed ? node.operands[0] : node.results[0], weight: node.operands[1])
    default: return 0
    }
  }

  /// A product of sizes that each make sense alone may still exceed a word.
  private static func product(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (value, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? Int.max : value
    }
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
