import ArgumentParser
import Diagnostics
import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import Training

/// One of the graphs that a model is lowered to.
enum GraphFunction {
  /// A graph of the training step.
  case step(Int)
  /// A network in inference form.
  case network(LoweredNetwork)

  func graph(of model: LoweredModel) -> Graph {
    switch self {
    case .step(let index): model.steps[index].graph
    case .network(let network): network.graph
    }
  }

  /// The passes that the graph goes through, with the memory of a batch of this size in mind.
  func pipeline(batch: Int, precision: Precision = .fp32) -> Pipeline {
    switch self {
    case .step: .cpuTraining(batch: batch, options: .init().with(precision))
    case .network: .inference
    }
  }
}

/// What a command takes that works on one graph of a model.
struct GraphOptions: ParsableArguments {
  @Option(
    help:
      "step (the whole training step, or the first of its graphs), another of its graphs, or the name of a network (inference)."
  )
  var function = "step"

  @Option(
    name: .customLong("disable-pass"),
    help: ArgumentHelp("Leave out a pass; those that the meaning needs stay.", valueName: "pass"))
  var disabled: [String] = []

  /// The graph that `--function` names.
  ///
  /// - Throws: `ValidationError` where the model has none of that name.
  func graphFunction(of model: LoweredModel) throws -> GraphFunction {
    if function == "step", !model.steps.isEmpty { return .step(0) }
    if let index = model.steps.firstIndex(where: { $0.graph.name == function }) { return .step(index) }
    if let network = model.network(named: function) { return .network(network) }
    let names = model.steps.map(\.graph.name) + model.networks.map(\.name)
    let near = nearestName(to: function, among: names).map { " Did you mean `\($0)`?" } ?? ""
    throw ValidationError(
      "The model has no `\(function)`.\(near) --function takes: \(names.joined(separator: ", ")).")
  }

  /// - Throws: `ValidationError` where one of the names is no pass that the graph goes through.
  func checkPasses(_ names: [String], of graph: GraphFunction) throws {
    let passes = graph.pipeline(batch: 1).passNames
    for name in names where !passes.contains(name) {
      let near = nearestName(to: name, among: passes).map { " Did you mean `\($0)`?" } ?? ""
      throw ValidationError(
        "There is no pass `\(name)`.\(near) The passes of \(function): \(passes.joined(separator: ", "))."
      )
    }
  }
}
