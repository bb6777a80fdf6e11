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
    for var node in graph.nodes {
      let layout = resultLayout(of: node, in: graph)
      if case .matchOperands = layout {
        let layouts = node.operands.map { graph.type(of: $0).layout }
        if Set(layouts).count > 1 {
          for index in node.operands.indices where layouts[index] != .channelsLast {
            guard graph.type(of: node.operands[index]).rank == 4 else { continue }
            node.operands[index] = relayout(node.operands[index], node.origin, &graph, &kept)
            changed = true
          }
        }
      }
      for result in node.results where graph.type(of: result).rank == 4 {
        let chosen: Layout =
          switch layout {
          case .always(let layout): layout
          case .matchOperands:
            node.operands.contains { graph.type(of: $0).layout == .channelsLast }
              ? .channelsLast : .rowMajor
          }
        changed = set(chosen, result, &graph) || changed
      }
      kept.append(node)
    }
    graph.nodes = kept
    return changed
  }

  private enum ResultLayout {
    case always(Layout)
    case matchOperands
  }

  private func resultLayout(of node: Node, in graph: Graph) -> ResultLayout {
    switch node.op {
    case .conv2DWeightGradient: .always(.rowMajor)
    case .relayout(let relayout): .always(relayout.layout)
    case .unary, .unaryGradient, .binary, .affine, .concat, .slice, .pad, .biasAdd, .detach,
      .adam, .sgd, .rmsprop, .fusedElementwise:
      .matchOperands
    case .constant, .reduce, .broadcast, .reshape, .matmul, .conv2D, .convTranspose2D, .batchNormTrain,
      .batchNormInfer, .batchNormGradient, .updateRunningStatistics, .upsampleNearest, .avgPool2D,
      .avgPool2DGradient, .maxPool2D, .maxPool2DGradient, .maxPool2DGather, .dropoutMask, .gradient,
      .fusedConvolution, .channelStatistics, .batchNormApply, .batchNormActivationGradient:
      .always(.channelsLast)
    }
  }

  private func set(_ layout: Layout, _ value: ValueID, _ graph: inout Graph) -> Bool {
    if graph[value].type.layout == layout { return false }
    graph[value].type.layout = layout
    return true
  }

  private func relayout(
    _ value: ValueID, _ origin: Origin, _ graph: inout Graph, _ nodes: inout [Node]
  ) -> ValueID {
    let result = graph.makeValue(TensorType(graph.type(of: value).shape, layout: .channelsLast))
    var origin = origin
    origin.pass = name
    nodes.append(
      Node(op: .relayout(Relayout(.channelsLast)), operands: [value], results: [result], origin: origin))
    return result
  }
}
