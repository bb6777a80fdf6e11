import GraphIR

/// What a diagram shows of an input, an op or an output.
struct DiagramBox {
  /// What the box is, by which it is coloured.
  enum Kind: Hashable {
    case input, output, op
    /// An op of a network, which is numbered by its first op.
    case network(Int)

    /// The class that the style sheet knows it by.
    var styleClass: String {
      switch self {
      case .input: "input"
      case .output: "output"
      case .op: "op"
      case .network(let number): "network-\(number % DiagramPalette.networkCount)"
      }
    }
  }

  var kind: Kind
  /// The op's name or that of an input or output, and what is said below it.
  var lines: [String]
  /// All that can be said, for those who point at the box.
  var title: String
  /// The values that it reads which are drawn as arrows.
  var operands: [ValueID]
  /// The values that some box reads.
  var outputs: [ValueID]
  var frame: LayeredLayout.Box

  static let lineHeight = 14.0
  static let padding = 7.0
  /// Of a monospaced font of 11 pixels, bold or not.
  private static let characterWidth = 6.7

  /// Every box of a graph, each behind those that it reads from.
  static func boxes(of graph: Graph) -> [DiagramBox] {
    let kept = keptTensors(of: graph)
    let drawn = Set(graph.nodes.flatMap(\.operands) + graph.outputs.map(\.value)).subtracting(kept.keys)
    var boxes = graph.inputs.filter { $0.kind == .data }.map { input in
      DiagramBox(
        .input, lines: [input.name, "input"], title: "input \(input.name): \(graph.type(of: input.value))",
        operands: [], outputs: [input.value].filter(drawn.contains), in: graph)
    }
    let stored = Dictionary(grouping: graph.stores, by: \.value)
      .mapValues { $0.compactMap { kept[$0.target] } }
    let networks = networkNumbers(of: graph)
    for node in graph.nodes {
      let network = node.origin.layer.flatMap { networks[networkName($0)] }
      boxes.append(
        DiagramBox(
          node, kind: network.map { .network($0) } ?? .op, reads: node.operands.compactMap { kept[$0] },
          writes: node.results.flatMap { stored[$0] ?? [] },
          drawn: drawn, in: graph))
    }
    for output in graph.outputs {
      boxes.append(
        DiagramBox(
          .output, lines: [output.name, "output"],
          title: "output \(output.name): \(graph.type(of: output.value))",
          operands: [output.value], outputs: [], in: graph))
    }
    return boxes
  }

  /// `generator.3` → `generator`
  private static func networkName(_ layer: String) -> Substring { layer.prefix { $0 != "." } }

  /// The networks that the graph's layers belong to, each with the parameters that it keeps, numbered in the
  /// order of the kept tensors.
  private static func networkNumbers(of graph: Graph) -> [Substring: Int] {
    var numbers: [Substring: Int] = [:]
    for input in graph.inputs where input.kind == .parameter || input.kind == .statistic {
      let name = networkName(input.name)
      if numbers[name] == nil { numbers[name] = numbers.count }
    }
    return numbers
  }

  /// The inputs that are no data, by their values.
  private static func keptTensors(of graph: Graph) -> [ValueID: GraphInput] {
    Dictionary(uniqueKeysWithValues: graph.inputs.filter { $0.kind != .data }.map { ($0.value, $0) })
  }

  private init(
    _ kind: Kind, lines: [String], title: String, operands: [ValueID], outputs: [ValueID], in graph: Graph
  ) {
    self.kind = kind
    self.lines = lines
    self.title = title
    self.operands = operands
    self.outputs = outputs
    // The last shape begins at the last output, and belongs to the box too.
    let shapes = outputs.map { Double(graph.type(of: $0).shapeText.count) * Self.characterWidth }
    let text = lines.map { Double($0.count) * Self.characterWidth }.max() ?? 0
    frame = LayeredLayout.Box(
      width: max(text + 2 * Self.padding + 6, 2 * (shapes.max() ?? 0)),
      height: Double(lines.count) * Self.lineHeight + 2 * Self.padding, outputs: outputs.count)
  }

  private init(
    _ node: Node, kind: Kind, reads: [GraphInput], writes: [GraphInput], drawn: Set<ValueID>, in graph: Graph
  ) {
    let name = node.op.definition.mnemonic
    var lines = [name]
    if let layer = node.origin.layer { lines.append(layer) }
    func shortName(_ input: GraphInput) -> String {
      input.name.split(separator: ".").last.map(String.init) ?? ""
    }
    lines +=
      reads.count > 2
      ? ["\(reads.count) kept tensors"]
      : reads.map { "\(shortName($0)) \(graph.type(of: $0.value).shapeText)" }
    if !writes.isEmpty {
      lines.append("updates " + (writes.count == 1 ? shortName(writes[0]) : "\(writes.count) tensors"))
    }
    var title = [name + (node.origin.layer.map { " of \($0)" } ?? "")]
    if let location = node.origin.location { title.append("line \(location.line) of the model") }
    if let pass = node.origin.pass { title.append("made by \(pass)") }
    if !reads.isEmpty { title.append("reads " + reads.map(\.name).joined(separator: ", ")) }
    if !writes.isEmpty { title.append("updates " + writes.map(\.name).joined(separator: ", ")) }
    self.init(
      kind, lines: lines, title: title.joined(separator: "\n"), operands: node.operands,
      outputs: node.results.filter(drawn.contains), in: graph)
  }
}
