import ArgumentParser
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Training

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hand a network over to other programs.",
    discussion: """
      safetensors holds weights under the names of PyTorch's state_dict: `load_state_dict(strict=True)` takes \
      them, and `graphc train --weights` takes them back. onnx holds one network with its weights, as it runs \
      when nothing trains, for batches of any size.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case safetensors, onnx
  }

  @OptionGroup var source: WeightedModelOptions

  @Option(help: "safetensors or onnx; by default what the output's name ends in.")
  var format: Format?

  @Option(help: "The network; by default all in safetensors, and the one that makes images in onnx.")
  var network: String?

  @Option(
    help: "With safetensors and --network: what stands before the names, such as `main.`; by default nothing."
  )
  var prefix: String?

  @Option(
    help: """
      With safetensors, how weights with spectral norm are written: parametrized and hook are PyTorch's newer and \
      older form, folded is the divided weight alone.
      """)
  var spectralNorm: SpectralNormForm = .parametrized

  @Flag(help: "With onnx: write batch norm as nodes of its own, not as part of the weights before it.")
  var keepBatchNorm = false

  @Option(help: "The file to write.")
  var out: String

  @OptionGroup var outputs: OutputOptions

  private func chosenFormat() throws -> Format {
    if let format { return format }
    guard let format = Format.allCases.first(where: { out.hasSuffix(".\($0.rawValue)") }) else {
      throw ValidationError("Name the --format: safetensors or onnx.")
    }
    return format
  }

  func validate() throws {
    let format = try chosenFormat()
    if format == .onnx, prefix != nil { throw ValidationError("--prefix goes with safetensors.") }
    if format == .safetensors, keepBatchNorm { throw ValidationError("--keep-batch-norm goes with onnx.") }
    if prefix != nil, network == nil {
      throw ValidationError("--prefix replaces one network's name: say which with --network.")
    }
  }

  func run() throws {
    try reportingFileErrors {
      try outputs.check(out)
      let loaded = try source.load()
      switch try chosenFormat() {
      case .safetensors: try writeWeights(loaded)
      case .onnx: try writeONNX(loaded)
      }
      Console.print("\(out)")
    }
  }

  private func writeWeights(_ loaded: WeightedModelOptions.Loaded) throws {
    var networks = Set(loaded.networks)
    if let network { networks = [try weighted(network, loaded)] }
    let tensors = WeightsExport(loaded.store, loaded.lowered.definitions).tensors(
      of: networks, prefix: network == nil ? nil : prefix ?? "", spectralNorm: spectralNorm)
    // Loaders of other programs ask for this entry.
    try SafetensorsFile(tensors: tensors, metadata: ["format": "pt"]).write(
      to: out, replacing: outputs.replacement)
  }

  private func writeONNX(_ loaded: WeightedModelOptions.Loaded) throws {
    let name = try weighted(network, loaded)
    var export = ONNXExport(loaded.spec, loaded.lowered, loaded.store)
    export.step = loaded.step
    export.keepsBatchNorm = keepBatchNorm
    let model: ONNXModel
    do {
      model = try export.model(of: name)
    } catch {
      throw fail("\(source.source): the network `\(name)` has no form in ONNX: \(error)", Exit.invalidInput)
    }
    try writeFileAtomically(model.bytes, to: out, replacing: outputs.replacement)
  }

  /// The name of a network whose weights are there.
  private func weighted(_ name: String?, _ loaded: WeightedModelOptions.Loaded) throws -> String {
    let network = try loaded.network(named: name).name
    guard loaded.networks.contains(network) else {
      throw FileError(path: source.weights ?? source.source, reason: "holds no weights of `\(network)`")
    }
    return network
  }
}

extension SpectralNormForm: ExpressibleByArgument {}
