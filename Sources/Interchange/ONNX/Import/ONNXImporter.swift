import GraphIR

/// An ONNX graph as a graph of graphc's ops, with its weights.
public struct ImportedGraph: Sendable {
  /// In inference form; weights are its parameters, in the order in which they are read.
  public var graph: Graph
  /// By the names of the graph's parameters.
  public var parameters: [String: ReferenceTensor]
  /// What several nodes of the graph are together: a layer of the language.
  public var composites: [Composite]
  /// The ONNX node that each node of the graph came from.
  public var sources: [String]
  /// What was changed on the way, in sentences.
  public var notes: [String]

  /// Nodes that one layer makes.
  public struct Composite: Sendable {
    /// The graph's nodes, the last of which makes the layer's result.
    public var nodes: Range<Int>
    public var kind: String
    /// Names, and values as the language writes them.
    public var attributes: [(name: String, text: String)]
    public var inputs: [ValueID]
    /// What the layer keeps, by the names that it has for them.
    public var parameters: [(name: String, tensor: ReferenceTensor)]
  }
}

/// Turns ONNX nodes into ops, one after another, and knows what can be computed without running anything: weights
/// that follow from weights, and the whole numbers of shapes.
public final class ONNXImporter {
  /// Which axis of the inputs is the batch.
  public enum BatchRule: Sendable {
    /// The first of each, whatever size the file gives it.
    case firstAxis
    /// None: every size must be told.
    case none
  }

  let operatorSet: Int
  private let batchRule: BatchRule
  var builder: GraphBuilder
  private(set) var values: [String: ImportedValue] = [:]
  private var parameters: [String: ReferenceTensor] = [:]
  private var parameterValues: [String: ValueID] = [:]
  private var composites: [ImportedGraph.Composite] = []
  private var sources: [String] = []
  private(set) var notes: [String] = []
  private var problems: [ImportProblem] = []
  /// The batch for which the file was written, where its inputs say one.
  private(set) var fixedBatch: Int?
  private var nodesRun = 0
  /// What is computed ahead of running, in elements.
  private var computed = 0
  private let computationLimit: Int

  private init(operatorSet: Int, batch: BatchRule, computationLimit: Int) {
    self.operatorSet = operatorSet
    batchRule = batch
    self.computationLimit = computationLimit
    builder = GraphBuilder(Graph(name: "network", mode: .infer))
  }

  /// - Throws: `ImportFailure` that names every node which graphc has no form for.
  public static func graph(
    of model: ONNXModel, batch: BatchRule = .firstAxis
  ) throws(ImportFailure) -> ImportedGraph {
    let weights = model.graph.initializers.reduce(0) { $0 + $1.elementCount }
    let importer = ONNXImporter(
      operatorSet: model.operatorSet, batch: batch, computationLimit: 8 * weights + (1 << 20))
    importer.read(model)
    guard importer.problems.isEmpty else { throw ImportFailure(importer.problems) }
    return ImportedGraph(
      graph: importer.builder.graph, parameters: importer.parameters, composites: importer.composites,
      sources: importer.sources, notes: importer.notes)
  }

  // MARK: The file

  private func read(_ model: ONNXModel) {
    let graph = model.graph
    for tensor in graph.initializers { values[tensor.name] = imported(tensor) }
    for input in graph.inputs where values[input.name] == nil { read(input) }
    let means = GroupMeans(in: graph)
    for (place, node) in graph.nodes.enumerated() where !means.parts.contains(place) {
      guard let mean = means.matches[place] else {
        read(node, depth: 0)
        continue
      }
      var whole = node
      whole.inputs = [mean.input]
      read(
        whole, depth: 0,
        as: ImportTable.Row(since: 1, isPure: false) { (node) throws(ImportProblem) in
          let images = try node.tensor(0)
          guard node.shape(of: images).dropFirst().map(\.fixedExtent) == mean.extents else {
            throw node.refuse("gives images another shape")
          }
          return try node.result(node.emit(GroupMean(group: mean.group), images))
        })
    }
    var names: Set<String> = []
    for output in graph.outputs {
      guard let value = values[output.name] else {
        report(output.name, "output", "is made by no node")
        continue
      }
      guard names.insert(output.name).inserted else { continue }
      switch value {
      case .tensor(let value, isInteger: false): builder.graph.addOutput(output.name, value)
      case .missing: continue
      case .constant(let tensor, let name):
        builder.graph.addOutput(output.name, parameter(tensor, named: name))
      case .errorFunction:
        report(output.name, "output", "is the error function, which graphc has inside of GELU alone")
      case .tensor, .integers, .above:
        report(output.name, "output", "is of whole numbers; graphc's networks make floats")
      }
    }
  }

  private func read(_ input: ONNXValueInfo) {
    func refuse(_ reason: String) {
      report(input.name, "input", reason)
      values[input.name] = .missing
    }
    guard let shape = input.shape, let element = input.elementType else { return refuse("has no type") }
    var extents: [Dimension] = []
    for (axis, extent) in shape.enumerated() {
      if axis == 0, batchRule == .firstAxis {
        extents.append(.batch)
        if case .fixed(let size) = extent { fixedBatch = size }
        continue
      }
      guard case .fixed(let size) = extent, size <= TensorType.largestElementCount else {
        return refuse(
          "does not say the size of its axis \(axis), and graphc's networks leave only the batch open")
      }
      extents.append(.fixed(size))
    }
    let type = TensorType(extents)
    guard type.isAddressable, shape.count <= ONNXLimits.rank else { return refuse("is too large") }
    let isInteger: Bool
    switch element {
    case .float, .float16, .double, .bfloat16: isInteger = false
    case .int64, .int32: isInteger = true
    default: return refuse("is of \(element.text); floats and whole numbers of 32 and 64 bits can be given")
    }
    values[input.name] = .tensor(builder.graph.addInput(.data, input.name, type), isInteger: isInteger)
  }

  private func imported(_ tensor: ONNXTensor) -> ImportedValue {
    if let integers = tensor.integers {
      return .integers(
        IntegerTensor(
          shape: tensor.shape, integers.map { SymbolicInteger(Int($0)) },
          isBoolean: tensor.elementType == .bool))
    }
    guard let floats = tensor.floats, !tensor.shape.contains(0) else {
      if tensor.floats?.isEmpty == true {
        return .constant(ReferenceTensor(shape: tensor.shape), name: tensor.name)
      }
      report(tensor.name, "initializer", "is of \(tensor.elementType.text), which graphc does not read")
      return .missing
    }
    return .constant(ReferenceTensor(shape: tensor.shape, values: floats.map(Double.init)), name: tensor.name)
  }

  // MARK: Nodes

  /// - Parameter row: What it becomes, where that is not up to its operator alone.
  private func read(_ node: ONNXNode, depth: Int, as row: ImportTable.Row? = nil) {
    nodesRun += 1
    let name = node.name.isEmpty ? node.outputs.first ?? "" : node.name
    let operation = node.domain.isEmpty ? node.operation : "\(node.domain).\(node.operation)"
    func refuse(_ reason: String) {
      report(name, operation, reason)
      for output in node.outputs where !output.isEmpty { values[output] = .missing }
    }
    guard depth < ONNXLimits.depth, nodesRun <= ONNXLimits.nodes else {
      return refuse("is nested too deeply")
    }
    var inputs: [ImportedValue?] = []
    for input in node.inputs {
      guard !input.isEmpty else {
        inputs.append(nil)
        continue
      }
      guard let value = values[input] else {
        return refuse("reads \(quotedForDisplay(input)), which nothing before it makes")
      }
      if case .missing = value {
        for output in node.outputs where !output.isEmpty { values[output] = .missing }
        return
      }
      inputs.append(value)
    }
    for output in node.outputs where !output.isEmpty && values[output] != nil {
      return refuse("makes \(quotedForDisplay(output)), which is there already")
    }
    if node.domain.isEmpty, node.operation == "If" { return branch(node, inputs, depth, refuse) }
    guard node.domain.isEmpty, let row = row ?? ImportTable.rows[node.operation] else {
      return refuse(
        node.domain.isEmpty ? "has no form in graphc" : "is of operators that are not the standard ones")
    }
    guard operatorSet >= row.since else {
      return refuse("stands in a file of operator set \(operatorSet), and exists from \(row.since) on")
    }
    do throws(ImportProblem) {
      let known = inputs.allSatisfy { input in
        switch input {
        case .tensor, .errorFunction, .above: false
        case .constant, .integers, .missing, nil: true
        }
      }
      let outputs =
        known && row.isPure
        ? try computedOutputs(node, inputs, row, name) : try emitted(node, inputs, row, name)
      for (name, value) in zip(node.outputs, outputs) where !name.isEmpty {
        values[name] = value
      }
      for output in node.outputs.dropFirst(outputs.count) where !output.isEmpty {
        throw ImportProblem(
          node: name, operation: operation,
          reason: "makes \(quotedForDisplay(output)), which graphc leaves out")
      }
    } catch {
      refuse(error.reason)
    }
  }

  /// The nodes of the branch that a condition chooses which is known.
  private func branch(
    _ node: ONNXNode, _ inputs: [ImportedValue?], _ depth: Int, _ refuse: (String) -> Void
  ) {
    guard case .integers(let condition)?? = inputs.first, let choice = condition.numbers?.first else {
      return refuse("chooses by what is known only when the network runs")
    }
    let wanted = choice != 0 ? "then_branch" : "else_branch"
    guard let attribute = node.attributes.first(where: { $0.name == wanted }),
      case .graph(let graph) = attribute.value, graph.outputs.count == node.outputs.count
    else { return refuse("lacks its `\(wanted)`") }
    for tensor in graph.initializers { values[tensor.name] = imported(tensor) }
    for inner in graph.nodes { read(inner, depth: depth + 1) }
    for (output, inner) in zip(node.outputs, graph.outputs) {
      values[output] = values[inner.name] ?? .missing
    }
  }

  private func emitted(
    _ node: ONNXNode, _ inputs: [ImportedValue?], _ row: ImportTable.Row, _ name: String
  ) throws(ImportProblem) -> [ImportedValue] {
    let context = ImportNode(node, inputs, name: name, importer: self)
    builder.origin = Origin(layer: name)
    let before = builder.graph.nodes.count
    let outputs = try row.translate(context)
    sources += Array(repeating: name, count: builder.graph.nodes.count - before)
    if let form = context.form, builder.graph.nodes.count > before {
      composites.append(
        .init(
          nodes: before..<builder.graph.nodes.count, kind: form.kind, attributes: form.attributes,
          inputs: form.inputs, parameters: form.parameters))
    }
    return outputs
  }

  /// What a node makes of nothing but what is known: the same ops as ever, run in 64-bit floats.
  private func computedOutputs(
    _ node: ONNXNode, _ inputs: [ImportedValue?], _ row: ImportTable.Row, _ name: String
  ) throws(ImportProblem) -> [ImportedValue] {
    let inner = ONNXImporter(operatorSet: operatorSet, batch: .none, computationLimit: computationLimit)
    // Whole numbers are moved as the places are moved that they have among all of them.
    var moved: [SymbolicInteger] = []
    var inputs = inputs
    for index in inputs.indices where row.moves == .all || row.moves == .first && index == 0 {
      guard case .integers(let tensor)? = inputs[index] else { continue }
      let places = (moved.count..<moved.count + tensor.values.count).map(Double.init)
      moved += tensor.values
      inputs[index] = .constant(ReferenceTensor(shape: tensor.shape, values: places), name: "places\(index)")
    }
    let context = ImportNode(node, inputs, name: name, importer: inner)
    var outputs = try row.translate(context)
    if !moved.isEmpty {
      let computed = try evaluated(outputs, node, inner, context)
      outputs = []
      for output in computed {
        guard case .constant(let places, _) = output,
          places.values.count <= max(IntegerTensor.limit, moved.count)
        else {
          throw context.refuse("moves more whole numbers than a shape has")
        }
        outputs.append(.integers(IntegerTensor(shape: places.shape, places.values.map { moved[Int($0)] })))
      }
      return outputs
    }
    return try evaluated(outputs, node, inner, context)
  }

  /// The outputs of a node in a graph of its own, computed.
  private func evaluated(
    _ outputs: [ImportedValue], _ node: ONNXNode, _ inner: ONNXImporter, _ context: ImportNode
  ) throws(ImportProblem) -> [ImportedValue] {
    // Whole numbers and parts of weights need no computing.
    guard outputs.contains(where: { if case .tensor = $0 { true } else { false } }) else { return outputs }
    var tensors: [ValueID: ReferenceTensor] = [:]
    for input in inner.builder.graph.inputs { tensors[input.value] = inner.parameters[input.name] }
    for step in inner.builder.graph.nodes {
      let shapes = step.results.map { inner.builder.type(of: $0).extents(batch: 1) }
      computed += shapes.reduce(0) { $0 + $1.reduce(1, *) }
      guard computed <= computationLimit else {
        throw context.refuse(
          "would be computed ahead of running, and is far larger than the weights of the file")
      }
      let operands = step.operands.map { operand in
        guard let tensor = tensors[operand] else { preconditionFailure("a value is read before it is made") }
        return tensor
      }
      for (result, tensor) in zip(
        step.results, step.op.definition.evaluate(operands, results: shapes, batch: 1))
      {
        tensors[result] = tensor
      }
    }
    var results: [ImportedValue] = []
    for (output, outputName) in zip(outputs, node.outputs) {
      guard case .tensor(let value, _) = output else {
        results.append(output)
        continue
      }
      guard let tensor = tensors[value] else { preconditionFailure("an output that nothing makes") }
      results.append(.constant(tensor, name: outputName))
    }
    return results
  }

  // MARK: What nodes ask for

  /// The graph's value of floats that are known. Floats that serve several nodes are one parameter.
  func parameter(_ tensor: ReferenceTensor, named name: String) -> ValueID {
    if let value = parameterValues[name], parameters[name] == tensor { return value }
    var unique = name
    var number = 1
    while parameters[unique] != nil || builder.graph.input(named: unique) != nil {
      unique = "\(name)_\(number)"
      number += 1
    }
    let value = builder.graph.addInput(.parameter, unique, TensorType(tensor.shape.map(Dimension.fixed)))
    parameters[unique] = tensor
    parameterValues[unique] = value
    return value
  }

  func note(_ sentence: String) {
    if !notes.contains(sentence) { notes.append(sentence) }
  }

  private func report(_ node: String, _ operation: String, _ reason: String) {
    problems.append(ImportProblem(node: node, operation: operation, reason: reason))
  }
}
