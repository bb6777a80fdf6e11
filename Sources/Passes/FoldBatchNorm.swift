import GraphIR

/// Folds the batch norm of inference into the convolution before it: its scale goes into the weight, and
/// the rest into a bias. Where the parameters stand still, that is computed once.
public struct FoldBatchNorm: Pass {
  public let name = "fold-batch-norm"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var removed: Set<Int> = []
    var replaced: [Int: [Node]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard case .batchNormInfer(let norm) = node.op, uses[node.operands[0].index] == 1,
        var producer = defining[node.operands[0].index]
      else { continue }
      var absorbed: Set = [producer]
      var bias: ValueID?
      if case .biasAdd = graph.nodes[producer].op {
        let sum = graph.nodes[producer]
        guard uses[sum.operands[0].index] == 1, let inner = defining[sum.operands[0].index] else { continue }
        bias = sum.operands[1]
        producer = inner
        absorbed.insert(inner)
      }
      // A transposed convolution's groups share rows of the weight, so that no slice of it is a channel.
      guard let fused = graph.nodes[producer].op.asFusableConvolution,
        !fused.isTransposed || fused.geometry.groups == 1
      else { continue }
      removed.formUnion(absorbed)
      replaced[index] = fold(norm, node, into: fused, graph.nodes[producer], bias: bias, &graph)
    }
    if replaced.isEmpty { return false }
    var kept: [Node] = []
    for (index, node) in graph.nodes.enumerated() where !removed.contains(index) {
      kept += replaced[index] ?? [node]
    }
    graph.nodes = kept
    return true
  }

  /// convolution(x, w·s) + (beta + (bias − mean)·s) with s = weight / √(variance + eps), a channel.
  private func fold(
    _ norm: BatchNormInfer, _ node: Node, into fused: FusedConvolution, _ convolution: Node, bias: ValueID?,
    _ graph: inout Graph
  ) -> [Node] {
    let before = graph.nodes
    graph.nodes = []
    var origin = node.origin
    origin.pass = name
    var builder = GraphBuilder(graph, origin: origin)
    let (gamma, beta, mean, variance) = (
      node.operands[1], node.operands[2], node.operands[3], node.operands[4]
    )
    let deviation = builder.emit(
      Unary(UnaryFunction(.sqrt)), builder.emit(Affine(offset: norm.eps), variance))
    let scale = builder.emit(Binary(.divide), gamma, deviation)
    let weight = convolution.operands[1]
    let shape = builder.type(of: weight).shape
    let axes = fused.isTransposed ? [0, 2, 3] : [1, 2, 3]
    let spread = builder.emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), scale)
    let folded = builder.emit(Binary(.multiply), weight, spread)
    let centred =
      bias.map { builder.emit(Binary(.subtract), $0, mean) } ?? builder.emit(Affine(scale: -1), mean)
    let shift = builder.emit(Binary(.add), beta, builder.emit(Binary(.multiply), centred, scale))
    let nodes =
      builder.graph.nodes + [
        Node(
          op: .fusedConvolution(fused), operands: [convolution.operands[0], folded, shift],
          results: node.results, origin: convolution.origin)
      ]
    graph = builder.graph
    graph.nodes = before
    return nodes
  }
}
