import CKernels
import GraphIR
import Lowering
import Testing

@testable import Runtime

/// Kernels in their places: what `KernelAccesses` says of a call is what the call does, so that plans may
/// be judged by it.
@Suite struct KernelAccessTests {
  @Test("a kernel reads and writes nothing but its operands and results", arguments: Op.kinds)
  func kernelsStayInPlace(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      for variant in try sample.variants() {
        for isa in instructionSets {
          try with(isa) {
            try expectCallsStayInPlace(variant.graph, variant.inputs, batch: 1, variant.name)
          }
        }
      }
    }
  }

  @Test("nor does it in a training step", arguments: TestModel.fixtures)
  func stepsStayInPlace(model: TestModel) throws {
    let graph = try model.lowered().step.after(.training)
    try expectCallsStayInPlace(graph, graph.randomInputs(batch: 3), batch: 3, graph.name)
  }

  private func expectCallsStayInPlace(
    _ graph: Graph, _ inputs: [String: ReferenceTensor], batch: Int, _ what: String
  ) throws {
    let store = TensorStore(graph, inputs, batch: batch)
    let executor = CPUExecutor(threads: 2)
    let plan = CPUPlan(graph, batch: batch, store: store, lanes: 2)
    executor.write(inputs, to: plan)
    executor.start(plan)
    for (index, bound) in plan.calls.enumerated() {
      let accesses = bound.call.accesses(in: plan)
      let before = Memory(executor, plan)
      executor.run(plan, from: index, to: index + 1)
      let after = Memory(executor, plan)

      let touched = accesses.writes + [accesses.workspace].compactMap { $0 }
      var untouched = after
      for region in touched { untouched[region] = before[region] }
      #expect(untouched.hasSameBits(as: before), "\(what): \(accesses.kernel) writes elsewhere")

      // Once more, where all memory that it does not read is NaN.
      var poisoned = before.filled(with: .nan)
      for region in accesses.reads { poisoned[region] = before[region] }
      poisoned.restore(executor, plan)
      executor.run(plan, from: index, to: index + 1)
      let again = Memory(executor, plan)
      for region in accesses.writes {
        // A part that it left alone is still NaN.
        let isSame = zip(zip(before[region], after[region]), again[region]).allSatisfy { values, again in
          again.bitPattern == values.1.bitPattern || again.isNaN && values.0.bitPattern == values.1.bitPattern
        }
        #expect(isSame, "\(what): \(accesses.kernel) reads elsewhere")
      }
      after.restore(executor, plan)
    }
  }
}

/// The contents of all memory that a plan uses.
private struct Memory {
  private var spaces: [Region.Space: [Float]] = [:]

  init(_ executor: CPUExecutor, _ plan: CPUPlan) {
    for (space, arena) in Self.arenas(executor, plan) {
      spaces[space] = (0..<arena.count).map { unsafe arena.base[$0] }
    }
  }

  func restore(_ executor: CPUExecutor, _ plan: CPUPlan) {
    for (space, arena) in Self.arenas(executor, plan) {
      for (index, value) in (spaces[space] ?? []).enumerated() { unsafe arena.base[index] = value }
    }
  }

  func filled(with value: Float) -> Memory {
    var copy = self
    copy.spaces = spaces.mapValues { $0.map { _ in value } }
    return copy
  }

  func hasSameBits(as other: Memory) -> Bool {
    spaces.mapValues { $0.map(\.bitPattern) } == other.spaces.mapValues { $0.map(\.bitPattern) }
  }

  subscript(region: Region) -> [Float] {
    get { Array((spaces[region.space] ?? [])[region.offset..<region.offset + region.count]) }
    set {
      spaces[region.space]?.replaceSubrange(region.offset..<region.offset + region.count, with: newValue)
    }
  }

  private static func arenas(_ executor: CPUExecutor, _ plan: CPUPlan) -> [(Region.Space, Arena)] {
    [(.state, plan.store.arena), (.scratch, executor.scratch), (.persistent, plan.persistent)]
  }
}
