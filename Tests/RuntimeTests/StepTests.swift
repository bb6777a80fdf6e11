import GraphIR
import Lowering
import Passes
import Testing

@testable import Runtime

/// Whole training steps on the CPU executor.
@Suite struct StepTests {
  @Test(
    "a run reads nothing that it has not written, and sharing memory changes no bit",
    arguments: TestModel.examples + TestModel.fixtures)
  func nothingStaleIsRead(model: TestModel) throws {
    let graph = try model.loweredNarrow().step.after(.training)
    let inputs = graph.randomInputs(batch: 3)
    let shared = CPURun(graph, inputs, batch: 3, steps: 2)
    let separate = CPURun(graph, inputs, batch: 3, steps: 2, reusesMemory: false)
    #expect(shared.outputs == separate.outputs)
    #expect(shared.state == separate.state)
    for (name, values) in shared.outputs.merging(shared.state, uniquingKeysWith: { first, _ in first }) {
      let isFinite = values.allSatisfy(\.isFinite)
      #expect(isFinite, "\(name)")
    }
  }

  @Test(
    "three steps leave the same bytes with 1, 2, 3 and 8 threads",
    arguments: TestModel.examples + TestModel.fixtures)
  func threadsChangeNothing(model: TestModel) throws {
    let graph = try model.loweredNarrow().step.after(.training)
    let inputs = graph.randomInputs(batch: 3)
    let one = CPURun(graph, inputs, batch: 3, steps: 3)
    for threads in [2, 3, 8] {
      let other = CPURun(graph, inputs, batch: 3, steps: 3, threads: threads)
      #expect(other.outputs == one.outputs, "\(threads)")
      #expect(other.state == one.state, "\(threads)")
    }
  }

  @Test(
    "a step computes the same with all optional passes and without",
    arguments: TestModel.examples + TestModel.fixtures)
  func fusedStepsEqualUnfused(model: TestModel) throws {
    let step = try model.loweredNarrow().step
    let bare = Pipeline.training.disabling(Set(Pipeline.training.passNames))
    try expectSame(step, .training, bare)
  }

  @Test(
    "a network computes the same with all optional passes and without",
    arguments: TestModel.examples + TestModel.fixtures)
  func fusedNetworksEqualUnfused(model: TestModel) throws {
    let lowered = try model.loweredNarrow()
    let bare = Pipeline.inference.disabling(Set(Pipeline.inference.passNames))
    try expectSame(lowered.generator, .inference, bare)
    try expectSame(lowered.discriminator, .inference, bare)
  }

  @Test(
    "each optional pass can be left out alone",
    arguments: TestModel.fixtures.filter {
      ["activations", "pooling", "tutorial"].contains($0.testDescription)
    })
  func passesCanBeDisabled(model: TestModel) throws {
    let lowered = try model.loweredNarrow()
    for pass in Pipeline.training.passes where !pass.isRequired {
      try expectSame(lowered.step, .training, .training.disabling([pass.name]), "without \(pass.name)")
    }
    for pass in Pipeline.inference.passes where !pass.isRequired {
      let rest = Pipeline.inference.disabling([pass.name])
      try expectSame(lowered.generator, .inference, rest, "without \(pass.name)")
      try expectSame(lowered.discriminator, .inference, rest, "without \(pass.name)")
    }
  }

  /// Expects outputs and new state of one run within 1e-5 of each other. Where cancellation makes that too
  /// much to ask of 32 bits, the first must be as close to Float64 as the second, up to a digit.
  private func expectSame(
    _ graph: Graph, _ pipeline: Pipeline, _ other: Pipeline, _ what: String = ""
  ) throws {
    let inputs = graph.randomInputs(batch: 3)
    let run = CPURun(try graph.after(pipeline), inputs, batch: 3, steps: 1)
    let otherRun = CPURun(try graph.after(other), inputs, batch: 3, steps: 1)
    let meaning = try graph.after(.reference)
    lazy var exact = Result { try ReferenceInterpreter(meaning).run(inputs, batch: 3) }
    for (name, values) in run.outputs.merging(run.state, uniquingKeysWith: { first, _ in first }) {
      let expected = try #require(otherRun.outputs[name] ?? otherRun.state[name])
      let apart = relativeDistance(values, expected.map(Double.init))
      if apart <= 1e-5 { continue }
      let tensors = try exact.get()
      let reference = try #require(tensors.outputs[name] ?? tensors.stores[name]).values
      let error = relativeDistance(values, reference)
      let otherError = relativeDistance(expected, reference)
      #expect(error <= 10 * otherError, "\(name) of \(graph.name) \(what): \(apart) apart")
    }
  }

  /// ‖a − b‖ / ‖b‖; infinite where a NaN is.
  private func relativeDistance(_ a: [Float], _ b: [Double]) -> Double {
    var (difference, norm) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      difference += (Double(x) - y) * (Double(x) - y)
      norm += y * y
    }
    if difference == 0 { return 0 }
    return difference.isNaN ? .infinity : (difference / norm).squareRoot()
  }
}
