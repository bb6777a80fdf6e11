import Diagnostics

/// Reads the text form of a graph, which `GraphPrinter` writes.
///
/// ```
/// graph @name train (%x: f32[N,3,64,64], %w: param f32[64,3,4,4] "discriminator.0.weight") {
///   %c = conv2d %x, %w {stride=2, padding=1} : f32[N,64,32,32]    @14:5 in discriminator.0
///   %r = leaky_relu(0.2) %c : f32[N,64,32,32]                     @15:5 in discriminator.1
///   store %new -> %w
///   return score=%r
/// }
/// ```
///
/// An input says what it is (`param`, `stat`, `state`, or nothing for data), and its name in quotes
/// where that is not the value's. Attributes that are left out have their defaults. `@line:column`, `in
/// layer` and `by pass` tell a node's origin, as far as it is known. Names that are no words stand in
/// quotes. The parser checks the text alone; what it means is the verifier's to judge.
public struct GraphParser {
  private var scanner: GraphScanner
  private var token: GraphToken
  private var graph = Graph(name: "", mode: .infer)
  private var values: [String: ValueID] = [:]

  /// The graph that a text describes.
  ///
  /// - Throws: `GraphSyntaxError` for the first thing that is wrong with the text.
  public static func parse(_ text: String) throws(GraphSyntaxError) -> Graph {
    var parser = try GraphParser(text)
    try parser.parseGraph()
    return parser.graph
  }

  private init(_ text: String) throws(GraphSyntaxError) {
    scanner = GraphScanner(text)
    token = try scanner.next()
  }

  // MARK: - Graph

  private mutating func parseGraph() throws(GraphSyntaxError) {
    try expectWord("graph")
    try expect("@")
    graph.name = try name("the graph's name")
    let modes = Graph.Mode.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    guard case .word(let word) = token.kind, let mode = Graph.Mode(rawValue: word) else {
      throw unexpected(modes)
    }
    graph.mode = mode
    try advance()
    try expect("(")
    if !isAt(")") {
      try parseInputs()
      while try skip(",") { try parseInputs() }
    }
    try expect(")")
    try expect("{")
    while !isAt("}") {
      if try parseStatement() { break }
    }
    try expect("}")
    guard token.kind == .end else { throw unexpected("the end") }
  }

  /// `%g %b: param f32[256]`, or `%w: param f32[4,3] "name"`.
  private mutating func parseInputs() throws(GraphSyntaxError) {
    var names: [(name: String, location: SourceLocation)] = []
    while case .value(let name) = token.kind {
      names.append((name, token.location))
      try advance()
    }
    if names.isEmpty { throw unexpected("an input") }
    try expect(":")
    var kind = GraphInput.Kind.data
    if case .word(let word) = token.kind, let known = GraphInput.Kind(rawValue: word) {
      kind = known
      try advance()
    }
    let type = try parseType()
    var inputName: String?
    if names.count == 1, case .string(let string) = token.kind {
      inputName = string
      try advance()
    }
    for (name, location) in names {
      let value = try define(name, type, at: location)
      graph.inputs.append(GraphInput(value: value, kind: kind, name: inputName ?? name))
    }
  }

  /// Returns whether it was the last one.
  private mutating func parseStatement() throws(GraphSyntaxError) -> Bool {
    switch token.kind {
    case .value:
      try parseNode()
      return false
    case .word("store"):
      try advance()
      let value = try use()
      guard token.kind == .arrow else { throw unexpected("`->`") }
      try advance()
      graph.stores.append(Store(target: try use(), value: value))
      return false
    case .word("return"):
      try advance()
      try parseOutput()
      while try skip(",") { try parseOutput() }
      return true
    default: throw unexpected("an op, `store`, `return` or `}`")
    }
  }

  private mutating func parseOutput() throws(GraphSyntaxError) {
    if case .value(let name) = token.kind {
      graph.addOutput(name, try use())
    } else {
      let name = try name("an output")
      try expect("=")
      graph.addOutput(name, try use())
    }
  }

  // MARK: - Nodes

  private mutating func parseNode() throws(GraphSyntaxError) {
    var results: [(name: String, location: SourceLocation)] = []
    repeat {
      guard case .value(let name) = token.kind else { throw unexpected("a result") }
      results.append((name, token.location))
      try advance()
    } while try skip(",")
    try expect("=")
    var op = try parseOp()
    var operands: [ValueID] = []
    if case .value = token.kind {
      operands.append(try use())
      while try skip(",") { operands.append(try use()) }
    }
    if isAt("{") { try parseAttributes(of: &op) }
    let start = token.location
    try expect(":")
    var types = [try parseType()]
    while try skip(",") { types.append(try parseType()) }
    guard types.count == results.count else {
      throw GraphSyntaxError(.typeCount(results: results.count, types: types.count), at: start)
    }
    let origin = try parseOrigin()
    var defined: [ValueID] = []
    for (result, type) in zip(results, types) {
      defined.append(try define(result.name, type, at: result.location))
    }
    graph.nodes.append(Node(op: op.op, operands: operands, results: defined, origin: origin))
  }

  /// `conv2d`, or `leaky_relu(0.2)`.
  private mutating func parseOp() throws(GraphSyntaxError) -> any OpDefinition {
    let location = token.location
    guard case .word(let mnemonic) = token.kind else { throw unexpected("an op") }
    guard let op = Self.ops[mnemonic] else {
      throw GraphSyntaxError(
        .unknownOp(mnemonic, nearest: nearestName(to: mnemonic, among: Self.ops.keys.sorted())), at: location)
    }
    try advance()
    guard try skip("(") else { return op }
    var parameters: [Double] = []
    repeat {
      guard let number = Double(attributeValue: try parseAttributeValue(depth: 0)) else {
        throw GraphSyntaxError(.wrongParameters(op: mnemonic), at: location)
      }
      parameters.append(number)
    } while try skip(",")
    try expect(")")
    guard let result = op.withParameters(parameters) else {
      throw GraphSyntaxError(.wrongParameters(op: mnemonic), at: location)
    }
    return result
  }

  /// Every op by its mnemonic, with its attributes at their defaults.
  static let ops: [String: any OpDefinition] = {
    func members<Definition: OpDefinition>(_: Definition.Type) -> [any OpDefinition] { Definition.members }
    var ops: [String: any OpDefinition] = [:]
    for kind in Op.kinds {
      for member in members(kind) { ops[member.mnemonic] = member }
    }
    return ops
  }()

  private mutating func parseOrigin() throws(GraphSyntaxError) -> Origin {
    var origin = Origin()
    if try skip("@") {
      let line = try integer("a line")
      try expect(":")
      origin.location = SourceLocation(line: line, column: try integer("a column"))
    }
    if token.kind == .word("in") {
      try advance()
      origin.layer = try name("a layer")
    }
    if token.kind == .word("by") {
      try advance()
      origin.pass = try name("a pass")
    }
    return origin
  }

  /// `f32[N,3,64,64]{channels_last}`
  private mutating func parseType() throws(GraphSyntaxError) -> TensorType {
    guard case .word(let word) = token.kind, let element = ElementType(rawValue: word) else {
      throw unexpected("a type such as `f32[N,3]`")
    }
    try advance()
    try expect("[")
    var shape: [Dimension] = []
    if !isAt("]") {
      repeat {
        if token.kind == .word("N") {
          try advance()
          shape.append(.batch)
        } else {
          shape.append(.fixed(try integer("an extent")))
        }
      } while try skip(",")
    }
    try expect("]")
    guard try skip("{") else { return TensorType(shape, element: element) }
    guard case .word(let word) = token.kind, let layout = Layout(attributeValue: .word(word)) else {
      throw unexpected("a layout")
    }
    try advance()
    try expect("}")
    return TensorType(shape, layout: layout, element: element)
  }

  // MARK: - Attributes

  private mutating func parseAttributes(of op: inout any OpDefinition) throws(GraphSyntaxError) {
    try expect("{")
    var given: Set<String> = []
    let known = type(of: op).attributeNames
    repeat {
      let location = token.location
      let attribute = try name("an attribute")
      guard known.contains(attribute) else {
        throw GraphSyntaxError(
          .unknownAttribute(
            attribute, op: op.mnemonic, nearest: nearestName(to: attribute, among: known)), at: location)
      }
      guard given.insert(attribute).inserted else {
        throw GraphSyntaxError(.duplicateAttribute(attribute), at: location)
      }
      try expect("=")
      guard op.setAttribute(attribute, to: try parseAttributeValue(depth: 0)) else {
        throw GraphSyntaxError(.invalidAttribute(attribute, op: op.mnemonic), at: location)
      }
    } while try skip(",")
    try expect("}")
  }

  /// Values of attributes nest as deep as the text likes; the parser's stack does not.
  private static let nestingLimit = 16

  private mutating func parseAttributeValue(depth: Int) throws(GraphSyntaxError) -> AttributeValue {
    guard depth < Self.nestingLimit else {
      throw GraphSyntaxError(.nestedTooDeeply(limit: Self.nestingLimit), at: token.location)
    }
    switch token.kind {
    case .integer(let value):
      try advance()
      return .int(value)
    case .number(let value):
      try advance()
      return .double(value)
    case .string(let string):
      try advance()
      return .word(string)
    case .punctuation("["):
      return .list(try parseList(until: "]", depth: depth))
    case .word(let word):
      try advance()
      if isAt("(") { return .call(word, try parseList(until: ")", depth: depth)) }
      if try skip("=") { return .binding(word, try parseAttributeValue(depth: depth + 1)) }
      switch word {
      case "true": return .bool(true)
      case "false": return .bool(false)
      case "inf": return .double(.infinity)
      case "nan": return .double(.nan)
      default: return .word(word)
      }
    default: throw unexpected("a value")
    }
  }

  /// Values between the bracket at the current token and the closing one.
  private mutating func parseList(
    until close: Character, depth: Int
  ) throws(GraphSyntaxError) -> [AttributeValue] {
    try advance()
    var values: [AttributeValue] = []
    if try skip(close) { return values }
    repeat { values.append(try parseAttributeValue(depth: depth + 1)) } while try skip(",")
    try expect(close)
    return values
  }

  // MARK: - Values

  private mutating func define(
    _ name: String, _ type: TensorType, at location: SourceLocation
  ) throws(GraphSyntaxError) -> ValueID {
    guard values[name] == nil else { throw GraphSyntaxError(.duplicateValue(name), at: location) }
    // A number is not a name: the printer gives it anew.
    let value = graph.makeValue(type, name: name.isGraphName ? name : nil)
    values[name] = value
    return value
  }

  private mutating func use() throws(GraphSyntaxError) -> ValueID {
    guard case .value(let name) = token.kind else { throw unexpected("a value such as `%x`") }
    guard let value = values[name] else {
      let nearest = nearestName(to: name, among: values.keys.sorted())
      throw GraphSyntaxError(.undefinedValue(name, nearest: nearest), at: token.location)
    }
    try advance()
    return value
  }

  // MARK: - Tokens

  private mutating func advance() throws(GraphSyntaxError) { token = try scanner.next() }

  private func isAt(_ punctuation: Character) -> Bool { token.kind == .punctuation(punctuation) }

  /// Passes over the punctuation if it is the current token.
  private mutating func skip(_ punctuation: Character) throws(GraphSyntaxError) -> Bool {
    guard isAt(punctuation) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ punctuation: Character) throws(GraphSyntaxError) {
    guard try skip(punctuation) else { throw unexpected("`\(punctuation)`") }
  }

  private mutating func expectWord(_ word: String) throws(GraphSyntaxError) {
    guard token.kind == .word(word) else { throw unexpected("`\(word)`") }
    try advance()
  }

  private mutating func name(_ what: String) throws(GraphSyntaxError) -> String {
    switch token.kind {
    case .word(let name), .string(let name):
      try advance()
      return name
    default: throw unexpected(what)
    }
  }

  private mutating func integer(_ what: String) throws(GraphSyntaxError) -> Int {
    guard case .integer(let value) = token.kind else { throw unexpected(what) }
    try advance()
    return value
  }

  private func unexpected(_ expected: String) -> GraphSyntaxError {
    GraphSyntaxError(.expected(expected, found: token.text), at: token.location)
  }
}
