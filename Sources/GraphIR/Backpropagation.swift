/// Reverse accumulation: the pullbacks of nodes, last first.
extension GraphBuilder {
  /// Emits the pullbacks of nodes and adds up the cotangents of what they read. Every cotangent that somebody
  /// asks for is emitted and no other.
  ///
  /// - Parameters:
  ///   - nodes: In execution order.
  ///   - onPath: Whether each value, by its index, lies on a path from a value whose cotangent is asked for.
  ///   - cotangents: In: those of the values at the end. Out: of every value on the way as well.
  ///   - origin: Where the ops of a node's pullback come from.
  public mutating func backpropagate(
    through nodes: [Node], where onPath: [Bool], cotangents: inout [ValueID: ValueID],
    origin: (Node) -> Origin
  ) {
    for node in nodes.reversed() {
      let own = node.results.map { cotangents[$0] }
      if own.allSatisfy({ $0 == nil }) { continue }
      let needed = node.operands.map { onPath[$0.index] }
      if !needed.contains(true) { continue }
      self.origin = origin(node)
      let found = pullback(of: node, cotangents: own, needed: needed)
      for (position, operand) in node.operands.enumerated() where needed[position] {
        guard let cotangent = found[position] else { continue }
        if let sum = cotangents[operand] {
          cotangents[operand] = emit(Binary(.add), sum, cotangent)
        } else {
          cotangents[operand] = cotangent
        }
      }
    }
  }

  /// The cotangents of a node's operands; nil is zero.
  private mutating func pullback(of node: Node, cotangents: [ValueID?], needed: [Bool]) -> [ValueID?] {
    // The context takes the graph over while it works: a second owner would copy it at the next node.
    var context = PullbackContext(
      builder: GraphBuilder(Graph(name: graph.name, mode: graph.mode)), node: node, cotangents: cotangents,
      needed: needed)
    swap(&self, &context.builder)
    node.op.definition.pullback(&context)
    swap(&self, &context.builder)
    return context.operandCotangents
  }
}

extension Graph {
  /// Whether each value, by its index, is one of the targets or depends on one through ops that pass a
  /// gradient on.
  public func valuesOnPaths(from targets: [ValueID], through nodes: [Node]) -> [Bool] {
    var onPath = [Bool](repeating: false, count: values.count)
    for target in targets { onPath[target.index] = true }
    for node in nodes where node.operands.contains(where: { onPath[$0.index] }) {
      if case .detach = node.op { continue }
      if case .nonDifferentiable = Swift.type(of: node.op.definition).differentiability { continue }
      for result in node.results { onPath[result.index] = true }
    }
    return onPath
  }
}

/// An op that other ops can write out. Its pullback is theirs.
public protocol DecomposableOp: OpDefinition {
  /// Emits ordinary ops that compute the results.
  func decompose(_ operands: [ValueID], in builder: inout GraphBuilder) -> [ValueID]
}

extension DecomposableOp {
  public func pullback(_ context: inout PullbackContext) {
    let operands = context.node.operands
    let origin = context.builder.origin
    let start = context.builder.graph.nodes.count
    let results = decompose(operands, in: &context.builder)
    let nodes = Array(context.builder.graph.nodes[start...])
    var cotangents: [ValueID: ValueID] = [:]
    for (result, cotangent) in zip(results, context.cotangents) {
      if let cotangent { cotangents[result] = cotangent }
    }
    let targets = operands.indices.filter { context.needed[$0] }.map { operands[$0] }
    let onPath = context.builder.graph.valuesOnPaths(from: targets, through: nodes)
    context.builder.backpropagate(through: nodes, where: onPath, cotangents: &cotangents) { _ in origin }
    // A value that stands in two places has one cotangent, which is contributed once.
    for (index, operand) in operands.enumerated() where context.needed[index] {
      if let cotangent = cotangents.removeValue(forKey: operand) { context.contribute(cotangent, to: index) }
    }
  }
}
