/// Which values of a node may share memory: what the memory plan does, and what passes that weigh memory count
/// on.
extension Node {
  /// The operands that an executor may write a result over, as `OpDefinition.overwritableOperands` has it. A
  /// value that the node also reads in another way is none.
  public func overwritableValues(result: Int) -> [ValueID] {
    let positions = op.definition.overwritableOperands(result: result, operandCount: operands.count)
    return positions.map { operands[$0] }.filter { value in
      operands.indices.allSatisfy { operands[$0] != value || positions.contains($0) }
    }
  }
}

extension Graph {
  /// Whether the node's result is its operand under another name: the same elements in the same order in
  /// memory.
  public func movesNothing(_ node: Node) -> Bool {
    guard node.op.definition.keepsElements else { return false }
    let (operand, result) = (type(of: node.operands[0]), type(of: node.results[0]))
    if operand.hasLogicalOrder, result.hasLogicalOrder { return true }
    return operand.shape == result.shape && operand.layout == result.layout
  }
}

extension TensorType {
  /// Whether its elements lie in logical row-major order: channels last is that too where there is one
  /// channel, or one pixel.
  public var hasLogicalOrder: Bool {
    guard layout == .channelsLast, rank == 4 else { return true }
    return shape[1] == 1 || shape[2] == 1 && shape[3] == 1
  }
}
