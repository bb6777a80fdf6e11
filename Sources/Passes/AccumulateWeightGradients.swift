import GraphIR

/// Adds the weight gradient of one batch to that of another inside the second one's kernel: the sum of
/// two `conv2d_weight_gradient`s becomes the second with the first as its accumulator.
public struct AccumulateWeightGradients: Pass {
  public let name = "accumulate-weight-gradients"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var removed: Set<Int> = []
    var absorbed: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard case .binary(let sum) = node.op, sum.kind == .add else { continue }
      let producers = node.operands.map { operand -> Int? in
        guard uses[operand.index] == 1, let producer = defining[operand.index],
          case .conv2DWeightGradient = graph.nodes[producer].op,
          graph.nodes[producer].operands.count == 2, !absorbed.contains(producer)
        else { return nil }
        return producer
      }
      // The later of the two takes the other in; the sum's place is after both.
      guard let later = producers.compactMap({ $0 }).max() else { continue }
      let accumulator = producers[0] == later ? node.operands[1] : node.operands[0]
      let source = graph.nodes[later]
      graph.nodes[index] = Node(
        op: source.op, operands: source.operands + [accumulator], results: node.results,
        origin: source.origin)
      removed.insert(later)
      absorbed.insert(later)
      absorbed.insert(index)
    }
    if removed.isEmpty { return false }
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return true
  }
}
