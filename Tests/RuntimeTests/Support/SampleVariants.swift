import GraphIR
import Passes
import Runtime

/// An op's sample as a graph that the CPU executor can plan, in one of the ways in which real graphs hold
/// the op.
struct SampleVariant {
  var name: String
  var graph: Graph
  /// By the input's name.
  var inputs: [String: ReferenceTensor]
}

extension OpSample {
  /// Everything an executor treats differently:
  /// operands that are given or stand still, operands that may be overwritten, results that replace the
  /// content of an operand, and the layouts of images.
  func variants() throws -> [SampleVariant] {
    var variants: [SampleVariant] = []
    func add(_ name: String, _ graph: Graph) {
      var inputs: [String: ReferenceTensor] = [:]
      for (input, tensor) in zip(graph.inputs, operandTensors()) { inputs[input.name] = tensor.rounded }
      variants.append(SampleVariant(name: "\(op.mnemonic), \(name)", graph: graph, inputs: inputs))
    }

    let graph = try graph()
    var planned = graph
    _ = AssignLayouts().run(&planned)
    add("all operands given", planned)

    var constant = graph
    for index in graph.inputs.indices where isParameter(index) { constant.inputs[index].kind = .parameter }
    if constant.inputs != graph.inputs {
      _ = AssignLayouts().run(&constant)
      add("parameters that stand still", constant)
    }

    var overwritable = copyingOperands(of: graph)
    _ = AssignLayouts().run(&overwritable)
    add("operands that may be overwritten", overwritable)

    if var updating = storingResults(of: graph) {
      _ = AssignLayouts().run(&updating)
      // Kernels that want images channels last cannot update what is kept in rows.
      if Verifier.violations(in: updating).isEmpty { add("results that replace operands", updating) }
    }
    for (layouts, graph) in freeLayouts(of: graph) { add("layouts \(layouts)", graph) }
    return variants
  }

  /// Whether the operand is a weight or a number a channel.
  private func isParameter(_ index: Int) -> Bool {
    type(of: op).signature.parametersFrom.map { index >= $0 } ?? false
  }

  /// The graph with a fresh copy of each operand, which nobody else reads.
  private func copyingOperands(of graph: Graph) -> Graph {
    var builder = GraphBuilder(Graph(name: graph.name, mode: .train))
    let copies = graph.inputs.enumerated().map { index, input in
      let kind: GraphInput.Kind = isParameter(index) ? .parameter : .data
      let value = builder.graph.addInput(kind, input.name, graph.type(of: input.value))
      if graph.type(of: input.value).element == .i64 { return builder.emit(Increment(by: 0), value) }
      // A weight is prepared once if it stands still, and that is another variant.
      return isParameter(index) ? value : builder.emit(Affine(), value)
    }
    for (index, result) in builder.emitAll(op, copies).enumerated() {
      builder.graph.addOutput("y\(index)", result)
    }
    return builder.graph
  }

  /// The graph with results that become the content of the operands that they are new versions of.
  private func storingResults(of graph: Graph) -> Graph? {
    var updated: [Int] = []
    for (result, output) in graph.outputs.enumerated() {
      let positions = op.overwritableOperands(result: result, operandCount: operands.count)
      guard let place = positions.first, !updated.contains(place),
        graph.type(of: graph.inputs[place].value) == graph.type(of: output.value)
      else { return nil }
      updated.append(place)
    }
    var graph = graph
    // What outlives a run is kept in rows, which element-wise ops follow if all operands are.
    for index in graph.inputs.indices where graph.type(of: graph.inputs[index].value).rank == 4 {
      graph.inputs[index].kind = .parameter
    }
    for (operand, output) in zip(updated, graph.outputs) {
      graph.inputs[operand].kind = .state
      graph.stores.append(Store(target: graph.inputs[operand].value, value: output.value))
    }
    // What is stored is seen in the state.
    graph.outputs = []
    return graph
  }

  /// The graph once for each choice of layouts, for ops that take any.
  private func freeLayouts(of graph: Graph) -> [(String, Graph)] {
    let images = (graph.inputs.map(\.value) + graph.outputs.map(\.value)).filter {
      graph.type(of: $0).rank == 4
    }
    let choices: [[Layout]]
    let layouts = op.layouts
    switch (layouts.operands, layouts.results) {
    case (.any, .byBatch):
      choices = (0..<(1 << images.count)).map { bits in
        images.indices.map { bits >> $0 & 1 == 0 ? .rowMajor : .channelsLast }
      }
    case (.any, .matchOperands): choices = [images.map { _ in .rowMajor }]
    case (.any, .always(let result)):
      let operands = graph.inputs.count { graph.type(of: $0.value).rank == 4 }
      choices = [Layout.rowMajor, .channelsLast].map { layout in
        images.indices.map { $0 < operands ? layout : result }
      }
    case (.all, _), (.weight, _): choices = []
    }
    return choices.map { layouts in
      var graph = graph
      for (value, layout) in zip(images, layouts) { graph[value].type.layout = layout }
      return (layouts.map { $0 == .rowMajor ? "row-major" : "channels-last" }.joined(separator: ", "), graph)
    }
  }
}
