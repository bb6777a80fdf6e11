import GraphIR

/// The passes that a graph goes through, in order.
public struct Pipeline: Sendable {
  public var passes: [any Pass]

  /// From the lowered adversarial step to what the CPU executor plans.
  public static let training = training(batch: 64)

  /// The same, with the memory of one executor and batch size in mind.
  ///
  /// - Parameter scratch: What the executor's kernels ask for besides the values.
  public static func training(
    batch: Int, scratch: @escaping KernelScratch.Estimate = { _, _ in [] }
  ) -> Pipeline {
    Pipeline(passes: [
      // What the step means: every cotangent that somebody asks for, and no other.
      Differentiate(),
      // Nothing twice, nothing for nobody: the detached fakes become the generator's own output, weight
      // gradients that no optimiser reads vanish.
      Simplify(),
      EliminateCommonSubexpressions(),
      EliminateDeadCode(),
      // Batch norm: its backward takes in the activation's, its statistics leave with the convolution, and
      // what remains of it is one scaling with the activation behind it.
      FuseBatchNormBackward(),
      FuseBatchNormStatistics(),
      FuseBias(),
      FuseActivation(),
      // The real and the fake batch's weight gradients add up in place; a network's update is one kernel.
      AccumulateWeightGradients(),
      MergeOptimizerUpdates(),
      // Whatever maps single elements and is left over.
      FuseElementwise(),
      EliminateDeadCode(),
      AssignLayouts(),
      // One batch at a time through the discriminator and back.
      ScheduleForPeak(batch: batch, scratch: scratch),
    ])
  }

  /// From a lowered network in inference form to what the CPU executor plans.
  public static let inference = Pipeline(passes: [
    Simplify(),
    EliminateCommonSubexpressions(),
    EliminateDeadCode(),
    // The running statistics stand still, so batch norm becomes part of the weights.
    FoldBatchNorm(),
    FuseBias(),
    FuseActivation(),
    FuseElementwise(),
    EliminateDeadCode(),
    AssignLayouts(),
  ])

  /// What the reference interpreter needs: the meaning, and nothing for speed.
  public static let reference = Pipeline(passes: [Differentiate(), Simplify(), EliminateDeadCode()])

  public init(passes: [any Pass]) { self.passes = passes }

  /// The same without the passes of these names. Those that the meaning needs stay.
  public func disabling(_ names: Set<String>) -> Pipeline {
    Pipeline(passes: passes.filter { $0.isRequired || !names.contains($0.name) })
  }

  /// The names of all passes, each once, in order.
  public var passNames: [String] {
    passes.reduce(into: []) { names, pass in
      if !names.contains(pass.name) { names.append(pass.name) }
    }
  }

  /// Runs the passes up to and including the last one of the name `last`, or all, and verifies the graph at
  /// the end; where it is broken, once more, verifying it after each pass. Debug builds verify it after each
  /// pass at once.
  ///
  /// - Returns: For each pass that ran, whether it changed the graph.
  /// - Throws: `PipelineFault`, which names the pass, when the graph breaks an invariant: a bug.
  @discardableResult
  public func run(
    _ graph: inout Graph, upTo last: String? = nil
  ) throws(PipelineFault) -> [(pass: String, changed: Bool)] {
    let end = last.flatMap { name in passes.lastIndex { $0.name == name } } ?? passes.count - 1
    #if DEBUG
      return try run(&graph, upTo: end, verifiesEach: true)
    #else
      let start = graph
      let log = try run(&graph, upTo: end, verifiesEach: false)
      guard Verifier.violations(in: graph).isEmpty else {
        graph = start
        return try run(&graph, upTo: end, verifiesEach: true)
      }
      return log
    #endif
  }

  private func run(
    _ graph: inout Graph, upTo end: Int, verifiesEach: Bool
  ) throws(PipelineFault) -> [(pass: String, changed: Bool)] {
    var log: [(pass: String, changed: Bool)] = []
    if verifiesEach { try PipelineFault.check(graph, after: "lowering") }
    for pass in passes[...end] {
      let changed = pass.run(&graph)
      if verifiesEach, changed { try PipelineFault.check(graph, after: pass.name) }
      log.append((pass.name, changed))
    }
    return log
  }
}

/// A pass left a graph that breaks an invariant.
public struct PipelineFault: Error, CustomStringConvertible {
  /// The pass, or `lowering`.
  public var pass: String
  public var violations: [Violation]

  public var description: String {
    "bug in graphc: `\(pass)` broke the graph:\n" + violations.prefix(5).map { "  \($0)\n" }.joined()
  }

  fileprivate static func check(_ graph: Graph, after pass: String) throws(PipelineFault) {
    let violations = Verifier.violations(in: graph)
    if !violations.isEmpty { throw PipelineFault(pass: pass, violations: violations) }
  }
}
