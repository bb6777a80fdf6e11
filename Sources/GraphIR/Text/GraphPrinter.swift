/// Writes graphs in their text form, which `GraphParser` describes and reads.
///
/// Values keep the names that they have; those without one are numbered in the order of their
/// definition. A graph that breaks its invariants is printed as well, since that is when one wants to
/// see it: a value that nothing defines shows as `%?7`.
public struct GraphPrinter: Sendable {
  private let graph: Graph
  /// By the value's index; nil for values that nothing defines.
  private var names: [String?]

  public init(_ graph: Graph) {
    self.graph = graph
    names = Array(repeating: nil, count: graph.values.count)
    nameValues()
  }

  /// The whole graph, with a line break at its end.
  public var text: String {
    var text = header
    for node in graph.nodes { text += "  \(self.text(of: node))\n" }
    for store in graph.stores { text += "  \(self.text(of: store))\n" }
    if !graph.outputs.isEmpty {
      text += "  return \(graph.outputs.map { self.text(of: $0) }.joined(separator: ", "))\n"
    }
    return text + "}\n"
  }

  /// One node, without indentation: `%c = conv2d %x, %w {stride=2} : f32[N,64,32,32] @14:5`.
  public func text(of node: Node) -> String {
    let definition = node.op.definition
    var text = "\(list(node.results)) = \(definition.mnemonic)"
    let parameters = definition.parameters
    if !parameters.isEmpty { text += "(\(parameters.map(\.graphText).joined(separator: ", ")))" }
    if !node.operands.isEmpty { text += " \(list(node.operands))" }
    let attributes = definition.explicitAttributes
    if !attributes.isEmpty {
      text += " {\(attributes.map { "\($0.name)=\($0.value.graphText)" }.joined(separator: ", "))}"
    }
    text += " : \(node.results.map(typeText).joined(separator: ", "))"
    let origin = self.text(of: node.origin)
    if origin.isEmpty { return text }
    // Origins stand in one column as long as the ops before them leave room.
    return text + String(repeating: " ", count: max(1, Self.originColumn - text.count)) + origin
  }

  public func text(of store: Store) -> String { "store \(name(store.value)) -> \(name(store.target))" }

  public func text(of output: Graph.Output) -> String {
    let value = name(output.value)
    return value == "%\(output.name)" ? value : "\(output.name.asGraphName)=\(value)"
  }

  public func text(of input: GraphInput) -> String {
    let name = self.name(input.value)
    return "\(name): \(kindAndType(input))" + (name == "%\(input.name)" ? "" : " \(input.name.quoted)")
  }

  /// The value as the text calls it: `%x`.
  public func name(_ value: ValueID) -> String {
    guard names.indices.contains(value.index), let name = names[value.index] else {
      return "%?\(value.index)"
    }
    return "%\(name)"
  }

  private static let originColumn = 80
  private static let lineLength = 110

  private var header: String {
    let start = "graph @\(graph.name.asGraphName) \(graph.mode.rawValue) ("
    let groups = inputGroups()
    let line = start + groups.joined(separator: ", ") + ") {\n"
    if line.count <= Self.lineLength { return line }
    return start + "\n" + groups.map { "  \($0)" }.joined(separator: ",\n") + "\n) {\n"
  }

  /// Neighbours of one kind and type share it: `%g %b: param f32[256]`.
  private func inputGroups() -> [String] {
    var groups: [(names: [String], rest: String)] = []
    for input in graph.inputs {
      let name = self.name(input.value)
      guard name == "%\(input.name)" else {
        groups.append(([], text(of: input)))
        continue
      }
      let rest = kindAndType(input)
      if let last = groups.last, last.rest == rest, !last.names.isEmpty {
        groups[groups.count - 1].names.append(name)
      } else {
        groups.append(([name], rest))
      }
    }
    return groups.map { $0.names.isEmpty ? $0.rest : "\($0.names.joined(separator: " ")): \($0.rest)" }
  }

  private func kindAndType(_ input: GraphInput) -> String {
    let type = typeText(input.value)
    return input.kind == .data ? type : "\(input.kind.rawValue) \(type)"
  }

  private func text(of origin: Origin) -> String {
    var parts: [String] = []
    if let location = origin.location { parts.append("@\(location.line):\(location.column)") }
    if let layer = origin.layer { parts.append("in \(layer.asGraphName)") }
    if let pass = origin.pass { parts.append("by \(pass.asGraphName)") }
    return parts.joined(separator: " ")
  }

  private func list(_ values: [ValueID]) -> String { values.map(name).joined(separator: ", ") }

  private func typeText(_ value: ValueID) -> String {
    graph.values.indices.contains(value.index) ? graph.type(of: value).description : "?"
  }

  private mutating func nameValues() {
    var taken: Set<String> = []
    var number = 0
    let defined = graph.inputs.map(\.value) + graph.nodes.flatMap(\.results)
    for value in defined where names.indices.contains(value.index) && names[value.index] == nil {
      guard let own = graph[value].name, own.isGraphName else {
        names[value.index] = "\(number)"
        number += 1
        continue
      }
      var name = own
      var suffix = 1
      while !taken.insert(name).inserted {
        name = "\(own).\(suffix)"
        suffix += 1
      }
      names[value.index] = name
    }
  }
}

extension Graph: CustomStringConvertible {
  public var description: String { GraphPrinter(self).text }
}

extension AttributeValue {
  var graphText: String {
    switch self {
    case .int(let value): "\(value)"
    case .double(let value): value.graphText
    case .bool(let value): "\(value)"
    case .word(let word): word.asGraphName
    case .list(let values): "[\(values.map(\.graphText).joined(separator: ", "))]"
    case .call(let name, let arguments):
      "\(name)(\(arguments.map(\.graphText).joined(separator: ", ")))"
    case .binding(let name, let value): "\(name) = \(value.graphText)"
    }
  }
}

extension Double {
  /// The shortest text that reads back as the same number: `1e-5`, `0.2`, `3`.
  var graphText: String {
    // A whole number needs no point; minus zero does, for a whole zero has no sign.
    if self == rounded(), abs(self) < 1e15, !(self == 0 && sign == .minus) { return "\(Int(self))" }
    guard let exponent = description.firstIndex(of: "e") else { return description }
    let digits = description[description.index(after: exponent)...]
    return description[...exponent] + "\(Int(digits) ?? 0)"
  }
}

extension String {
  /// Whether it can stand in the text form without quotes.
  var isGraphName: Bool {
    let bytes = Array(utf8)
    guard let first = bytes.first, first.isNameStart else { return false }
    return bytes.indices.allSatisfy { index in
      bytes[index].isNamePart
        || bytes[index] == UInt8(ascii: "-") && index + 1 < bytes.count
          && bytes[index + 1].isNamePart
    }
  }

  var asGraphName: String { isGraphName ? self : quoted }

  var quoted: String {
    var text = "\""
    for character in unicodeScalars {
      switch character {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text + "\""
  }
}
