/// Appends type-checked ops to a graph.
public struct GraphBuilder: Sendable {
  public var graph: Graph
  /// Given to every op that is emitted.
  public var origin: Origin

  public init(_ graph: Graph, origin: Origin = Origin()) {
    self.graph = graph
    self.origin = origin
  }

  /// A builder that has the graph to itself, so that whoever appends copies nothing; an empty one is left in its place.
  public init(taking graph: inout Graph, origin: Origin = Origin()) {
    self.init(Graph(name: graph.name, mode: graph.mode), origin: origin)
    swap(&self.graph, &graph)
  }

  /// The builder, of whose graph nothing is left here: whoever appends to it copies nothing.
  public mutating func taken() -> GraphBuilder {
    var taken = GraphBuilder(taking: &graph)
    swap(&taken.origin, &origin)
    return taken
  }

  public func type(of value: ValueID) -> TensorType { graph.type(of: value) }

  /// Emits an op whose operands a user may have chosen wrongly.
  ///
  /// - Throws: the op's `TypeRuleViolation`, or one that says that a result is too large.
  public mutating func tryEmit(
    _ definition: some OpDefinition, _ operands: [ValueID]
  ) throws(TypeRuleViolation) -> [ValueID] {
    let types = try definition.checkedTypes(operands.map { graph.type(of: $0) })
    for type in types where !type.isAddressable {
      throw TypeRuleViolation(
        .shapeTooLarge, ["op": definition.mnemonic, "shape": type.description])
    }
    let results = types.map { graph.makeValue($0) }
    graph.nodes.append(
      Node(op: definition.op, operands: operands, results: results, origin: origin))
    return results
  }

  /// Emits an op whose operands the compiler chose: a violation is a bug and names the op.
  public mutating func emitAll(_ definition: some OpDefinition, _ operands: [ValueID]) -> [ValueID] {
    do {
      return try tryEmit(definition, operands)
    } catch {
      let types = operands.map { graph.type(of: $0).description }.joined(separator: ", ")
      fatalError(
        "bug in graphc: \(origin.pass ?? "lowering") emitted \(definition.mnemonic)(\(types)): \(error.kind.code)"
      )
    }
  }

  /// Emits an op with one result.
  public mutating func emit(_ definition: some OpDefinition, _ operands: ValueID...) -> ValueID {
    emitAll(definition, operands)[0]
  }
}

extension GraphBuilder {
  /// Emits another graph's nodes.
  ///
  /// What the other graph keeps is an input of this one by the same name, which is added unless it is there.
  ///
  /// - Parameter arguments: A value for each of its data inputs, by their names, of the inputs' types.
  /// - Returns: What stands for a value of the other graph.
  public mutating func inline(_ other: Graph, arguments: [String: ValueID]) -> (ValueID) -> ValueID {
    precondition(other.stores.isEmpty, "a graph that keeps nothing")
    var found: [ValueID: ValueID] = [:]
    for input in other.inputs {
      if input.kind == .data {
        guard let argument = arguments[input.name], type(of: argument) == other.type(of: input.value) else {
          preconditionFailure("no argument for `\(input.name)`, or one of another type")
        }
        found[input.value] = argument
      } else {
        found[input.value] =
          graph.input(named: input.name)?.value
          ?? graph.addInput(input.kind, input.name, other.type(of: input.value))
      }
    }
    func value(_ old: ValueID) -> ValueID {
      guard let new = found[old] else { preconditionFailure("a value before it is made") }
      return new
    }
    for node in other.nodes {
      for result in node.results { found[result] = graph.makeValue(other.type(of: result)) }
      graph.nodes.append(
        Node(
          op: node.op, operands: node.operands.map(value), results: node.results.map(value),
          origin: node.origin))
    }
    return { [found] old in
      guard let new = found[old] else { preconditionFailure("no value of that graph") }
      return new
    }
  }
}
