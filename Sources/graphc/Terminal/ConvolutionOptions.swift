import ArgumentParser
import Runtime

/// What commands take that train, draw or time convolutions.
struct ConvolutionOptions: ParsableArguments {
  @Option(
    name: .customLong("convolution"),
    help: ArgumentHelp(
      "Take this algorithm for every convolution that it can compute: \(Self.names). The others, and all by default, take the one that is expected to be fastest. Those in bf16 need `train.precision: bf16`.",
      valueName: "algorithm"))
  var algorithm: String?

  private static var names: String { ConvolutionPolicy.names.joined(separator: ", ") }

  func validate() throws {
    if let algorithm, !ConvolutionPolicy.names.contains(algorithm) {
      throw ValidationError("--convolution is one of \(Self.names).")
    }
  }

  var policy: ConvolutionPolicy { ConvolutionPolicy(preferred: algorithm) }
}
