import GraphIR
import Runtime
import Testing

/// Tensors for all inputs of a graph, uniform in the range that each kind asks for.
func randomInputs(
  of graph: Graph, batch: Int, range: (GraphInput.Kind) -> ClosedRange<Double>
) -> [String: ReferenceTensor] {
  var tensors: [String: ReferenceTensor] = [:]
  for (index, input) in graph.inputs.enumerated() {
    let shape = graph.type(of: input.value).extents(batch: batch)
    let source = RandomSource(seed: 1, stream: .syntheticData, substream: index)
    let range = range(input.kind)
    let values = (0..<shape.reduce(1, *)).map {
      range.lowerBound + source.uniform($0) * (range.upperBound - range.lowerBound)
    }
    tensors[input.name] = ReferenceTensor(shape: shape, values: values)
  }
  return tensors
}

/// Expects the same outputs and stores of both graphs, up to what another order of operations changes.
func expectSameMeaning(
  _ graph: Graph, as original: Graph, _ inputs: [String: ReferenceTensor], batch: Int, _ what: String
) throws {
  let expected = try ReferenceInterpreter(original).run(inputs, batch: batch)
  let actual = try ReferenceInterpreter(graph).run(inputs, batch: batch)
  expectClose(actual.outputs, expected.outputs, what)
  expectClose(actual.stores, expected.stores, what)
}

private func expectClose(
  _ actual: [String: ReferenceTensor], _ expected: [String: ReferenceTensor], _ what: String
) {
  #expect(actual.keys.sorted() == expected.keys.sorted(), "\(what)")
  for (name, tensor) in expected {
    guard let other = actual[name], other.shape == tensor.shape else {
      Issue.record("\(what): \(name) has the shape \(actual[name]?.shape ?? []), not \(tensor.shape)")
      continue
    }
    let largest = tensor.values.reduce(1) { max($0, abs($1)) }
    // A NaN is close to nothing.
    let firstWrong = tensor.values.indices.first { index in
      !(abs(other.values[index] - tensor.values[index]) <= 1e-9 * largest)
    }
    if let index = firstWrong {
      Issue.record("\(what): \(name)[\(index)] is \(other.values[index]), not \(tensor.values[index])")
    }
  }
}
