import Graphc

/// Checks a model, trains it for a while, draws with it, and hands its generator over.
///
///     swift run digits ../models/dcgan-digits.yaml runs/example 200
@main struct Digits {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let steps = Int(arguments[3]), steps > 0 else {
      print("usage: digits MODEL.yaml FOLDER STEPS")
      return
    }
    let (path, folder) = (arguments[1], arguments[2])

    let model = try Model(contentsOf: path)
    for warning in model.warnings { print(warning) }
    for network in model.networks {
      print("\(network): \(model.parameterCount(of: network) ?? 0) parameters")
    }

    let trained = try model.train(into: folder, steps: steps) { progress in
      if progress.step % 50 == 0 {
        print(
          "step \(progress.step): \(progress.metrics.map { "\($0.name) \($0.value)" }.joined(separator: ", "))"
        )
      }
      return true
    }

    try Picture.grid(trained.images(0..<64))?.writePNG(to: "\(folder)/drawn.png")
    let network = model.networks[0]
    try trained.exportWeights(of: network, to: "\(folder)/\(network).safetensors", prefix: "main.")
    try trained.exportONNX(of: network, to: "\(folder)/\(network).onnx")
    print("\(folder)/drawn.png")
  }
}
