import GraphIR
import Lowering
import Passes
import Testing
import Training

@testable import Runtime

/// Whole training steps on the CPU executor.
@Suite struct StepTests {
  @Test("the lists of models that drive these tests are whole")
  func modelsAreThere() {
    #expect(TestModel.examples.count >= 7)
    #expect(TestModel.fixtures.count >= 24)
  }

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
    for (name, values) in shared.tensors {
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
    "in 64 bits, a step and its networks mean the same after the passes of training and sampling as before",
    arguments: TestModel.examples + TestModel.fixtures)
  func passesKeepTheMeaning(model: TestModel) throws {
    let lowered = try model.loweredNarrow(width: 4)
    try expectSameMeaning(of: lowered.step, after: .cpuTraining(batch: 2))
    for network in lowered.networks { try expectSameMeaning(of: network.graph, after: .inference) }
  }

  @Test(
    "a network computes the same with all optional passes and without",
    arguments: TestModel.examples + TestModel.fixtures)
  func fusedNetworksEqualUnfused(model: TestModel) throws {
    let lowered = try model.loweredNarrow()
    let bare = Pipeline.inference.disabling(Set(Pipeline.inference.passNames))
    for network in lowered.networks { try expectSame(network.graph, .inference, bare) }
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
      for network in lowered.networks {
        try expectSame(network.graph, .inference, rest, "without \(pass.name)")
      }
    }
  }

  /// Expects the outputs and stores of one run within rounding of what the graph means.
  private func expectSameMeaning(of graph: Graph, after pipeline: Pipeline) throws {
    let inputs = graph.randomInputs(batch: 2)
    let expected = try ReferenceInterpreter(graph.after(.reference)).run(inputs, batch: 2)
    let actual = try ReferenceInterpreter(graph.after(pipeline)).run(inputs, batch: 2)
    for (given, wanted) in [(actual.outputs, expected.outputs), (actual.stores, expected.stores)] {
      #expect(given.keys.sorted() == wanted.keys.sorted())
      for (name, tensor) in wanted {
        let values = try #require(given[name]).values
        #expect(relativeDistance(values, tensor.values) < 1e-9, "\(graph.name): \(name)")
      }
    }
  }

  /// Expects outputs and new state of one run within 1e-5 of each other.
  ///
  /// Where a sum cancels, or an activation lies on its kink, rounding alone moves a tensor further. That
  /// happens for one input and not for another, while a fusion that is wrong is wrong for all.
  private func expectSame(
    _ graph: Graph, _ pipeline: Pipeline, _ other: Pipeline, _ what: String = ""
  ) throws {
    let (graphA, graphB) = (try graph.after(pipeline), try graph.after(other))
    var apart: [String: Double]?
    for seed in 1...4 {
      let inputs = graph.randomInputs(batch: 3, seed: seed)
      let a = CPURun(graphA, inputs, batch: 3).tensors
      let b = CPURun(graphB, inputs, batch: 3).tensors
      #expect(Set(a.keys) == Set(b.keys))
      let distances = a.map { name, values in
        (name, relativeDistance(values, b[name] ?? [], noise: Self.noise(of: name)))
      }
      let far = distances.filter { $0.1 > 1e-5 && apart?.keys.contains($0.0) != false }
      apart = Dictionary(uniqueKeysWithValues: far)
      if apart == [:] { return }
    }
    #expect(apart == [:], "\(graph.name) \(what)")
  }

  /// The size of an element that is nothing but rounding: a bias in front of batch norm has a gradient of zero, and so
  /// has what an optimiser remembers of it.
  private static func noise(of name: String) -> Double {
    name.hasSuffix(".exp_avg") ? 1e-8 : name.hasSuffix(".exp_avg_sq") ? 1e-16 : 0
  }

  /// (‖a − b‖ − ‖n‖) / ‖b‖ with elements of n of the size of the noise, and not below zero; infinite where a NaN is.
  private func relativeDistance<Value: BinaryFloatingPoint>(
    _ a: [Value], _ b: [Value], noise: Double = 0
  ) -> Double {
    if a.count != b.count { return .infinity }
    var (difference, norm) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
      norm += Double(y) * Double(y)
    }
    let apart = difference.squareRoot() - noise * Double(a.count).squareRoot()
    if apart <= 0 { return 0 }
    return apart.isNaN ? .infinity : apart / norm.squareRoot()
  }
}
