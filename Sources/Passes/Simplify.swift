import GraphIR

/// Rewrites single ops into simpler ones: identities vanish, chains of one kind become one op, sums
/// with zero and products with one are their other operand.
public struct Simplify: Pass {
  public let name = "simplify"

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    var changed = false
    while simplifyOnce(&graph) { changed = true }
    return changed
  }

  private func simplifyOnce(_ graph: inout Graph) -> Bool {
    var changed = false
    var replacements: [ValueID: ValueID] = [:]
    let defining = graph.definingNodes()
    var kept: [Node] = []
    kept.reserveCapacity(graph.nodes.count)
    for var node in graph.nodes {
      for index in node.operands.indices {
        if let replacement = replacements[node.operands[index]] { node.operands[index] = replacement }
      }
      switch rule(for: node, in: graph, defining: defining) {
      case .keep: kept.append(node)
      case .replace(let value):
        replacements[node.results[0]] = value
        changed = true
      case .rewrite(let op, let operands):
        node.op = op
        node.operands = operands
        kept.append(node)
        changed = true
      }
    }
    graph.nodes = kept
    graph.replaceUses(replacements)
    return changed
  }

  private enum Rewriting {
    case keep
    /// The only result is this value.
    case replace(ValueID)
    case rewrite(Op, [ValueID])
  }

  private func rule(for node: Node, in graph: Graph, defining: [Int?]) -> Rewriting {
    func definition(_ value: ValueID) -> Node? { defining[value.index].map { graph.nodes[$0] } }
    func constant(_ value: ValueID) -> Double? {
      if case .constant(let constant)? = definition(value)?.op { constant.value } else { nil }
    }
    switch node.op {
    case .detach: return .replace(node.operands[0])
    case .affine(let affine):
      let type = graph.type(of: node.results[0])
      if affine.scale == 1, affine.offset == 0 { return .replace(node.operands[0]) }
      if let value = constant(node.operands[0]) {
        return .rewrite(
          .constant(Constant(value: affine.scale * value + affine.offset, shape: type.shape)), [])
      }
      if affine.scale == 0 {
        return .rewrite(.constant(Constant(value: affine.offset, shape: type.shape)), [])
      }
      if let inner = definition(node.operands[0]), case .affine(let first) = inner.op {
        let both = Affine(
          scale: affine.scale * first.scale, offset: affine.scale * first.offset + affine.offset)
        return .rewrite(.affine(both), inner.operands)
      }
      return .keep
    case .increment(let increment):
      if increment.by == 0 { return .replace(node.operands[0]) }
      if let inner = definition(node.operands[0]), case .increment(let first) = inner.op {
        return .rewrite(.increment(Increment(by: increment.by + first.by)), inner.operands)
      }
      return .keep
    case .reshape(let reshape):
      if graph.type(of: node.operands[0]).shape == reshape.shape { return .replace(node.operands[0]) }
      if let inner = definition(node.operands[0]), case .reshape = inner.op {
        return .rewrite(node.op, inner.operands)
      }
      return .keep
    case .broadcast(let broadcast):
      if broadcast.axes.isEmpty { return .replace(node.operands[0]) }
      if !broadcast.mean, let value = constant(node.operands[0]) {
        return .rewrite(
          .constant(Constant(value: value, shape: graph.type(of: node.results[0]).shape)), [])
      }
      return .keep
    case .reduce(let reduce):
      return reduce.axes.isEmpty ? .replace(node.operands[0]) : .keep
    case .concat:
      return node.operands.count == 1 ? .replace(node.operands[0]) : .keep
    case .binary(let binary):
      let left = constant(node.operands[0])
      let right = constant(node.operands[1])
      switch binary.kind {
      case .add:
        if right == 0 { return .replace(node.operands[0]) }
        if left == 0 { return .replace(node.operands[1]) }
        if let right { return .rewrite(.affine(Affine(offset: right)), [node.operands[0]]) }
        if let left { return .rewrite(.affine(Affine(offset: left)), [node.operands[1]]) }
      case .subtract:
        if right == 0 { return .replace(node.operands[0]) }
        if let right { return .rewrite(.affine(Affine(offset: -right)), [node.operands[0]]) }
        if let left {
          return .rewrite(.affine(Affine(scale: -1, offset: left)), [node.operands[1]])
        }
      case .multiply:
        if right == 1 { return .replace(node.operands[0]) }
        if left == 1 { return .replace(node.operands[1]) }
        if let right { return .rewrite(.affine(Affine(scale: right)), [node.operands[0]]) }
        if let left { return .rewrite(.affine(Affine(scale: left)), [node.operands[1]]) }
      case .divide:
        if right == 1 { return .replace(node.operands[0]) }
      case .maximum, .minimum: break
      }
      return .keep
    default: return .keep
    }
  }
}
