/// Which values of a node may share memory: what the memory plan does, and what passes that weigh memory count
/// on.
extension Node {
  /// The operands that an executor may write a result over, as `OpDefinition.overwritableOperands` has it. A
  /// value that the node also reads in another way is none.
  public func overwritableValues(result: Int) -> [ValueID] { overwritableValues(result: result, readCounts) }

  /// Those of every result.
  public func overwritableValues() -> [[ValueID]] {
    let counts = readCounts
    return results.indices.map { overwritableValues(result: $0, counts) }
  }

  /// - Parameter counts: Nil where counting anew is quicker.
  private func overwritableValues(result: Int, _ counts: [ValueID: Int]?) -> [ValueID] {
    let positions = op.definition.overwritableOperands(result: result, operandCount: operands.count)
    if positions.isEmpty { return [] }
    guard let counts else {
      return positions.map { operands[$0] }.filter { value in
        operands.count { $0 == value } == positions.count { operands[$0] == value }
      }
    }
    var read: [ValueID: Int] = [:]
    for position in positions { read[operands[position], default: 0] += 1 }
    return positions.map { operands[$0] }.filter { read[$0] == counts[$0] }
  }

  /// How often the node reads each value; nil for the few operands of most nodes.
  private var readCounts: [ValueID: Int]? {
    operands.count <= 16 ? nil : operands.reduce(into: [:]) { $0[$1, default: 0] += 1 }
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
