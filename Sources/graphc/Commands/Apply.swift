import ArgumentParser
import GraphIR
import Interchange
import Lowering
import Passes
import Runtime
import Training

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a network on tensors of a file.",
    discussion: """
      The input is a safetensors file with a tensor for each input of the network, by its name; the first axis of \
      all is the batch. The output file gets a tensor for each result.
      """)

  @OptionGroup var source: WeightedModelOptions

  @Option(help: "The network; by default the one that makes images.")
  var network: String?

  @Option(help: "A safetensors file with a tensor for each input.")
  var input: String

  @Option(help: "The safetensors file to write.")
  var out: String

  @Option(help: "reference (Float64, op by op) or cpu (32 bits, planned).")
  var executor: NetworkRun.Executor = .cpu

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try reportingFileErrors {
      let loaded = try source.load()
      let network = try loaded.network(named: network)
      let outputs = try NetworkRun(network.graph, loaded.store).run(
        SafetensorsFile(contentsOf: input), path: input, on: executor, threads: threads.count)
      try SafetensorsFile(tensors: outputs).write(to: out)
      Console.print(out)
    }
  }
}

extension NetworkRun.Executor: ExpressibleByArgument {}
