import Datasets
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

/// A trained generator, and the networks beside it.
public final class TrainedModel {
  private let spec: ModelSpec
  private let lowered: LoweredModel
  private let model: CompiledModel
  private let sampler: Sampler
  private let fade: Double
  private let step: Int

  /// Reads the newest checkpoint of a run, with the average of the weights where one is kept.
  ///
  /// - Throws: `GraphcError` where the folder holds no run, or none that makes images of noise and a class.
  public init(run: String, threads: Int = ProcessorCount.usable) throws(GraphcError) {
    let paths = RunPaths(folder: run)
    (spec, lowered, model, fade, step) = try GraphcError.rethrowing { () throws in
      let found = try paths.findCheckpoint()
      let checked = ModelChecker(catalog: .standard, path: paths.resolvedSpec).check()
      let stages = checked.stages.compactMap { stage in
        stage.lowering.model.map { (spec: stage.spec, lowered: $0) }
      }
      guard !stages.isEmpty, stages.count == checked.stages.count else {
        throw GraphcError(
          TerminalRenderer(sources: checked.sources, usesColor: false).render(checked.diagnostics),
          exitCode: 65)
      }
      let step = found.checkpoint.metadata.step
      let stage = try SavedStage(of: stages) { step }
      let (spec, lowered) = (stage.spec, stage.lowered)
      guard let maker = spec.imageMaker, Sampler.conditions(of: maker, in: spec).isEmpty else {
        throw GraphcError("\(run): the model makes no images of noise and a class alone", exitCode: 65)
      }
      let model = try CompiledModel(spec, lowered, threads: threads)
      guard try model.store.loadWeights(contentsOf: found.path).contains(maker.name) else {
        throw FileError(path: found.path, reason: "holds no \(maker.name)")
      }
      return (spec, lowered, model, stage.fade, step)
    }
    sampler = Sampler(model)
  }

  /// How many numbers a latent vector has.
  public var latentCount: Int { sampler.latent }

  /// The latent vector of a sample, by its number: what `graphc sample` draws it from.
  public func latent(ofSample number: Int, seed: Int = 0) -> [Float] {
    sampler.noise(of: [number], seed: seed)
  }

  /// Draws samples, the same as `graphc sample` does.
  ///
  /// - Parameters:
  ///   - numbers: Which; each is the same image in any call.
  ///   - label: The class, of a model that is told one; by default they go through all.
  /// - Precondition: The label is one of the model's classes, and the model is told one.
  public func images(_ numbers: Range<Int>, seed: Int = 0, label: Int? = nil) -> [Picture] {
    if let label {
      guard let classes = spec.classes?.value, (0..<classes).contains(label) else {
        preconditionFailure("a class of the model")
      }
    }
    return sampler.images(
      from: sampler.noise(of: numbers, seed: seed), labels: label.map { label in numbers.map { _ in label } },
      seed: seed, first: numbers.lowerBound, fade: fade
    ).map(Picture.init)
  }

  /// The image of a latent vector of `latentCount` numbers.
  public func image(of latent: [Float], label: Int? = nil) -> Picture {
    precondition(latent.count == latentCount, "a latent vector of the model")
    return Picture(sampler.images(from: latent, labels: label.map { [$0] }, fade: fade)[0])
  }

  /// Writes a network's weights as PyTorch's `state_dict` names them: `load_state_dict(strict=True)` takes them.
  ///
  /// - Parameter prefix: What stands before the names of the layers, such as `main.`.
  public func exportWeights(of network: String, to path: String, prefix: String = "") throws(GraphcError) {
    try GraphcError.rethrowing { () throws in
      let tensors = WeightsExport(try exportedStore(network), lowered.definitions).tensors(
        of: [network], prefix: prefix, spectralNorm: .parametrized)
      try SafetensorsFile(tensors: tensors, metadata: ["format": "pt"]).write(to: path, replacing: .nothing)
    }
  }

  /// Writes a network in inference form as an ONNX file, for batches of any size.
  public func exportONNX(of network: String, to path: String) throws(GraphcError) {
    try GraphcError.rethrowing { () throws in
      var fixed = lowered
      for index in fixed.networks.indices { fixed.networks[index].graph.fix(fade: fade) }
      var export = ONNXExport(spec, fixed, try exportedStore(network))
      export.step = step
      do {
        try writeFileAtomically(try export.model(of: network).bytes, to: path, replacing: .nothing)
      } catch let error as ONNXExportError {
        throw GraphcError("the network `\(network)` has no form in ONNX: \(error)", exitCode: 65)
      }
    }
  }

  /// The tensors with the averages in the weights' place, apart from those that are drawn with.
  private func exportedStore(_ network: String) throws -> TensorStore {
    guard lowered.networks.contains(where: { $0.name == network }) else {
      throw GraphcError("the model has no network `\(network)`", exitCode: 65)
    }
    let store = TensorStore(lowered.definitions)
    store.begin(after: model.store)
    store.takeAverages()
    return store
  }
}

/// An image of eight bits a channel: rows from top to bottom, the channels of a pixel together.
public struct Picture: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 (grey), 3 (red, green, blue) or 4 (and alpha).
  public let channels: Int
  public let pixels: [UInt8]

  init(_ image: Image) {
    (width, height) = (image.width, image.height)
    (channels, pixels) = (image.channels, image.pixels)
  }

  private var image: Image { Image(width: width, height: height, channels: channels, pixels: pixels) }

  /// Creates a PNG file, or replaces one, in one step.
  public func writePNG(to path: String) throws(GraphcError) {
    try GraphcError.rethrowing { () throws in try image.writePNG(to: path) }
  }

  /// Pictures of one size in rows, on a grey ground; nil where no picture can hold them.
  public static func grid(_ pictures: [Picture], columns: Int = 8) -> Picture? {
    imageGrid(pictures.map(\.image), columns: columns).map(Picture.init)
  }
}
