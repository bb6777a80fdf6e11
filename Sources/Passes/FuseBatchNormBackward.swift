import GraphIR

/// Makes one op of an activation's backward and the batch norm's behind it.
///
/// `act_gradient(g, read)` followed by `batch_norm_gradient` becomes
/// `batch_norm_activation_gradient(g, x, …)`, which takes the activation's derivative from x again, so
/// that the activation's input or output need not be kept.
public struct FuseBatchNormBackward: Pass {
  public let name = "fuse-batch-norm-backward"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var biases: [[ValueID]: ValueID] = [:]
    // The bias of each batch norm, by what its backward also reads: input, weight, mean, variance.
    for node in graph.nodes {
      switch node.op {
      case .batchNormTrain:
        biases[[node.operands[0], node.operands[1], node.results[1], node.results[2]]] =
          node.operands[2]
      case .batchNormApply:
        biases[[node.operands[0], node.operands[1], node.operands[3], node.operands[4]]] =
          node.operands[2]
      default: continue
      }
    }
    var removed: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard case .batchNormGradient(let norm) = node.op, uses[node.operands[0].index] == 1,
        let producer = defining[node.operands[0].index],
        case .unaryGradient(let activation) = graph.nodes[producer].op,
        activation.function.kind.isRectifier,
        let bias = biases[Array(node.operands[1...])],
        readsNormalized(
          graph.nodes[producer].operands[1], by: activation.function, of: node, in: graph, defining: defining)
      else { continue }
      let cotangent = graph.nodes[producer].operands[0]
      graph.nodes[index].op = .batchNormActivationGradient(
        BatchNormActivationGradient(eps: norm.eps, activation: activation.function))
      graph.nodes[index].operands = [
        cotangent, node.operands[1], node.operands[2], bias, node.operands[3], node.operands[4],
      ]
      removed.insert(producer)
    }
    if removed.isEmpty { return false }
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return true
  }

  /// Whether the activation's gradient reads the output of the batch norm that `backward` belongs to, or
  /// what the activation made of it. Of another function of that output the derivative is another.
  private func readsNormalized(
    _ read: ValueID, by activation: UnaryFunction, of backward: Node, in graph: Graph, defining: [Int?]
  ) -> Bool {
    guard let index = defining[read.index] else { return false }
    var node = graph.nodes[index]
    var applied: UnaryFunction?
    if case .unary(let unary) = node.op {
      guard let inner = defining[node.operands[0].index] else { return false }
      applied = unary.function
      node = graph.nodes[inner]
    }
    let mean: ValueID
    switch node.op {
    case .batchNormTrain: mean = node.results[1]
    case .batchNormApply(let apply):
      if let taken = apply.activation {
        guard applied == nil else { return false }
        applied = taken
      }
      mean = node.operands[3]
    default: return false
    }
    let isOwn = applied == nil || applied == activation && activation.reads == .result
    return isOwn && node.operands[0] == backward.operands[1] && node.operands[1] == backward.operands[2]
      && mean == backward.operands[3]
  }
}

extension UnaryKind {
  /// Activations whose derivative costs less to take again than the tensor costs to keep.
  var isRectifier: Bool { self == .relu || self == .leakyReLU }
}
