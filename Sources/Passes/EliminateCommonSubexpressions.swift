import GraphIR

/// Computes once what is computed twice: the same op on the same operands.
public struct EliminateCommonSubexpressions: Pass {
  public let name = "eliminate-common-subexpressions"

  public init() {}

  private struct Key: Hashable {
    var op: Op
    var operands: [ValueID]
  }

  public func run(_ graph: inout Graph) -> Bool {
    var seen: [Key: [ValueID]] = [:]
    var replacements: [ValueID: ValueID] = [:]
    var kept: [Node] = []
    for node in graph.nodes {
      let operands = node.operands.map { replacements[$0] ?? $0 }
      let key = Key(op: node.op, operands: operands)
      if let earlier = seen[key] {
        for (result, same) in zip(node.results, earlier) { replacements[result] = same }
      } else {
        seen[key] = node.results
        kept.append(node)
      }
    }
    if replacements.isEmpty { return false }
    graph.nodes = kept
    graph.replaceUses(replacements)
    return true
  }
}
