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

  func expand(at index: Int, in graph: inout Graph) {
    let node = graph.nodes[index]
    let scalar = node.operands[0]
    let targets = Array(node.operands.dropFirst())
    let before = Array(graph.nodes[..<index])
    let after = Array(graph.nodes[(index + 1)...])

    graph.nodes = before
    var origin = node.origin
    origin.pass = name
    let onPath = graph.valuesOnPaths(from: targets, through: before)
    var builder = GraphBuilder(taking: &graph, origin: origin)
    var cotangents: [ValueID: ValueID] = [:]
    if onPath[scalar.index] { cotangents[scalar] = builder.emit(Constant(value: 1, shape: [])) }
    builder.backpropagate(through: before, where: onPath, cotangents: &cotangents) { source in
      var origin = source.origin
      origin.pass = name
      return origin
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
}
