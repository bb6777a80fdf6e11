import GraphIR

/// Moves an activation into the convolution or the batch norm before it, when nobody else reads what
/// lies between: a backward pass that does blocks it by itself.
public struct FuseActivation: Pass {
  public let name = "fuse-activation"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var removed: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard case .unary(let unary) = node.op, uses[node.operands[0].index] == 1,
        let producer = defining[node.operands[0].index], !removed.contains(producer),
        let op = fuse(unary.function, into: graph.nodes[producer].op)
      else { continue }
      let source = graph.nodes[producer]
      graph.nodes[index] = Node(
        op: op, operands: source.operands, results: node.results, origin: source.origin)
      removed.insert(producer)
    }
    if removed.isEmpty { return false }
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return true
  }

  private func fuse(_ function: UnaryFunction, into op: Op) -> Op? {
    guard function.kind.definition.isActivation else { return nil }
    switch op {
    case .batchNormApply(var apply) where apply.activation == nil:
      apply.activation = function
      return .batchNormApply(apply)
    case .batchNormInfer(let norm):
      return .batchNormApply(BatchNormApply(eps: norm.eps, activation: function))
    case .fusedConvolution(var fused) where fused.activation == nil && !fused.emitsStatistics:
      fused.activation = function
      return .fusedConvolution(fused)
    default:
      guard var fused = op.asFusableConvolution else { return nil }
      fused.activation = function
      return .fusedConvolution(fused)
    }
  }
}
