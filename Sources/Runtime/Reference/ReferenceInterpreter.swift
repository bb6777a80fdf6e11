import GraphIR

/// The meaning of the op set: every op as a plain loop in 64-bit floats. Slow, and the oracle of every
/// other executor.
public struct ReferenceInterpreter: Sendable {
  public enum Failure: Error {
    case missingInput(String)
    case wrongShape(name: String, expected: [Int], actual: [Int])
    /// `gradient` means something only to `differentiate`.
    case notExecutable(String)
  }

  public let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  public struct Result: Sendable {
    /// By the output's name.
    public var outputs: [String: ReferenceTensor] = [:]
    /// The new contents of the inputs that the graph stores to, by the input's name.
    public var stores: [String: ReferenceTensor] = [:]
  }

  /// Runs the graph once.
  ///
  /// - Parameters:
  ///   - inputs: Data and state, by the input's name.
  ///   - batch: What `N` stands for.
  public func run(_ inputs: [String: ReferenceTensor], batch: Int) throws(Failure) -> Result {
    var values = [ReferenceTensor?](repeating: nil, count: graph.values.count)
    for input in graph.inputs {
      guard let tensor = inputs[input.name] else { throw .missingInput(input.name) }
      let expected = graph.type(of: input.value).extents(batch: batch)
      guard tensor.shape == expected else {
        throw .wrongShape(name: input.name, expected: expected, actual: tensor.shape)
      }
      values[input.value.index] = tensor
    }
    // Values are dropped after their last use: a step of a real model holds many.
    var remaining = graph.useCounts()
    for node in graph.nodes {
      if case .gradient = node.op { throw .notExecutable(node.op.definition.mnemonic) }
      let operands = node.operands.map { operand in
        guard let value = values[operand.index] else {
          preconditionFailure("a graph that is not sound reads a value before it is computed")
        }
        return value
      }
      let shapes = node.results.map { graph.type(of: $0).extents(batch: batch) }
      let results = node.op.definition.evaluate(operands, results: shapes, batch: batch)
      for (result, tensor) in zip(node.results, results) { values[result.index] = tensor }
      for operand in node.operands {
        remaining[operand.index] -= 1
        if remaining[operand.index] == 0 { values[operand.index] = nil }
      }
    }
    var result = Result()
    for output in graph.outputs { result.outputs[output.name] = values[output.value.index] }
    for store in graph.stores {
      guard let target = graph.inputs.first(where: { $0.value == store.target }) else { continue }
      result.stores[target.name] = values[store.value.index]
    }
    return result
  }
}
