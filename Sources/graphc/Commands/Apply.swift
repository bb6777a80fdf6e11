import ArgumentParser
import Diagnostics
import Files
import GraphIR
import Interchange
import Lowering
import Passes
import Runtime
import Training

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a network of a run, a model or an ONNX file on tensors of a file.",
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

  @Flag(
    help: "Of an ONNX file: take all sizes as they are; by default the first axis of each input is the batch."
  )
  var fixedSizes = false

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try reportingFileErrors {
      try self.outputs.check(out)
      let outputs = try makeRun().run(
        SafetensorsFile(contentsOf: input), path: input, on: executor, threads: threads.count)
      try SafetensorsFile(tensors: outputs).write(to: out, replacing: self.outputs.replacement)
      Console.print("\(out)")
    }
  }
}

extension Apply {
  private func makeRun() throws -> NetworkRun {
    guard source.source.hasSuffix(".onnx") else {
      let loaded = try source.load()
      return NetworkRun(try loaded.network(named: network).graph, loaded.store)
    }
    guard source.weights == nil, source.model == nil, network == nil else {
      throw ValidationError("--weights, --model and --network go with models, and this is an ONNX file.")
    }
    let model = try ONNXModel(contentsOf: source.source)
    do throws(ImportFailure) {
      let imported = try ONNXImporter.graph(of: model, batch: fixedSizes ? .none : .firstAxis)
      return NetworkRun(imported.graph, imported.makeStore())
    } catch {
      throw fail(DisplayText(lines: "\(source.source): \(error)"), Exit.invalidInput)
    }
  }
}

extension NetworkRun.Executor: ExpressibleByArgument {}
