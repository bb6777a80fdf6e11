import AllocationCounter
import GraphIR
import Lowering
import Passes
import Testing

@testable import Runtime

/// What a run costs besides its arithmetic.
@Suite(.enabled(if: allocations_are_counted() != 0)) struct AllocationTests {
  @Test("the counter sees an allocation")
  func counterCounts() {
    let before = allocation_count()
    let arena = Arena(count: 1)
    let after = allocation_count()
    #expect(after > before)
    #expect(arena.count == 1)
  }

  // With one thread every task runs on the caller's, where allocations are counted.
  @Test(
    "after the first run the executor allocates nothing", arguments: TestModel.fixtures, [1, 2])
  func runsAllocateNothing(model: TestModel, threads: Int) throws {
    let lowered = try model.lowered()
    let networks = lowered.networks.map { ($0.graph, Pipeline.inference) }
    for (graph, pipeline) in [(lowered.step, Pipeline.training)] + networks {
      let planned = try graph.after(pipeline)
      let inputs = planned.randomInputs(batch: 3)
      let store = TensorStore(planned, inputs, batch: 3)
      let executor = CPUExecutor(threads: threads)
      let plan = CPUPlan(planned, batch: 3, store: store, lanes: threads)
      executor.write(inputs, to: plan)
      executor.run(plan)
      let before = allocation_count()
      executor.run(plan)
      let allocations = allocation_count() - before
      #expect(allocations == 0, "\(graph.name)")
    }
  }
}
