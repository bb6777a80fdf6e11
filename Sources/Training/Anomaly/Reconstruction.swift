import GraphIR
import Interchange
import Lowering
import ModelSpec
import Passes
import Runtime

/// What a generator that was trained on normal images makes of any: the closer, the more normal.
public struct Reconstruction: Sendable {
  /// [C, H, W], in the network's range.
  public var image: [Float]
  public var latent: [Float]
  /// The distance of the pixels, and that of the judge's features.
  public var residual: Double
  public var featureDistance: Double
  /// The two together; larger is more abnormal.
  public var score: Double
}

/// How images are reconstructed.
public enum ReconstructionMethod: String, Sendable, CaseIterable {
  /// A latent vector is looked for by gradient: AnoGAN.
  case search
  /// The model's encoder says the latent vector: f-AnoGAN.
  case encoder
}

/// Reconstructs images with a model's generator.
public final class Reconstructor {
  public let method: ReconstructionMethod
  private let search: LatentSearch
  private let sampler: Sampler
  private let encoder: NetworkSpec?
  private let label: Int?
  /// The weight of the features beside the pixels, which f-AnoGAN counts whole.
  private static let encoderFeatureWeight = 1.0

  /// - Parameters:
  ///   - settings: Of the search; an encoder takes no steps.
  ///   - label: The class of the images, of a model that is told one; nil for any.
  /// - Precondition: For `.encoder`, the model has one (`ModelSpec.latentEncoder`).
  /// - Throws: `PipelineFault` where a pass breaks a graph: a bug.
  public init(
    _ model: CompiledModel, _ sampler: Sampler, method: ReconstructionMethod, usesAverage: Bool, fade: Double,
    label: Int? = nil, settings: LatentSearch.Settings
  ) throws(PipelineFault) {
    self.method = method
    self.sampler = sampler
    self.label = label
    encoder = method == .encoder ? model.spec.latentEncoder(in: model.lowered) : nil
    precondition(method == .search || encoder != nil, "the model has an encoder")
    var settings = settings
    var loss = LatentSearch.Loss.anoGAN
    if method == .encoder {
      settings.steps = 0
      loss = LatentSearch.Loss(isSquared: true, isMean: true, featureShare: 0.5)
    }
    search = try LatentSearch(
      model, sampler, usesAverage: usesAverage, fade: fade, label: label, loss: loss, settings: settings)
  }

  public var comparesFeatures: Bool { search.comparesFeatures }

  /// - Parameters:
  ///   - images: [N, C, H, W] in the network's range.
  ///   - didStep: As `LatentSearch.find` has it.
  /// - Returns: One an image; fewer where `didStep` ended the work.
  public func reconstruct(
    _ images: [Float], didStep: (_ share: Double) -> Bool = { _ in true }
  ) -> [Reconstruction] {
    let found: [LatentSearch.Found]
    if let encoder {
      found = search.evaluate(sampler.latents(of: images, by: encoder), label: label, towards: images) {
        didStep($0)
      }
    } else {
      found = search.find(images) { share, _, _ in didStep(share) }
    }
    return found.map { found in
      let score =
        method == .encoder
        ? found.residual + Self.encoderFeatureWeight * found.featureDistance : found.loss
      return Reconstruction(
        image: found.image, latent: found.latent, residual: found.residual,
        featureDistance: found.featureDistance, score: score)
    }
  }
}

extension ModelSpec {
  /// A network that makes latent vectors of images: given an image alone, its first result has as many numbers.
  public func latentEncoder(in model: LoweredModel) -> NetworkSpec? {
    networks.first { network in
      guard network.name != imageMaker?.name, network.name != imageJudge?.name, network.inputs.count == 1,
        network.inputs[0].type.value == .image, let graph = model.network(named: network.name)?.graph,
        let output = graph.outputs.first
      else { return false }
      return graph.type(of: output.value).elementCount(batch: 1) == latent?.value
    }
  }
}

extension Sampler {
  /// The latent vectors that an encoder makes of images [N, C, H, W], one after another.
  func latents(of images: [Float], by encoder: NetworkSpec) -> [Float] {
    let size = model.spec.channels.value * model.spec.height.value * model.spec.width.value
    let count = images.count / size
    var latents: [Float] = []
    let part = min(count, Self.gridImages)
    guard part > 0 else { return [] }
    let plan = plan(of: encoder.name, batch: part)
    for start in stride(from: 0, to: count, by: part) {
      let taken = min(part, count - start)
      let values =
        Array(images[start * size..<(start + taken) * size])
        + Array(repeating: 0, count: (part - taken) * size)
      model.executor.write(values, to: encoder.inputs[0].name, of: plan)
      model.executor.run(plan)
      let output = encoder.outputs.first?.name ?? encoder.resultName
      latents += model.executor.values(of: output, in: plan)[..<(taken * latent)]
    }
    return latents
  }
}
