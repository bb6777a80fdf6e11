import GraphIR

/// Splits `batch_norm_train` into statistics and application. Where the input comes straight from a
/// convolution, the convolution takes the statistics on its way out.
public struct FuseBatchNormStatistics: Pass {
  public let name = "fuse-batch-norm-statistics"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    var changed = false
    var position = 0
    while position < graph.nodes.count {
      let node = graph.nodes[position]
      guard case .batchNormTrain(let norm) = node.op else {
        position += 1
        continue
      }
      changed = true
      let (output, mean, variance) = (node.results[0], node.results[1], node.results[2])
      let producer = graph.nodes[..<position].lastIndex { $0.results.contains(node.operands[0]) }
      let convolution = producer.flatMap { fusable(graph.nodes[$0]) }
      if let producer, var convolution {
        convolution.emitsStatistics = true
        graph.nodes[producer].op = .fusedConvolution(convolution)
        graph.nodes[producer].results += [mean, variance]
      } else {
        let statistics = Node(
          op: .channelStatistics(ChannelStatistics()), operands: [node.operands[0]],
          results: [mean, variance], origin: node.origin)
        graph.nodes.insert(statistics, at: position)
        position += 1
      }
      graph.nodes[position] = Node(
        op: .batchNormApply(BatchNormApply(eps: norm.eps, activation: nil)),
        operands: node.operands + [mean, variance], results: [output], origin: node.origin)
      position += 1
    }
    return changed
  }

  /// The node as a fused convolution that could still emit statistics.
  private func fusable(_ node: Node) -> FusedConvolution? {
    guard case .fusedConvolution(let fused) = node.op else { return node.op.asFusableConvolution }
    return fused.emitsStatistics || fused.activation != nil ? nil : fused
  }
}
