/// What an op's pullback reads and writes while the graph is differentiated.
public struct PullbackContext {
  public var builder: GraphBuilder
  /// The node that is differentiated.
  public let node: Node
  /// The cotangent of each result; nil is zero.
  public let cotangents: [ValueID?]
  /// Whether somebody asks for the cotangent of each operand.
  public let needed: [Bool]
  /// What the pullback found, by operand; nil is zero.
  public private(set) var operandCotangents: [ValueID?]

  public init(builder: GraphBuilder, node: Node, cotangents: [ValueID?], needed: [Bool]) {
    self.builder = builder
    self.node = node
    self.cotangents = cotangents
    self.needed = needed
    operandCotangents = Array(repeating: nil, count: node.operands.count)
  }

  public func operand(_ index: Int) -> ValueID { node.operands[index] }
  public func result(_ index: Int) -> ValueID { node.results[index] }
  public func type(of value: ValueID) -> TensorType { builder.type(of: value) }

  /// Adds to an operand's cotangent.
  public mutating func contribute(_ value: ValueID, to operand: Int) {
    if let sum = operandCotangents[operand] {
      operandCotangents[operand] = builder.emit(Binary(.add), sum, value)
    } else {
      operandCotangents[operand] = value
    }
  }

  public mutating func emit(_ definition: some OpDefinition, _ operands: ValueID...) -> ValueID {
    builder.emitAll(definition, operands)[0]
  }

  public mutating func emitAll(_ definition: some OpDefinition, _ operands: [ValueID]) -> [ValueID] {
    builder.emitAll(definition, operands)
  }
}
