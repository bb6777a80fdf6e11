import GraphIR
import Passes
import Testing

@testable import Runtime

/// The gradient of a gradient penalty, mean((‖∂score/∂image‖ − 1)²), with respect to a network's parameters:
/// the mixed second derivatives of all its layers together.
@Suite struct NetworkPenaltyTests {
  @Test(
    "a gradient penalty's gradient is the limit of its difference quotients", arguments: TestModel.fixtures)
  func penaltiesMatchDifferences(model: TestModel) throws {
    let penalty = try Penalty(of: try #require(model.lowered().network(named: "discriminator")).graph)
    let inputs = penalty.inputs()
    let interpreter = ReferenceInterpreter(penalty.graph)
    let outputs = try interpreter.run(inputs, batch: Penalty.batch).outputs
    let step = 1e-6
    for name in penalty.parameters {
      let gradient = try #require(outputs["d_\(name)"])
      let source = RandomSource(seed: 3, stream: .noise)
      let direction = gradient.values.indices.map { source.uniform($0) < 0.5 ? -1.0 : 1.0 }
      let along = zip(gradient.values, direction).reduce(0) { $0 + $1.0 * $1.1 }
      func value(at distance: Double) throws -> Double {
        var moved = inputs
        for (index, sign) in direction.enumerated() { moved[name]?.values[index] += distance * sign }
        let outputs = try interpreter.run(moved, batch: Penalty.batch).outputs
        return try #require(outputs["penalty"]).values[0]
      }
      let difference = (try value(at: step) - value(at: -step)) / (2 * step)
      let largest = gradient.values.reduce(1e-3) { max($0, abs($1)) }
      #expect(abs(along - difference) < 1e-4 * largest, "\(name): \(along), but by differences \(difference)")
    }
  }

  @Test("the CPU executor computes it as the interpreter does", arguments: TestModel.fixtures)
  func executorsAgree(model: TestModel) throws {
    let penalty = try Penalty(of: try #require(model.lowered().network(named: "discriminator")).graph)
    let inputs = penalty.inputs()
    let expected = try ReferenceInterpreter(penalty.graph).run(inputs, batch: Penalty.batch).outputs
    let planned = try penalty.graph.after(.training)
    let run = CPURun(planned, inputs, batch: Penalty.batch)
    let largest = expected.values.flatMap(\.values).reduce(0) { max($0, abs($1)) }
    for (name, tensor) in expected {
      let actual = try #require(run.outputs[name])
      let apart = zip(actual, tensor.values).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(apart < 1e-4 * largest, "\(name)")
    }
  }
}

/// A network's gradient penalty with its gradients `d_<parameter>`, as a graph.
private struct Penalty {
  static let batch = 3

  var graph: Graph
  var parameters: [String] = []

  init(of network: Graph) throws {
    var builder = GraphBuilder(network)
    let image = try #require(network.inputs.first { $0.kind == .data }).value
    let scores = network.outputs[0].value
    func axes(_ value: ValueID) -> [Int] { Array(builder.type(of: value).shape.indices) }
    let sum = builder.emit(Reduce(axes: axes(scores), mean: false), scores)
    let slope = builder.emit(Gradient(), sum, image)
    let squares = builder.emit(Unary(UnaryFunction(.square)), slope)
    let perImage = builder.emit(Reduce(axes: Array(axes(slope).dropFirst()), mean: false), squares)
    let norm = builder.emit(Unary(UnaryFunction(.rootOfSquares)), perImage)
    let distance = builder.emit(Affine(offset: -1), norm)
    let penalty = builder.emit(
      Reduce(axes: [0], mean: true), builder.emit(Unary(UnaryFunction(.square)), distance))
    let targets = network.inputs.filter { $0.kind == .parameter }
    let gradients = builder.emitAll(Gradient(), [penalty] + targets.map(\.value))
    builder.graph.outputs = []
    builder.graph.addOutput("penalty", penalty)
    for (target, gradient) in zip(targets, gradients) {
      builder.graph.addOutput("d_\(target.name)", gradient)
      parameters.append(target.name)
    }
    _ = Differentiate().run(&builder.graph)
    #expect(Verifier.violations(in: builder.graph) == [])
    graph = builder.graph
  }

  /// Random values; the vectors of spectral norms are those of the random weights.
  func inputs() -> [String: ReferenceTensor] {
    var inputs = graph.randomInputs(batch: Self.batch)
    let store = TensorStore(graph, inputs, batch: Self.batch)
    for slot in store.slots where slot.name.hasSuffix(".0._u") {
      let prefix = slot.name.dropLast("0._u".count)
      let names = (u: slot.name, v: "\(prefix)0._v")
      store.findSingularVectors(of: "\(prefix)original", left: names.u, right: names.v, outputAxis: 0)
      for name in [names.u, names.v] {
        inputs[name]?.values = (store.values(of: name) ?? []).map(Double.init)
      }
    }
    return inputs
  }
}
