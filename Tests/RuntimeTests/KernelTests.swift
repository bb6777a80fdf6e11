import CKernels
import GraphIR
import Testing

@testable import Runtime

/// Every op's kernels against the interpreter, on the op's own samples.
@Suite struct KernelTests {
  @Test(
    "an op's kernels compute what the interpreter does, on every instruction set and number of threads",
    arguments: Op.kinds)
  func kernelsAgreeWithTheInterpreter(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      for variant in try sample.variants() {
        let expected = try ReferenceInterpreter(variant.graph).run(variant.inputs, batch: 1)
        for isa in instructionSets {
          with(isa) { check(variant, expected, tolerance: sample.tolerance, on: isa) }
        }
      }
    }
  }

  private func check(
    _ variant: SampleVariant, _ expected: ReferenceInterpreter.Result, tolerance: Double, on isa: ck_isa
  ) {
    let what = unsafe "\(variant.name), \(String(cString: ck_isa_name(isa)))"
    let run = CPURun(variant.graph, variant.inputs)
    for (name, tensor) in expected.outputs {
      let apart = distance(run.outputs[name], tensor)
      #expect(apart <= tolerance, "\(what): \(name)")
    }
    for (name, tensor) in expected.stores {
      let apart = distance(run.state[name], tensor)
      #expect(apart <= tolerance, "\(what): the new \(name)")
    }
    for other in [
      CPURun(variant.graph, variant.inputs, threads: 3),
      CPURun(variant.graph, variant.inputs, reusesMemory: false),
    ] {
      #expect(other.outputs == run.outputs, "\(what)")
      #expect(other.state == run.state, "\(what)")
    }
  }

  @Test("every op that can be executed has a sample, and every sample runs a kernel")
  func everyOpHasSamples() throws {
    for kind in Op.kinds where kind != Gradient.self {
      let samples = kind.samples
      #expect(!samples.isEmpty, "\(kind)")
      for sample in samples {
        for variant in try sample.variants() {
          let store = TensorStore(variant.graph, variant.inputs)
          let plan = CPUPlan(variant.graph, batch: 1, store: store, lanes: 1)
          // The only op that is nothing but a name.
          if kind == Detach.self || plan.calls.count + plan.prologue.count > 0 { continue }
          #expect(movesNothing(variant), "\(variant.name) has no kernel")
        }
      }
    }
  }

  /// Whether the op can be its operand under another name.
  private func movesNothing(_ variant: SampleVariant) -> Bool {
    variant.graph.nodes.allSatisfy { variant.graph.movesNothing($0) }
  }

  @Test("every kernel that a plan can call is called for some sample")
  func everyKernelIsExercised() throws {
    var called: Set<KernelName> = []
    for kind in Op.kinds {
      for sample in kind.samples {
        for variant in try sample.variants() {
          let store = TensorStore(variant.graph, variant.inputs)
          let plan = CPUPlan(variant.graph, batch: 1, store: store, lanes: 1)
          for bound in plan.calls + plan.prologue { called.insert(bound.call.accesses(in: plan).kernel) }
        }
      }
    }
    #expect(Set(KernelName.allCases).subtracting(called) == [])
  }

  @Test("an op writes over its operand where it may, and computes its update where the old value lies")
  func resultsTakeTheirOperandsPlaces() throws {
    for kind in Op.kinds {
      for sample in kind.samples {
        let positions = sample.op.overwritableOperands(result: 0, operandCount: sample.operands.count)
        guard let position = positions.first else { continue }
        let variant = try #require(
          try sample.variants().first { $0.name.hasSuffix("operands that may be overwritten") })
        let store = TensorStore(variant.graph, variant.inputs)
        let plan = CPUPlan(variant.graph, batch: 1, store: store, lanes: 1)
        let node = try #require(plan.graph.nodes.last)
        let operand = node.operands[position]
        #expect(
          plan.regions[operand.index]?.offset == plan.regions[node.results[0].index]?.offset,
          "\(variant.name)")
      }
    }
  }
}
