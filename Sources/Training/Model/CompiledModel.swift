import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime

/// A model that can run: its graphs through the pipelines, its tensors, and plans by batch size.
public final class CompiledModel {
  public let spec: ModelSpec
  public let lowered: LoweredModel
  /// The adversarial step after the passes.
  public let step: Graph
  /// The generator in inference form, after the passes.
  public let generator: Graph
  public let discriminator: Graph
  public let store: TensorStore
  public let executor: CPUExecutor
  public let options: CPUPlan.Options
  private var stepPlans: [Int: CPUPlan] = [:]
  private var generatorPlans: [Int: CPUPlan] = [:]
  private var discriminatorPlans: [Int: CPUPlan] = [:]

  /// - Parameters:
  ///   - disabled: Names of passes that are left out.
  ///   - options: How plans are made, but for the precision, which is the model's.
  /// - Throws: `PipelineFault` when a pass breaks a graph.
  public init(
    _ spec: ModelSpec, _ lowered: LoweredModel, threads: Int, disabled: Set<String> = [],
    options: CPUPlan.Options = .init()
  ) throws(PipelineFault) {
    self.spec = spec
    self.lowered = lowered
    let options = options.with(spec.train.precision)
    self.options = options
    func compiled(_ graph: Graph, _ pipeline: Pipeline) throws(PipelineFault) -> Graph {
      var graph = graph
      try pipeline.disabling(disabled).run(&graph)
      return graph
    }
    step = try compiled(
      lowered.step, .cpuTraining(batch: spec.train.batchSize.value, options: options))
    generator = try compiled(lowered.generator, .inference)
    discriminator = try compiled(lowered.discriminator, .inference)
    store = TensorStore(lowered.definitions)
    executor = CPUExecutor(threads: threads)
  }

  /// The plan of the adversarial step for a batch of this size.
  public func stepPlan(batch: Int) -> CPUPlan { plan(step, batch, &stepPlans) }

  public func generatorPlan(batch: Int) -> CPUPlan { plan(generator, batch, &generatorPlans) }

  public func discriminatorPlan(batch: Int) -> CPUPlan { plan(discriminator, batch, &discriminatorPlans) }

  private func plan(_ graph: Graph, _ batch: Int, _ plans: inout [Int: CPUPlan]) -> CPUPlan {
    if let plan = plans[batch] { return plan }
    let plan = CPUPlan(graph, batch: batch, store: store, lanes: executor.threads, options: options)
    plans[batch] = plan
    return plan
  }
}

extension CPUPlan.Options {
  /// These options with the precision that a model asks for.
  public func with(_ precision: Precision) -> Self {
    var options = self
    options.convolutions.allowsBF16 = precision == .bf16
    return options
  }
}

extension Pipeline {
  /// The passes of training, with the memory of the CPU executor's plan for this batch size in mind.
  public static func cpuTraining(batch: Int, options: CPUPlan.Options = .init()) -> Pipeline {
    .training(batch: batch) { CPUPlan.scratch(of: $0, batch: $1, options: options) }
  }
}
