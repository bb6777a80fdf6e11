import GraphIR
import Lowering
import Passes
import Testing
import Training

@testable import Runtime

/// Plans of real steps, call by call.
@Suite struct PlanTests {
  /// The step as training compiles it for a batch size, and the networks.
  private func graphs(of model: LoweredModel, batch: Int) throws -> [Graph] {
    [try model.step.after(.cpuTraining(batch: batch))]
      + (try model.networks.map { try $0.graph.after(.inference) })
  }

  private func plan(
    _ graph: Graph, of model: LoweredModel, batch: Int, reusesMemory: Bool = true
  ) -> CPUPlan {
    var options = CPUPlan.Options()
    options.reusesMemory = reusesMemory
    let store = TensorStore(model.definitions)
    return CPUPlan(graph, batch: batch, store: store, lanes: 3, options: options)
  }

  private func stepPlan(of model: LoweredModel, batch: Int) throws -> CPUPlan {
    plan(try graphs(of: model, batch: batch)[0], of: model, batch: batch)
  }

  @Test(
    "every value is where its readers look for it, also in an epoch's smaller last batch",
    arguments: TestModel.examples + TestModel.fixtures, [1, 7, 64])
  func valuesAreHeld(model: TestModel, batch: Int) throws {
    let model = try model.lowered()
    for graph in try graphs(of: model, batch: batch) {
      for plan in [
        plan(graph, of: model, batch: batch), plan(graph, of: model, batch: batch, reusesMemory: false),
        plan(graph, of: model, batch: batch / 2 + 1),
      ] {
        #expect(PlanChecker.faults(in: plan) == [], "\(graph.name), batch \(plan.batch)")
      }
    }
  }

  @Test("a plan that does not compute one of its nodes is found out", arguments: TestModel.fixtures.prefix(3))
  func missingNodesAreNoticed(model: TestModel) throws {
    let plan = try stepPlan(of: try model.lowered(), batch: 2)
    for node in Set(plan.calls.map(\.node)) {
      let calls = plan.calls.filter { $0.node != node }
      #expect(!PlanChecker.faults(in: plan, calls: calls).isEmpty, "node \(node)")
    }
  }

  @Test("a step's arena is hardly larger than what is alive at once", arguments: TestModel.examples, [1, 64])
  func arenasAreTight(model: TestModel, batch: Int) throws {
    let plan = try stepPlan(of: try model.lowered(), batch: batch)
    #expect(plan.scratchLowerBound <= plan.scratchCount)
    #expect(Double(plan.scratchCount) <= 1.1 * Double(plan.scratchLowerBound))
  }

  @Test(
    "the schedule for a batch size never takes more memory than the order of lowering",
    arguments: TestModel.examples, [8, 64])
  func schedulesSaveMemory(model: TestModel, batch: Int) throws {
    let model = try model.lowered()
    let scheduled = Pipeline.training(batch: batch) { CPUPlan.scratch(of: $0, batch: $1) }
    let arenas = try [scheduled, scheduled.disabling(["schedule-for-peak"])].map { pipeline in
      let store = TensorStore(model.definitions)
      return CPUPlan(try model.step.after(pipeline), batch: batch, store: store, lanes: 1).scratchCount
    }
    // Gaps between buffers may cost a little.
    #expect(Double(arenas[0]) <= 1.01 * Double(arenas[1]))
  }

  /// Spectral norm reads a convolution's weights as a matrix, whose rows are not how they lie.
  @Test("a step of examples copies no images", arguments: TestModel.examples)
  func nothingIsCopied(model: TestModel) throws {
    let plan = try stepPlan(of: try model.lowered(), batch: 8)
    let copies = plan.calls.filter { bound in
      // What is joined, cut from what was, or put in groups of images lies elsewhere.
      let node = plan.graph.nodes[bound.node]
      let isOfWeights = node.operands.allSatisfy { !plan.graph.type(of: $0).shape.contains(.batch) }
      let isOfGroups = (node.operands + node.results).contains { plan.graph.type(of: $0).rank == 5 }
      return switch node.op {
      case .concat, .slice, .pad, .permute: false
      case .reshape where isOfGroups || isOfWeights: false
      default: [.copy, .stridedCopy].contains(bound.call.accesses(in: plan).kernel)
      }
    }
    #expect(copies.map { plan.graph.nodes[$0.node].op.definition.mnemonic } == [])
  }

  @Test("inputs can trade their contents")
  func inputsTradePlaces() {
    var graph = Graph(name: "trade", mode: .train)
    let a = graph.addInput(.state, "a", TensorType([2]))
    let b = graph.addInput(.state, "b", TensorType([2]))
    graph.stores = [Store(target: a, value: b), Store(target: b, value: a)]
    let inputs = [
      "a": ReferenceTensor(shape: [2], repeating: 1), "b": ReferenceTensor(shape: [2], repeating: 2),
    ]
    #expect(CPURun(graph, inputs).state == ["a": [2, 2], "b": [1, 1]])
  }
}
