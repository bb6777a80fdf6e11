import GraphIR

/// Writes a graph in inference form as ONNX nodes of operator set 17.
///
/// What follows from the parameters alone is computed here, in 64-bit floats, and becomes an initialiser: a
/// weight's spectral norm, a folded batch norm. The batch stays a symbol, `N`.
public final class ONNXExporter {
  /// 17 is the lowest operator set that has layer norm; readers from 2022 on take it.
  public static let operatorSet = 17
  /// The least that operator set 17 needs; a higher one would only shut readers out.
  public static let irVersion = 8

  let graph: Graph
  private let parameters: [String: ReferenceTensor]
  private let defining: [Int?]
  let uses: [[Int]]
  /// Nodes whose work another node's ONNX form does.
  private var absorbed: Set<Int> = []
  private var constants: [ValueID: ReferenceTensor] = [:]
  /// What ONNX calls a value.
  private var names: [ValueID: String] = [:]
  private var taken: Set<String> = []
  private var initializerNames: [ValueID: String] = [:]
  /// Indices of classes, which ONNX has as whole numbers.
  private var labels: Set<ValueID> = []
  private var model = ONNXGraph()

  /// - Parameters:
  ///   - graph: In inference form, before it is fused for an executor.
  ///   - parameters: The values of its parameters and statistics, by name.
  init(_ graph: Graph, parameters: [String: ReferenceTensor]) {
    self.graph = graph
    self.parameters = parameters
    defining = graph.definingNodes()
    var uses = [[Int]](repeating: [], count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { uses[operand.index].append(index) }
    }
    self.uses = uses
  }

  /// The graph as ONNX.
  ///
  /// - Throws: `ONNXExportError` for an op that ONNX has no form for.
  public static func export(
    _ graph: Graph, parameters: [String: ReferenceTensor], name: String
  ) throws(ONNXExportError) -> ONNXGraph {
    let exporter = ONNXExporter(graph, parameters: parameters)
    exporter.model.name = name
    try exporter.run()
    return exporter.model
  }

  private func run() throws(ONNXExportError) {
    for output in graph.outputs { taken.insert(output.name) }
    var firstOutput: [ValueID: String] = [:]
    let producible = Set(graph.nodes.flatMap(\.results))
    for output in graph.outputs where producible.contains(output.value) && firstOutput[output.value] == nil {
      firstOutput[output.value] = output.name
    }
    for input in graph.inputs {
      switch input.kind {
      case .data:
        let isLabel =
          !uses[input.value.index].isEmpty
          && uses[input.value.index].allSatisfy {
            if case .oneHot = graph.nodes[$0].op { true } else { false }
          }
        if isLabel { labels.insert(input.value) }
        names[input.value] = unique(input.name)
        model.inputs.append(
          ONNXValueInfo(
            name(of: input.value), isLabel ? .int64 : .float, Self.shape(graph.type(of: input.value))))
      case .parameter, .statistic:
        guard graph.type(of: input.value).element == .f32 else { continue }
        guard let tensor = parameters[input.name] else { preconditionFailure("no values of \(input.name)") }
        constants[input.value] = tensor
      case .state: continue
      }
    }
    for node in graph.nodes { compute(node) }
    let computed = graph.nodes.enumerated().filter { constants[$0.element.results[0]] == nil }
    for (index, node) in computed { absorb(node, index) }
    for (index, node) in computed where !absorbed.contains(index) {
      try emit(node, index, outputs: firstOutput)
    }
    for output in graph.outputs {
      if firstOutput[output.value] != output.name || constants[output.value] != nil {
        let source = constants[output.value] == nil ? name(of: output.value) : initializer(output.value)
        model.nodes.append(ONNXNode("Identity", [source], [output.name], name: output.name))
      }
      model.outputs.append(ONNXValueInfo(output.name, .float, Self.shape(graph.type(of: output.value))))
    }
    let outputs = Set(model.outputs.map(\.name))
    model.valueInfos.removeAll { outputs.contains($0.name) }
  }

  // MARK: Constants

  /// Computes a node that reads nothing but constants.
  private func compute(_ node: Node) {
    var operands: [ReferenceTensor] = []
    for operand in node.operands {
      guard let value = constants[operand] else { return }
      operands.append(value)
    }
    let types = node.results.map { graph.type(of: $0) }
    guard types.allSatisfy({ !$0.shape.contains(.batch) && $0.element == .f32 }) else { return }
    let results = node.op.definition.evaluate(operands, results: types.map { $0.extents(batch: 1) }, batch: 1)
    for (result, value) in zip(node.results, results) { constants[result] = value }
  }

  func isConstant(_ value: ValueID) -> Bool { constants[value] != nil }

  /// The initialiser of a constant, which is written where it is first read.
  func initializer(_ value: ValueID, suggested: String? = nil) -> String {
    if let name = initializerNames[value] { return name }
    guard let tensor = constants[value] else { preconditionFailure("only a constant is an initialiser") }
    let name = initializer(
      named: graph.inputs.first { $0.value == value }?.name ?? suggested ?? "constant", tensor.shape,
      tensor.values)
    initializerNames[value] = name
    return name
  }

  /// An initialiser of these numbers.
  func initializer(named name: String, _ shape: [Int], _ values: [Double]) -> String {
    let name = unique(name)
    model.initializers.append(ONNXTensor(name: name, shape: shape, floats: values.map { Float($0) }))
    return name
  }

  /// An initialiser of sizes, axes or places.
  func integers(_ values: [Int], _ name: String, shape: [Int]? = nil) -> String {
    let name = unique(name)
    model.initializers.append(
      ONNXTensor(name: name, shape: shape ?? [values.count], integers: values.map { Int64($0) }))
    return name
  }

  func scalar(_ value: Double, _ name: String) -> String { initializer(named: name, [], [value]) }

  // MARK: Names

  private func unique(_ name: String) -> String {
    var candidate = name
    var number = 1
    while !taken.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }

  private func name(of value: ValueID) -> String {
    guard let name = names[value] else { preconditionFailure("a value is read before it is made") }
    return name
  }

  static func shape(_ type: TensorType) -> [ONNXValueInfo.Dimension] { type.shape.map(Self.dimension) }

  static func dimension(_ extent: Dimension) -> ONNXValueInfo.Dimension {
    switch extent {
    case .batch: .symbol("N")
    case .fixed(let extent): .fixed(extent)
    }
  }

  // MARK: Operands

  /// What a node reads in full.
  func operand(_ value: ValueID, suggested: String? = nil) -> String {
    if constants[value] != nil { return initializer(value, suggested: suggested) }
    return name(of: value)
  }

  func isLabel(_ value: ValueID) -> Bool { labels.contains(value) }

  /// The node that makes a value; nil for an input.
  func producer(of value: ValueID) -> (index: Int, node: Node)? {
    defining[value.index].map { ($0, graph.nodes[$0]) }
  }

  /// Whether only this node reads a value, which is no output.
  func isOnlyReader(_ node: Int, of value: ValueID) -> Bool {
    uses[value.index] == [node] && !graph.outputs.contains { $0.value == value }
  }

  func absorb(_ node: Int) { absorbed.insert(node) }
  func isAbsorbed(_ node: Int) -> Bool { absorbed.contains(node) }

  // MARK: Nodes

  /// Writes a node.
  ///
  /// - Parameters:
  ///   - layer: Whose node it is; the node is called so where it is the only one.
  ///   - shape: Of the result.
  ///   - result: The graph's value that the node makes; nil for one that only ONNX has.
  /// - Returns: The result's name.
  @discardableResult
  func add(
    _ operation: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], layer: String,
    shape: [ONNXValueInfo.Dimension], element: ONNXElementType = .float, result: ValueID? = nil,
    named output: String? = nil
  ) -> String {
    let name = output ?? unique(result == nil ? "\(layer).\(operation.lowercased())" : layer)
    var inputs = inputs
    while inputs.last == "" { inputs.removeLast() }
    model.nodes.append(ONNXNode(operation, inputs, [name], attributes, name: name))
    model.valueInfos.append(ONNXValueInfo(name, element, shape))
    if let result { names[result] = name }
    return name
  }
}
