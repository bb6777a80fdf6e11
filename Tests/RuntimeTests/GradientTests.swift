import GraphIR
import Passes
import Runtime
import Testing

/// Every op's pullback, and the pullbacks of what it emits, against central finite differences in
/// 64-bit floats.
@Suite struct GradientTests {
  @Test("an op's gradient is the limit of its difference quotients", arguments: differentiableKinds)
  func firstGradients(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      guard let scalar = try DifferentiableScalar(weighting: sample) else { continue }
      try expectGradientsMatchDifferences(of: scalar, "\(sample.op)")
    }
  }

  @Test(
    "the gradient of an op's gradient is the limit of its difference quotients",
    arguments: differentiableKinds)
  func secondGradients(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      guard let scalar = try DifferentiableScalar(weighting: sample) else { continue }
      try expectGradientsMatchDifferences(of: scalar.weightedGradient(), "\(sample.op)")
    }
  }

  @Test("each member of an op that has a gradient has a sample with an operand to differentiate by")
  func allAreTested() throws {
    for kind in Self.differentiableKinds {
      let moved = kind.samples.filter { $0.constantOperands.count < $0.operands.count }
      let tested = Set(moved.map(\.op.mnemonic))
      // A constant reads nothing, and what is detached passes no gradient on.
      let members = Set(kind.members.map(\.mnemonic)).subtracting(["constant", "detach"])
      #expect(tested.isSuperset(of: members), "\(kind)")
    }
  }

  static let differentiableKinds = Op.kinds.filter { kind in
    switch kind.differentiability {
    case .differentiable: true
    case .nonDifferentiable: false
    }
  }

  /// Compares ⟨gradient, direction⟩ with (f(x + h·direction) − f(x − h·direction)) / 2h for each input and
  /// two random directions of it: a gradient that is wrong anywhere is orthogonal to the error of neither.
  private func expectGradientsMatchDifferences(of scalar: DifferentiableScalar, _ what: String) throws {
    let gradients = try scalar.gradients()
    let step = 1e-5
    for (target, gradient) in zip(scalar.targets, gradients) {
      for trial in 0..<2 {
        let source = RandomSource(seed: trial, stream: .noise)
        let direction = gradient.values.indices.map { source.uniform($0) < 0.5 ? -1.0 : 1.0 }
        let along = zip(gradient.values, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let ahead = try scalar.value(moving: target, by: step, along: direction)
        let behind = try scalar.value(moving: target, by: -step, along: direction)
        let difference = (ahead - behind) / (2 * step)
        let error = abs(along - difference) / max(1, abs(along), abs(difference))
        #expect(error < 1e-6, "\(what), \(target): \(along), but by differences \(difference)")
      }
    }
  }
}

/// A scalar function of named tensors, as a graph, at one point.
struct DifferentiableScalar {
  /// Ends in the scalar, its only output.
  private var builder: GraphBuilder
  private let scalar: ValueID
  private let point: [String: ReferenceTensor]
  /// The inputs that may move.
  let targets: [String]

  /// Σ w·y over an op's results y, with one random weight for each of their elements: the weights are the
  /// results' cotangents. Nil if all operands are constant.
  init?(weighting sample: OpSample) throws {
    let graph = try sample.graph()
    let operands = sample.operandTensors()
    var point: [String: ReferenceTensor] = [:]
    for (input, tensor) in zip(graph.inputs, operands) { point[input.name] = tensor }
    let targets = graph.inputs.indices.filter { !sample.constantOperands.contains($0) }
    if targets.isEmpty { return nil }
    let results = graph.outputs.map(\.value)
    self.init(graph, weighting: results, point: point, targets: targets.map { graph.inputs[$0].name })
  }

  private init(
    _ graph: Graph, weighting values: [ValueID], point: [String: ReferenceTensor], targets: [String]
  ) {
    var builder = GraphBuilder(graph)
    var point = point
    var targets = targets
    var terms: [ValueID] = []
    for value in values {
      let type = builder.type(of: value)
      let name = "weight\(builder.graph.inputs.count)"
      let weight = builder.graph.addInput(.data, name, type)
      let source = RandomSource(seed: builder.graph.inputs.count, stream: .noise)
      let shape = type.extents(batch: 1)
      let count = type.elementCount(batch: 1)
      point[name] = ReferenceTensor(shape: shape, values: (0..<count).map { source.uniform($0) - 0.5 })
      targets.append(name)
      let product = builder.emit(Binary(.multiply), value, weight)
      terms.append(builder.emit(Reduce(axes: Array(shape.indices), mean: false), product))
    }
    scalar = terms.dropFirst().reduce(terms[0]) { builder.emit(Binary(.add), $0, $1) }
    builder.graph.outputs = []
    builder.graph.addOutput("scalar", scalar)
    self.builder = builder
    self.point = point
    self.targets = targets
  }

  /// The scalar with one input moved.
  func value(moving target: String, by step: Double, along direction: [Double]) throws -> Double {
    var moved = point
    for (index, amount) in direction.enumerated() { moved[target]?.values[index] += step * amount }
    let outputs = try ReferenceInterpreter(builder.graph).run(moved, batch: 1).outputs
    return try #require(outputs["scalar"]).values[0]
  }

  /// The gradient with respect to each target.
  func gradients() throws -> [ReferenceTensor] {
    var (builder, gradients) = differentiated()
    builder.graph.outputs = []
    for (target, gradient) in zip(targets, gradients) { builder.graph.addOutput(target, gradient) }
    let outputs = try ReferenceInterpreter(builder.graph).run(point, batch: 1).outputs
    return try targets.map { try #require(outputs[$0]) }
  }

  /// Σ w·g over the gradients g, weighted at random in their turn.
  func weightedGradient() -> DifferentiableScalar {
    let (builder, gradients) = differentiated()
    return DifferentiableScalar(builder.graph, weighting: gradients, point: point, targets: targets)
  }

  private func differentiated() -> (GraphBuilder, [ValueID]) {
    var builder = builder
    let inputs = targets.compactMap { name in builder.graph.inputs.first { $0.name == name }?.value }
    let gradients = builder.emitAll(Gradient(), [scalar] + inputs)
    // The outputs tell which values the gradients became.
    builder.graph.outputs = []
    for (target, gradient) in zip(targets, gradients) { builder.graph.addOutput(target, gradient) }
    _ = Differentiate().run(&builder.graph)
    #expect(Verifier.violations(in: builder.graph) == [])
    return (builder, builder.graph.outputs.map(\.value))
  }
}
