import Diagnostics

/// Names a value of a graph. Stable while passes rewrite the graph; the printer numbers anew.
public struct ValueID: Hashable, Sendable, Comparable {
  public let index: Int
  public init(index: Int) { self.index = index }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// Where an op or a value comes from.
public struct Origin: Hashable, Sendable {
  /// Passes copy nodes all the time, and many nodes have one origin: one reference instead of four.
  private var facts: Facts

  private final class Facts: Hashable, Sendable {
    let span: SourceSpan?
    let location: SourceLocation?
    let layer: String?
    let pass: String?

    init(_ span: SourceSpan?, _ location: SourceLocation?, _ layer: String?, _ pass: String?) {
      self.span = span
      self.location = location
      self.layer = layer
      self.pass = pass
    }

    static func == (a: Facts, b: Facts) -> Bool {
      a === b || a.span == b.span && a.location == b.location && a.layer == b.layer && a.pass == b.pass
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(span)
      hasher.combine(location)
      hasher.combine(layer)
      hasher.combine(pass)
    }
  }

  public init(
    span: SourceSpan? = nil, location: SourceLocation? = nil, layer: String? = nil, pass: String? = nil
  ) {
    facts = Facts(span, location, layer, pass)
  }

  /// The spec's text, for diagnostics.
  public var span: SourceSpan? {
    get { facts.span }
    set { facts = Facts(newValue, location, layer, pass) }
  }

  /// The line and column of that text, for the text form (`@14:5`).
  public var location: SourceLocation? {
    get { facts.location }
    set { facts = Facts(span, newValue, layer, pass) }
  }

  /// The layer: `generator.3`.
  public var layer: String? {
    get { facts.layer }
    set { facts = Facts(span, location, newValue, pass) }
  }

  /// The pass that made it, unless lowering did.
  public var pass: String? {
    get { facts.pass }
    set { facts = Facts(span, location, layer, newValue) }
  }
}

/// An SSA value: a type, and a name if a person gave one.
public struct Value: Sendable {
  public var type: TensorType
  public var name: String?
}

/// An op applied to operands.
public struct Node: Sendable {
  /// Passes copy nodes and lists of nodes all the time: one reference instead of one for each part.
  @usableFromInline var parts: Parts

  @usableFromInline
  final class Parts: Sendable {
    @usableFromInline let op: Op
    @usableFromInline let operands: [ValueID]
    @usableFromInline let results: [ValueID]
    @usableFromInline let origin: Origin

    @usableFromInline
    init(_ op: Op, _ operands: [ValueID], _ results: [ValueID], _ origin: Origin) {
      self.op = op
      self.operands = operands
      self.results = results
      self.origin = origin
    }
  }

  public init(op: Op, operands: [ValueID], results: [ValueID], origin: Origin) {
    parts = Parts(op, operands, results, origin)
  }

  @inlinable public var op: Op {
    get { parts.op }
    set { parts = Parts(newValue, operands, results, origin) }
  }

  @inlinable public var operands: [ValueID] {
    get { parts.operands }
    set { parts = Parts(op, newValue, results, origin) }
  }

  @inlinable public var results: [ValueID] {
    get { parts.results }
    set { parts = Parts(op, operands, newValue, origin) }
  }

  @inlinable public var origin: Origin {
    get { parts.origin }
    set { parts = Parts(op, operands, results, newValue) }
  }
}

/// A value that a run of the graph is given.
public struct GraphInput: Hashable, Sendable {
  /// What the caller keeps in it.
  public enum Kind: String, Sendable, CaseIterable {
    /// Given anew to each run: images, noise.
    case data
    /// Trained, in the checkpoint.
    case parameter = "param"
    /// Running statistics of batch norm, in the checkpoint.
    case statistic = "stat"
    /// What an optimiser remembers, and where random numbers stand.
    case state
  }

  public var value: ValueID
  public var kind: Kind
  /// The name under which data is given and state is kept: `generator.0.weight`.
  public var name: String

  public init(value: ValueID, kind: Kind, name: String) {
    self.value = value
    self.kind = kind
    self.name = name
  }
}

/// At the end of a run, `value` becomes the content of the input `target`.
///
/// State changes only here, so that every op is a pure function; the memory plan makes the update
/// happen in place.
public struct Store: Hashable, Sendable {
  public var target: ValueID
  public var value: ValueID

  public init(target: ValueID, value: ValueID) {
    self.target = target
    self.value = value
  }
}

/// A program of tensor ops in static single assignment form, in execution order.
public struct Graph: Sendable {
  public enum Mode: String, Sendable, CaseIterable {
    case train, infer
  }

  public struct Output: Hashable, Sendable {
    public var name: String
    public var value: ValueID
  }

  public var name: String
  public var mode: Mode
  public internal(set) var values: [Value] = []
  public var inputs: [GraphInput] = []
  public var nodes: [Node] = []
  public var outputs: [Output] = []
  public var stores: [Store] = []

  public init(name: String, mode: Mode) {
    self.name = name
    self.mode = mode
  }

  public func type(of value: ValueID) -> TensorType { values[value.index].type }

  public subscript(value: ValueID) -> Value {
    get { values[value.index] }
    set { values[value.index] = newValue }
  }

  /// Adds a value that some node or input will define.
  public mutating func makeValue(_ type: TensorType, name: String? = nil) -> ValueID {
    values.append(Value(type: type, name: name))
    return ValueID(index: values.count - 1)
  }

  public mutating func addInput(_ kind: GraphInput.Kind, _ name: String, _ type: TensorType) -> ValueID {
    let value = makeValue(type, name: name)
    inputs.append(GraphInput(value: value, kind: kind, name: name))
    return value
  }

  public mutating func addOutput(_ name: String, _ value: ValueID) {
    outputs.append(Output(name: name, value: value))
  }

  public func input(named name: String) -> GraphInput? { inputs.first { $0.name == name } }

  /// The index of the node that defines each value, by the value's index; nil for inputs and values
  /// that no node defines any more.
  public func definingNodes() -> [Int?] {
    var defining = [Int?](repeating: nil, count: values.count)
    // Nodes are looked at where they lie: copies of them would cost more than the loop.
    let nodes = nodes.span
    for index in nodes.indices { for result in nodes[index].results { defining[result.index] = index } }
    return defining
  }

  /// How often each value is read, by nodes, outputs and stores, by the value's index.
  public func useCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: values.count)
    let nodes = nodes.span
    for index in nodes.indices { for operand in nodes[index].operands { counts[operand.index] += 1 } }
    for output in outputs { counts[output.value.index] += 1 }
    for store in stores { counts[store.value.index] += 1 }
    return counts
  }

  /// Replaces every read of the values that have a replacement. Chains (a → b → c) are followed.
  public mutating func replaceUses(_ replacements: [ValueID: ValueID]) {
    if replacements.isEmpty { return }
    func resolve(_ value: ValueID) -> ValueID {
      var value = value
      while let next = replacements[value] { value = next }
      return value
    }
    for index in nodes.indices where nodes[index].operands.contains(where: { replacements[$0] != nil }) {
      nodes[index].operands = nodes[index].operands.map(resolve)
    }
    for index in outputs.indices { outputs[index].value = resolve(outputs[index].value) }
    for index in stores.indices { stores[index].value = resolve(stores[index].value) }
  }
}
