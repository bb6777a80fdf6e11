import ArgumentParser
import Diagnostics
import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import Training

/// One of the graphs that a model is lowered to.
enum GraphFunction: String, ExpressibleByArgument, CaseIterable {
  case step, generator, discriminator

  func graph(of model: LoweredModel) -> Graph {
    switch self {
    case .step: model.step
    case .generator: model.generator
    case .discriminator: model.discriminator
    }
  }

  /// The passes that the graph goes through, with the memory of a batch of this size in mind.
  func pipeline(batch: Int, precision: Precision = .fp32) -> Pipeline {
    switch self {
    case .step: .cpuTraining(batch: batch, options: .init().with(precision))
    case .generator, .discriminator: .inference
    }
  }
}

/// What a command takes that works on one graph of a model.
struct GraphOptions: ParsableArguments {
  @Option(help: "step (the whole adversarial step), generator or discriminator (inference).")
  var function: GraphFunction = .step

  @Option(
    name: .customLong("disable-pass"),
    help: ArgumentHelp("Leave out a pass; those that the meaning needs stay.", valueName: "pass"))
  var disabled: [String] = []

  /// - Throws: `ValidationError` where one of the names is no pass that the graph goes through.
  func checkPasses(_ names: [String]) throws {
    let passes = function.pipeline(batch: 1).passNames
    for name in names where !passes.contains(name) {
      let near = nearestName(to: name, among: passes).map { " Did you mean `\($0)`?" } ?? ""
      throw ValidationError(
        "There is no pass `\(name)`.\(near) The passes of \(function.rawValue): \(passes.joined(separator: ", "))."
      )
    }
  }
}
