import GraphIR

/// Folds the batch norm of inference into the convolution before it: its scale goes into the weight, and
/// the rest into a bias. Where the parameters stand still, that is computed once.
public struct FoldBatchNorm: Pass {
  public let name = "fold-batch-norm"

  public init() {}

  /// A batch norm whose convolution takes it in.
  private struct Fold {
    var norm: BatchNormInfer
    var fused: FusedConvolution
    var convolution: Node
    var bias: ValueID?
  }

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    let nodes = graph.nodes
    var removed: Set<Int> = []
    var folds: [Int: Fold] = [:]
    for (index, node) in nodes.enumerated() {
      guard case .batchNormInfer(let norm) = node.op, uses[node.operands[0].index] == 1,
        var producer = defining[node.operands[0].index]
      else { continue }
      var absorbed: Set = [producer]
      var bias: ValueID?
      if case .biasAdd = nodes[producer].op {
        let sum = nodes[producer]
        guard uses[sum.operands[0].index] == 1, let inner = defining[sum.operands[0].index] else { continue }
        bias = sum.operands[1]
        producer = inner
        absorbed.insert(inner)
      }
      // A transposed convolution's groups share rows of the weight, so that no slice of it is a channel.
      guard let fused = nodes[producer].op.asFusableConvolution,
        !fused.isTransposed || fused.geometry.groups == 1
      else { continue }
      removed.formUnion(absorbed)
      folds[index] = Fold(norm: norm, fused: fused, convolution: nodes[producer], bias: bias)
    }
    if folds.isEmpty { return false }
    graph.nodes = []
    var builder = GraphBuilder(taking: &graph)
    for (index, node) in nodes.enumerated() where !removed.contains(index) {
      if let fold = folds[index] {
        emit(fold, of: node, &builder)
      } else {
        builder.graph.nodes.append(node)
      }
    }
    graph = builder.graph
    return true
  }

  /// convolution(x, w·s) + (beta + (bias − mean)·s) with s = weight / √(variance + eps), a channel.
  private func emit(_ fold: Fold, of node: Node, _ builder: inout GraphBuilder) {
    builder.origin = node.origin
    builder.origin.pass = name
    let (gamma, beta, mean, variance) = (
      node.operands[1], node.operands[2], node.operands[3], node.operands[4]
    )
    let deviation = builder.emit(
      Unary(UnaryFunction(.sqrt)), builder.emit(Affine(offset: fold.norm.eps), variance))
    let scale = builder.emit(Binary(.divide), gamma, deviation)
    let weight = fold.convolution.operands[1]
    let shape = builder.type(of: weight).shape
    let axes = fold.fused.isTransposed ? [0, 2, 3] : [1, 2, 3]
    let spread = builder.emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), scale)
    let folded = builder.emit(Binary(.multiply), weight, spread)
    let centred =
      fold.bias.map { builder.emit(Binary(.subtract), $0, mean) }
      ?? builder.emit(Affine(scale: -1), mean)
    let shift = builder.emit(Binary(.add), beta, builder.emit(Binary(.multiply), centred, scale))
    builder.graph.nodes.append(
      Node(
        op: .fusedConvolution(fold.fused), operands: [fold.convolution.operands[0], folded, shift],
        results: node.results, origin: fold.convolution.origin))
  }
}
