import GraphIR
import Passes

extension FormulaLowering {
  /// Which of these values a scalar depends on through ops that pass a gradient on, those that a gradient in
  /// it expands to among them.
  func reached(from scalar: ValueID, among targets: [ValueID]) -> Set<ValueID> {
    let graph = Differentiate.expanded(builder.graph, for: scalar)
    var isNeeded = [Bool](repeating: false, count: graph.values.count)
    isNeeded[scalar.index] = true
    for node in graph.nodes.reversed() where node.results.contains(where: { isNeeded[$0.index] }) {
      if case .detach = node.op { continue }
      if case .nonDifferentiable = Swift.type(of: node.op.definition).differentiability { continue }
      for operand in node.operands { isNeeded[operand.index] = true }
    }
    return Set(targets.filter { isNeeded[$0.index] })
  }
}
