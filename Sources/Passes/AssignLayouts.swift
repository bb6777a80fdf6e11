import GraphIR

/// Puts images into the layout that the CPU's kernels want: channels last for every activation of rank
/// 4, row-major for weights. Where an op's operands disagree, a `relayout` stands between.
public struct AssignLayouts: Pass {
  public let name = "assign-layouts"
  public let isRequired = true

  public init() {}

  public func run(_ graph: inout Graph) -> Bool {
    var changed = false
    for input in graph.inputs where input.kind == .data && graph.type(of: input.value).rank == 4 {
      changed = set(.channelsLast, input.value, &graph) || changed
    }
    var kept: [Node] = []
    var relaid: [Relaid: ValueID] = [:]
    for var node in graph.nodes {
      let layouts = node.op.definition.layouts
      let images = node.operands.indices.filter { graph.type(of: node.operands[$0]).rank == 4 }
      var common: Layout?
      if layouts.results == .matchOperands {
        if case .all(let layout) = layouts.operands {
          common = layout
        } else {
          // Operands that disagree meet in the images' layout.
          let standing = images.map { graph.type(of: node.operands[$0]).layout }
          common = standing.contains(.channelsLast) ? .channelsLast : .rowMajor
        }
      }
      for index in images {
        guard let wanted = layouts.required(ofOperand: index) ?? common,
          graph.type(of: node.operands[index]).layout != wanted
        else { continue }
        let key = Relaid(value: node.operands[index], layout: wanted)
        let copy = relaid[key] ?? relayout(node.operands[index], to: wanted, node.origin, &graph, &kept)
        relaid[key] = copy
        node.operands[index] = copy
        changed = true
      }
      for result in node.results where graph.type(of: result).rank == 4 {
        let chosen: Layout =
          switch layouts.results {
          case .always(let layout): layout
          case .matchOperands: common ?? .rowMajor
          case .byBatch: graph.type(of: result).shape[0] == .batch ? .channelsLast : .rowMajor
          }
        changed = set(chosen, result, &graph) || changed
      }
      kept.append(node)
    }
    graph.nodes = kept
    return changed
  }

  /// A value in another layout: what several nodes want, one copies.
  private struct Relaid: Hashable {
    var value: ValueID
    var layout: Layout
  }

  private func set(_ layout: Layout, _ value: ValueID, _ graph: inout Graph) -> Bool {
    if graph[value].type.layout == layout { return false }
    graph[value].type.layout = layout
    return true
  }

  private func relayout(
    _ value: ValueID, to layout: Layout, _ origin: Origin, _ graph: inout Graph, _ nodes: inout [Node]
  ) -> ValueID {
    let result = graph.makeValue(TensorType(graph.type(of: value).shape, layout: layout))
    var origin = origin
    origin.pass = name
    nodes.append(
      Node(op: .relayout(Relayout(layout)), operands: [value], results: [result], origin: origin))
    return result
  }
}
