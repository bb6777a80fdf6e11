import ArgumentParser
import GraphIR
import Interchange
import Lowering
import Passes

struct IR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ir", abstract: "Print a model's graph, before, between or after the passes.")

  enum Function: String, ExpressibleByArgument, CaseIterable {
    case step, generator, discriminator
  }

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, dot
  }

  @OptionGroup var model: ModelOptions

  @Option(help: "step (the whole adversarial step), generator or discriminator (inference).")
  var function: Function = .step

  @Option(help: ArgumentHelp("Stop after this pass; `lowering` is before all.", valueName: "pass"))
  var after: String?

  @Option(
    name: .customLong("disable-pass"), help: ArgumentHelp("Leave out a pass.", valueName: "pass"))
  var disabled: [String] = []

  @Option(help: "text, or dot for Graphviz.")
  var format: Format = .text

  func run() throws {
    let (spec, lowered, _) = try model.loadChecked(quietly: true)
    var graph: Graph
    let whole: Pipeline
    switch function {
    case .step: (graph, whole) = (lowered.step, .training(batch: spec.train.batchSize.value))
    case .generator: (graph, whole) = (lowered.generator, .inference)
    case .discriminator: (graph, whole) = (lowered.discriminator, .inference)
    }
    for name in disabled + [after].compactMap({ $0 }) where name != "lowering" || name != after {
      guard whole.passNames.contains(name) else {
        throw ValidationError(
          "There is no pass `\(name)`. The passes are: \(whole.passNames.joined(separator: ", ")).")
      }
    }
    if after != "lowering" {
      do {
        try whole.disabling(Set(disabled)).run(&graph, upTo: after)
      } catch {
        throw fail(error.description, Exit.bug)
      }
    }
    switch format {
    case .text: Console.print(GraphPrinter(graph).text, terminator: "")
    case .dot: Console.print(DOTPrinter(graph).text, terminator: "")
    }
  }
}
