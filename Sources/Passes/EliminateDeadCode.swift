import GraphIR

/// Removes ops whose results nobody reads. Ops are pure: only outputs and stores keep them.
public struct EliminateDeadCode: Pass {
  public let name = "eliminate-dead-code"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    var live = [Bool](repeating: false, count: graph.values.count)
    for output in graph.outputs { live[output.value.index] = true }
    for store in graph.stores { live[store.value.index] = true }
    var kept: [Node] = []
    for node in graph.nodes.reversed() where node.results.contains(where: { live[$0.index] }) {
      for operand in node.operands { live[operand.index] = true }
      kept.append(node)
    }
    let changed = kept.count != graph.nodes.count
    graph.nodes = kept.reversed()
    return changed
  }
}
