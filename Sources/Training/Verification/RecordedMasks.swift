import GraphIR

extension Graph {
  /// The same graph, with its dropout masks given to it and not drawn.
  ///
  /// The mask of a layer's application number k, counted from 0 in the order of the graph, becomes the data
  /// input `mask.<layer>.<k>`: 1 where a value is kept, 0 elsewhere. The scale stays the graph's.
  func takingMasks() -> Graph {
    var graph = self
    var applications: [String: Int] = [:]
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard case .dropoutMask(let mask) = node.op else { continue }
      guard let layer = node.origin.layer else { preconditionFailure("a mask of no layer") }
      let count = applications[layer, default: 0]
      applications[layer] = count + 1
      let kept = graph.addInput(.data, "mask.\(layer).\(count)", graph.type(of: node.results[0]))
      graph.nodes[index] = Node(
        op: .affine(Affine(scale: 1 / (1 - mask.rate))), operands: [kept], results: node.results,
        origin: node.origin)
    }
    return graph
  }
}
