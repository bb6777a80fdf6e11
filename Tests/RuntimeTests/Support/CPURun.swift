import CKernels
import GraphIR
import Lowering

@testable import Runtime

/// One or more runs of a graph on the CPU executor, each with scratch memory that holds NaN wherever the
/// run has not written yet.
struct CPURun {
  /// Of the last run, by the output's name, in logical row-major order.
  var outputs: [String: [Float]] = [:]
  /// What the inputs that outlive a run hold in the end, by their names.
  var state: [String: [Float]] = [:]

  /// Both, by their names.
  var tensors: [String: [Float]] { outputs.merging(state) { first, _ in first } }

  /// - Parameters:
  ///   - inputs: Data and state, by the input's name. The data is the same in every step.
  init(
    _ graph: Graph, _ inputs: [String: ReferenceTensor], batch: Int = 1, steps: Int = 1, threads: Int = 1,
    reusesMemory: Bool = true, convolutions: ConvolutionPolicy = .init()
  ) {
    let store = TensorStore(graph, inputs, batch: batch)
    let executor = CPUExecutor(threads: threads)
    var options = CPUPlan.Options()
    options.reusesMemory = reusesMemory
    options.convolutions = convolutions
    let plan = CPUPlan(graph, batch: batch, store: store, lanes: threads, options: options)
    for _ in 0..<steps {
      executor.poisonScratch(for: plan)
      executor.write(inputs, to: plan)
      executor.run(plan)
    }
    for output in graph.outputs { outputs[output.name] = executor.values(of: output.name, in: plan) }
    for slot in store.slots { state[slot.name] = store.values(of: slot.name) }
  }
}

extension TensorStore {
  /// A store of everything that outlives a run of the graph.
  convenience init(_ graph: Graph, _ inputs: [String: ReferenceTensor], batch: Int = 1) {
    let kept = graph.inputs.filter(\.outlivesRun)
    self.init(
      kept.map { input in
        let type = graph.type(of: input.value)
        return Declaration(input.name, type.extents(batch: batch), input.role, element: type.element)
      })
    for input in kept { write(inputs[input.name]?.values.map(Float.init) ?? [], to: input.name) }
  }
}

extension TensorStore {
  /// A store of everything that a model keeps.
  convenience init(_ definitions: [ParameterDefinition]) {
    self.init(
      definitions.map { Declaration($0.name, $0.shape, $0.role, network: $0.network, element: $0.element) })
  }
}

extension GraphInput {
  /// A role that an input of its kind may have.
  fileprivate var role: StateRole {
    switch kind {
    case .parameter: .parameter
    case .statistic: .statistic
    case .state, .data: .optimizer
    }
  }
}

extension CPUExecutor {
  /// Fills all memory that runs share with NaN.
  func poisonScratch(for plan: CPUPlan) {
    bind(plan)
    for index in 0..<scratch.count { unsafe scratch.base[index] = .nan }
  }

  /// Writes all data inputs of a plan.
  func write(_ inputs: [String: ReferenceTensor], to plan: CPUPlan) {
    for input in plan.graph.inputs where input.kind == .data {
      write(inputs[input.name]?.values.map(Float.init) ?? [], to: input.name, of: plan)
    }
  }
}

extension ReferenceTensor {
  /// The same with every value as a 32-bit float has it.
  var rounded: ReferenceTensor { ReferenceTensor(shape: shape, values: values.map { Double(Float($0)) }) }
}

/// The instruction sets that this machine runs.
let instructionSets = (CK_ISA_SCALAR.rawValue...ck_isa_best().rawValue).map { ck_isa(rawValue: $0) }

/// Runs `body` with the kernels of one instruction set.
func with<Result>(_ isa: ck_isa, _ body: () throws -> Result) rethrows -> Result {
  let previous = ck_isa_current()
  ck_isa_select(isa)
  defer { ck_isa_select(previous) }
  return try body()
}

/// The largest distance of two tensors' elements, relative to the largest expected element.
///
/// A NaN or a different number of elements is infinitely far away.
func distance(_ actual: [Float]?, _ expected: ReferenceTensor?) -> Double {
  guard let actual, let expected, actual.count == expected.values.count else { return .infinity }
  var difference = 0.0
  var largest = 0.0
  for (a, e) in zip(actual, expected.values) {
    let apart = abs(Double(a) - e)
    if apart.isNaN { return .infinity }
    difference = max(difference, apart)
    largest = max(largest, abs(e))
  }
  return difference == 0 ? 0 : difference / max(largest, 1e-30)
}
