import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import Threads

/// A model that can run: its graphs through the pipelines, its tensors, and plans by batch size.
public final class CompiledModel {
  public let spec: ModelSpec
  public let lowered: LoweredModel
  /// The graphs of the steps after the passes, in the order of `lowered.steps`.
  public let steps: [Graph]
  /// The networks in inference form, after the passes, by their names.
  private let networks: [String: Graph]
  public let store: TensorStore
  public let executor: CPUExecutor
  public let options: CPUPlan.Options
  /// Of each step by batch size, until it is planned.
  private var placedSteps: [[Int: PlacedGraph]]
  private var stepPlans: [[Int: CPUPlan]]
  private var networkPlans: [String: [Int: CPUPlan]] = [:]

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
    let training = Pipeline.cpuTraining(batch: spec.train.batchSize.value, options: options)
    var graphs = lowered.networks.map { (name: $0.name, graph: $0.graph) }
    for name in lowered.averaged {
      graphs.append((Self.averagedName(name), lowered.graph(ofAverageOr: name)))
    }
    let compiled = try Self.compiled(
      lowered.steps.map { ($0.graph, training.disabling(disabled)) }
        + graphs.map { ($0.graph, Pipeline.inference.disabling(disabled)) }, threads: threads)
    steps = Array(compiled.prefix(lowered.steps.count))
    placedSteps = steps.map { _ in [:] }
    stepPlans = steps.map { _ in [:] }
    networks = Dictionary(zip(graphs.map(\.name), compiled.dropFirst(lowered.steps.count))) { $1 }
    store = TensorStore(lowered.definitions)
    executor = CPUExecutor(threads: threads)
  }

  /// Graphs after their pipelines, in their order, some at a time.
  private static func compiled(
    _ jobs: [(graph: Graph, pipeline: Pipeline)], threads: Int
  ) throws(PipelineFault) -> [Graph] {
    let results = mapConcurrently(jobs.count, threads: threads) { index in
      Result { () throws(PipelineFault) in
        var graph = jobs[index].graph
        try jobs[index].pipeline.run(&graph)
        return graph
      }
    }
    var graphs: [Graph] = []
    for result in results { graphs.append(try result.get()) }
    return graphs
  }

  /// The plan of a graph of the steps for a batch of this size.
  public func plan(ofStep index: Int, batch: Int) -> CPUPlan {
    guard stepPlans[index][batch] == nil, let placed = placedSteps[index].removeValue(forKey: batch) else {
      return plan(steps[index], batch, &stepPlans[index])
    }
    let plan = CPUPlan(placed, store: store)
    stepPlans[index][batch] = plan
    return plan
  }

  /// What each graph of the steps computes in for a batch of this size, in bytes, in the order of `steps`.
  public func scratchBytes(batch: Int) -> [Int] {
    let unknown = steps.indices.filter { stepPlans[$0][batch] == nil && placedSteps[$0][batch] == nil }
    let (steps, state, lanes, options) = (steps, store.places, executor.threads, options)
    let placed = mapConcurrently(unknown.count, threads: lanes) { place in
      PlacedGraph(steps[unknown[place]], batch: batch, state: state, lanes: lanes, options: options)
    }
    let found = Dictionary(uniqueKeysWithValues: zip(unknown, placed))
    // Other sizes are only asked about.
    if batch == spec.train.batchSize.value {
      for (index, placed) in found { placedSteps[index][batch] = placed }
    }
    return steps.indices.map { index in
      guard let placed = found[index] ?? placedSteps[index][batch] else {
        return plan(ofStep: index, batch: batch).scratchBytes
      }
      return placed.scratchBytes
    }
  }

  /// What the graph of a network with its averaged weights is called.
  private static func averagedName(_ network: String) -> String { "average.\(network)" }

  /// The plan of a network in inference form with the average of its weights, where one is kept.
  ///
  /// - Precondition: The model has a network of that name.
  public func plan(ofAverageOr network: String, batch: Int) -> CPUPlan {
    let name = Self.averagedName(network)
    return plan(of: networks[name] == nil ? network : name, batch: batch)
  }

  /// Whether a step reads a field of the data.
  public func reads(_ field: String) -> Bool { lowered.steps.contains { $0.fields.contains(field) } }

  /// The plan of a network in inference form.
  ///
  /// - Precondition: The model has a network of that name.
  public func plan(of network: String, batch: Int) -> CPUPlan {
    guard let graph = networks[network] else { preconditionFailure("no network `\(network)`") }
    return plan(graph, batch, &networkPlans[network, default: [:]])
  }

  private func plan(_ graph: Graph, _ batch: Int, _ plans: inout [Int: CPUPlan]) -> CPUPlan {
    if let plan = plans[batch] { return plan }
    let plan = CPUPlan(graph, batch: batch, store: store, lanes: executor.threads, options: options)
    plans[batch] = plan
    return plan
  }
}

extension LoweredModel {
  /// A network in inference form that reads the average of its weights, where one is kept.
  ///
  /// - Precondition: The model has a network of that name.
  func graph(ofAverageOr name: String) -> Graph {
    guard var graph = network(named: name)?.graph else { preconditionFailure("no network `\(name)`") }
    guard averaged.contains(name) else { return graph }
    for index in graph.inputs.indices where graph.inputs[index].kind == .parameter {
      graph.inputs[index].name = ParameterDefinition.average(of: graph.inputs[index].name)
    }
    return graph
  }
}

extension CompiledModel {
  /// Takes the memory that steps are computed in, so that a refusal comes before a run has begun.
  public func reserveMemory() {
    executor.reserve(for: steps.indices.map { plan(ofStep: $0, batch: spec.train.batchSize.value) })
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
