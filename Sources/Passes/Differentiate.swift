import GraphIR

/// Replaces each `gradient` op by the ops of its operands' pullbacks, in reverse order.
///
/// Every cotangent that somebody asks for is emitted and no other: a value gets one only if it lies on
/// a path from a `gradient`'s values to its scalar. An inner gradient stands before an outer one in the
/// graph, and is expanded first.
public struct Differentiate: Pass {
  public let name = "differentiate"
  public let isRequired = true

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    var changed = false
    while let index = graph.nodes.firstIndex(where: { $0.op == .gradient(Gradient()) }) {
      expand(at: index, in: &graph)
      changed = true
    }
    return changed
  }

  private func expand(at index: Int, in graph: inout Graph) {
    let node = graph.nodes[index]
    let scalar = node.operands[0]
    let targets = Array(node.operands.dropFirst())
    let before = Array(graph.nodes[..<index])
    let after = Array(graph.nodes[(index + 1)...])

    let onPath = valuesOnPaths(from: targets, through: before, count: graph.values.count)
    graph.nodes = before
    var origin = node.origin
    origin.pass = name
    var builder = GraphBuilder(graph, origin: origin)
    var cotangents: [ValueID: ValueID] = [:]
    if onPath[scalar.index] {
      cotangents[scalar] = builder.emit(Constant(value: 1, shape: []))
    }
    for source in before.reversed() {
      let own = source.results.map { cotangents[$0] }
      if own.allSatisfy({ $0 == nil }) { continue }
      let needed = source.operands.map { onPath[$0.index] }
      if !needed.contains(true) { continue }
      builder.origin = source.origin
      builder.origin.pass = name
      var context = PullbackContext(builder: builder, node: source, cotangents: own, needed: needed)
      source.op.definition.pullback(&context)
      builder = context.builder
      for (position, operand) in source.operands.enumerated() where needed[position] {
        guard let cotangent = context.operandCotangents[position] else { continue }
        if let sum = cotangents[operand] {
          cotangents[operand] = builder.emit(Binary(.add), sum, cotangent)
        } else {
          cotangents[operand] = cotangent
        }
      }
    }
    builder.origin = origin
    var replacements: [ValueID: ValueID] = [:]
    for (target, result) in zip(targets, node.results) {
      let cotangent =
        cotangents[target]
        ?? builder.emit(Constant(value: 0, shape: builder.type(of: target).shape))
      replacements[result] = cotangent
    }
    graph = builder.graph
    graph.nodes += after
    graph.replaceUses(replacements)
  }

  /// Whether each value depends on one of the targets through ops that pass a gradient on.
  private func valuesOnPaths(from targets: [ValueID], through nodes: [Node], count: Int) -> [Bool] {
    var onPath = [Bool](repeating: false, count: count)
    for target in targets { onPath[target.index] = true }
    for node in nodes where node.operands.contains(where: { onPath[$0.index] }) {
      if case .detach = node.op { continue }
      if case .nonDifferentiable = type(of: node.op.definition).differentiability { continue }
      for result in node.results { onPath[result.index] = true }
    }
    return onPath
  }
}
