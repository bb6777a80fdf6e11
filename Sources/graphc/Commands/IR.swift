import ArgumentParser
import Diagnostics
import GraphIR
import Interchange
import Lowering
import Passes

struct IR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ir", abstract: "Print a model's graph, before, between or after the passes.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, dot, svg
  }

  @OptionGroup var model: ModelOptions
  @OptionGroup var graphs: GraphOptions

  @Option(help: ArgumentHelp("Stop after this pass; `lowering` is before all.", valueName: "pass"))
  var after: String?

  @Option(help: "text, dot for Graphviz, or svg: a drawing.")
  var format: Format = .text

  /// What `--after` calls the graph before all passes.
  private static let lowering = "lowering"

  func run() throws {
    var named = graphs.disabled
    if let after, after != Self.lowering { named.append(after) }
    let (spec, lowered, _) = try model.loadChecked(quietly: true)
    let function = try graphs.graphFunction(of: lowered)
    try graphs.checkPasses(named, of: function)
    var graph = function.graph(of: lowered)
    if after != Self.lowering {
      do {
        let pipeline = function.pipeline(
          batch: spec.train.batchSize.value, precision: spec.train.precision)
        try pipeline.disabling(Set(graphs.disabled)).run(&graph, upTo: after)
      } catch {
        throw fail(DisplayText(lines: error.description), Exit.bug)
      }
    }
    switch format {
    case .text: Console.print(DisplayText(lines: GraphPrinter(graph).text), terminator: "")
    case .dot: Console.print(DisplayText(lines: DOTPrinter(graph).text), terminator: "")
    case .svg: Console.print(DisplayText(lines: SVGPrinter(graph).text), terminator: "")
    }
  }
}
