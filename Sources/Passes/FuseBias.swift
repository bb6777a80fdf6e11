import GraphIR

/// Moves the bias that follows a convolution into the convolution, when nobody else reads the sum's
/// first operand.
public struct FuseBias: Pass {
  public let name = "fuse-bias"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var removed: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard case .biasAdd = node.op, uses[node.operands[0].index] == 1,
        let producer = defining[node.operands[0].index],
        let fused = graph.nodes[producer].op.asFusableConvolution
      else { continue }
      // The convolution moves down to the bias's place, after whatever defines the bias.
      let source = graph.nodes[producer]
      graph.nodes[index] = Node(
        op: .fusedConvolution(fused), operands: source.operands + [node.operands[1]],
        results: node.results, origin: source.origin)
      removed.insert(producer)
    }
    if removed.isEmpty { return false }
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return true
  }
}
