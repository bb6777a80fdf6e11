import Glibc
import GraphIR
import Interchange
import ModelSpec
import Passes
import Runtime

/// Looks for the latent vectors whose images are closest to given ones, by gradient descent through the network.
///
/// Source: Schlegl and others, "Unsupervised Anomaly Detection with Generative Adversarial Networks" (2017); the
/// schedule of the rate and the restarts are those of StyleGAN2's `projector.py`.
public final class LatentSearch {
  /// How an image is compared with its target.
  public struct Loss: Hashable, Sendable {
    /// Squares of differences; without it their magnitudes.
    public var isSquared: Bool
    /// The mean over all values; without it their sum.
    public var isMean: Bool
    /// The share of the judge's features in the loss, from 0 to 1; the rest is that of the pixels.
    public var featureShare: Double

    public init(isSquared: Bool, isMean: Bool, featureShare: Double) {
      (self.isSquared, self.isMean, self.featureShare) = (isSquared, isMean, featureShare)
    }

    /// AnoGAN's.
    public static let anoGAN = Loss(isSquared: false, isMean: false, featureShare: 0.1)
    /// Of pictures for people.
    public static let picture = Loss(isSquared: true, isMean: true, featureShare: 0.1)
  }

  public struct Settings: Hashable, Sendable {
    public var steps = 500
    /// How many beginnings are followed for each image; the best is taken.
    public var restarts = 4
    /// Among how many samples the beginnings are chosen: the closest by their pixels.
    public var candidates = 256
    /// Adam's largest rate.
    public var rate = 0.1
    public var seed = 0

    public init() {}
  }

  /// What was found for an image.
  public struct Found: Sendable {
    public var latent: [Float]
    /// The class that was asked for; nil where the network is told none.
    public var label: Int?
    /// [C, H, W], in the network's range.
    public var image: [Float]
    public var loss: Double
    /// The distance of the pixels, and that of the features, as the loss has them.
    public var residual: Double
    public var featureDistance: Double
  }

  private let model: CompiledModel
  private let sampler: Sampler
  private let graphs: SearchGraphs
  private let loss: Loss
  private let settings: Settings
  private let comparison: Graph
  private let features: Graph?
  private var plans: [Int: (comparison: CPUPlan, features: CPUPlan?)] = [:]
  private let fade: Double
  /// The class of the images; nil for any.
  private let label: Int?

  /// - Throws: `PipelineFault` where a pass breaks a graph: a bug.
  public init(
    _ model: CompiledModel, _ sampler: Sampler, usesAverage: Bool, fade: Double, label: Int? = nil,
    loss: Loss, settings: Settings
  ) throws(PipelineFault) {
    (self.model, self.sampler, self.loss, self.settings) = (model, sampler, loss, settings)
    (self.fade, self.label) = (fade, label)
    graphs = SearchGraphs(model.lowered, model.spec, usesAverage: usesAverage, fade: fade, loss: loss)
    var comparison = graphs.comparison
    try Pipeline.search.run(&comparison)
    self.comparison = comparison
    if var features = graphs.features {
      try Pipeline.inference.run(&features)
      self.features = features
    } else {
      features = nil
    }
  }

  /// Whether a network judges images, so that their features are compared as well.
  public var comparesFeatures: Bool { features != nil }

  /// How many images go through the networks at once.
  private static let rows = 64
  private var imageSize: Int {
    model.spec.channels.value * model.spec.height.value * model.spec.width.value
  }

  /// Finds latent vectors for images.
  ///
  /// - Parameters:
  ///   - targets: [N, C, H, W] in the network's range.
  ///   - didStep: Is told after each step of a part of the images which share of all work is done, and the best
  ///     images so far, of each beginning; ends the search by `false`, where what was found so far is returned.
  public func find(
    _ targets: [Float],
    didStep: (_ share: Double, _ step: Int, _ images: @escaping () -> [Float]) -> Bool = { _, _, _ in true }
  ) -> [Found] {
    let count = targets.count / imageSize
    let restarts = min(settings.restarts, settings.candidates, Self.rows)
    let starts = beginnings(targets, count: count, restarts: restarts)
    let imagesAtOnce = max(1, Self.rows / restarts)
    var found: [Found] = []
    for first in stride(from: 0, to: count, by: imagesAtOnce) {
      let images = first..<min(first + imagesAtOnce, count)
      let rows = images.flatMap { image in starts[image].map { (image, $0) } }
      let run = descend(
        rows.map { $0.1 }, towards: rows.flatMap { targets[$0.0 * imageSize..<($0.0 + 1) * imageSize] },
        steps: settings.steps
      ) { step, images in
        didStep(
          (Double(first) + Double(step) / Double(settings.steps) * Double(imagesAtOnce)) / Double(count),
          step,
          images)
      }
      for image in images {
        let own = (image - first) * restarts..<(image - first + 1) * restarts
        guard let best = own.min(by: { run.found[$0].loss < run.found[$1].loss }) else {
          preconditionFailure("there is a beginning")
        }
        found.append(run.found[best])
      }
      if run.isStopped { break }
    }
    return found
  }

  /// Compares images with what the network makes of given latent vectors, without a search.
  ///
  /// - Parameters:
  ///   - latents: One for each image, one after another.
  ///   - label: The class of all, which a network that is told one needs.
  ///   - didStep: Is told which share is done; ends the work by `false`.
  public func evaluate(
    _ latents: [Float], label: Int?, towards targets: [Float], didStep: (_ share: Double) -> Bool
  ) -> [Found] {
    let latent = sampler.latent
    let count = latents.count / latent
    var found: [Found] = []
    for first in stride(from: 0, to: count, by: Self.rows) {
      let images = first..<min(first + Self.rows, count)
      let run = descend(
        images.map {
          Beginning(latent: Array(latents[$0 * latent..<($0 + 1) * latent]), label: label, number: 0)
        }, towards: Array(targets[images.lowerBound * imageSize..<images.upperBound * imageSize]), steps: 0
      ) { _, _ in didStep(Double(images.upperBound) / Double(count)) }
      found += run.found
      if run.isStopped { break }
    }
    return found
  }

  private struct Beginning {
    var latent: [Float]
    var label: Int?
    /// The number of the sample, for what is drawn besides.
    var number: Int
  }

  /// For each target, the samples that are closest to it.
  private func beginnings(_ targets: [Float], count: Int, restarts: Int) -> [[Beginning]] {
    let candidates = settings.candidates
    let noise = sampler.noise(count: candidates, seed: settings.seed)
    let classes = model.spec.imageMaker.flatMap { Sampler.classes(of: $0, in: model.spec) }
    let labels = classes.map { classes in (0..<candidates).map { label ?? $0 % classes } }
    let values = sampler.values(from: noise, labels: labels, seed: settings.seed, fade: fade)
    let latent = sampler.latent
    return (0..<count).map { image in
      let distances = (0..<candidates).map { candidate -> Float in
        var sum: Float = 0
        let (a, b) = (image * imageSize, candidate * imageSize)
        for place in 0..<imageSize {
          let difference = targets[a + place] - values[b + place]
          sum += difference * difference
        }
        return sum
      }
      let order = (0..<candidates).sorted { (distances[$0], $0) < (distances[$1], $1) }
      return order.prefix(restarts).map { candidate in
        Beginning(
          latent: Array(noise[candidate * latent..<(candidate + 1) * latent]),
          label: labels?[candidate], number: candidate)
      }
    }
  }

  private func plan(rows: Int) -> (comparison: CPUPlan, features: CPUPlan?) {
    if let plans = plans[rows] { return plans }
    func plan(_ graph: Graph) -> CPUPlan {
      CPUPlan(
        graph, batch: rows, store: model.store, lanes: model.executor.threads, options: model.options)
    }
    let made = (plan(comparison), features.map(plan))
    plans[rows] = made
    return made
  }

  /// Follows the gradient from beginnings, each towards its own target, and keeps each row's best.
  private func descend(
    _ beginnings: [Beginning], towards targets: [Float], steps: Int,
    didStep: (_ step: Int, _ images: @escaping () -> [Float]) -> Bool
  ) -> (found: [Found], isStopped: Bool) {
    let rows = beginnings.count
    let (plan, featurePlan) = plan(rows: rows)
    let executor = model.executor
    let latent = sampler.latent
    let standing = standing(plan, featurePlan, beginnings, targets)
    var z = beginnings.flatMap(\.latent)
    var (mean, square) = ([Float](repeating: 0, count: z.count), [Float](repeating: 0, count: z.count))
    var found = beginnings.map {
      Found(latent: $0.latent, label: $0.label, image: [], loss: .infinity, residual: 0, featureDistance: 0)
    }
    var isStopped = false
    for step in 0...steps {
      executor.write(z, to: graphs.latentInput, of: plan)
      // A run writes over inputs that it has read.
      for (name, values) in standing { executor.write(values, to: name, of: plan) }
      executor.run(plan)
      let residual = executor.values(of: SearchGraphs.residual, in: plan)
      let feature =
        features == nil ? [] : executor.values(of: SearchGraphs.featureDistance, in: plan)
      var images: [Float] = []
      for row in 0..<rows {
        let (pixels, judged) = (Double(residual[row]), feature.isEmpty ? 0 : Double(feature[row]))
        let loss =
          feature.isEmpty ? pixels : (1 - loss.featureShare) * pixels + loss.featureShare * judged
        guard loss < found[row].loss || found[row].image.isEmpty else { continue }
        found[row].loss = loss
        found[row].residual = pixels
        found[row].featureDistance = judged
        found[row].latent = Array(z[row * latent..<(row + 1) * latent])
        if images.isEmpty { images = executor.values(of: SearchGraphs.image, in: plan) }
        found[row].image = Array(images[row * imageSize..<(row + 1) * imageSize])
      }
      isStopped = !didStep(step) { [found] in found.flatMap(\.image) }
      if isStopped || step == steps { break }
      move(&z, executor.values(of: SearchGraphs.gradient, in: plan), &mean, &square, step: step)
    }
    return (found, isStopped)
  }

  /// The inputs that stand still during a search.
  private func standing(
    _ plan: CPUPlan, _ featurePlan: CPUPlan?, _ beginnings: [Beginning], _ targets: [Float]
  ) -> [(name: String, values: [Float])] {
    let executor = model.executor
    let labels = beginnings.compactMap { $0.label.map(Float.init) }
    precondition(graphs.labelInputs.isEmpty || labels.count == beginnings.count, "a class for each image")
    var inputs = [(name: SearchGraphs.target, values: targets)]
    if let featurePlan {
      for input in featurePlan.graph.inputs where input.kind == .data {
        let isImage = featurePlan.graph.type(of: input.value).rank == 4
        executor.write(isImage ? targets : labels, to: input.name, of: featurePlan)
      }
      executor.run(featurePlan)
      inputs.append(
        (
          SearchGraphs.targetFeatures, executor.values(of: SearchGraphs.targetFeatures, in: featurePlan)
        ))
    }
    inputs += graphs.labelInputs.filter { plan.graph.input(named: $0) != nil }.map { ($0, labels) }
    for input in model.spec.imageMaker?.inputs ?? [] {
      guard case .draw(let name) = input.type.value, !graphs.labelInputs.contains(input.name) else {
        continue
      }
      inputs.append(
        (
          input.name,
          beginnings.flatMap {
            sampler.drawn(named: name, for: $0.number, label: $0.label, seed: settings.seed)
          }
        ))
    }
    return inputs
  }

  /// A step of Adam, whose rate rises over the first twentieth and falls over the last quarter; then back among the
  /// lengths that noise has, where the network has been trained.
  private func move(
    _ z: inout [Float], _ gradient: [Float], _ mean: inout [Float], _ square: inout [Float], step: Int
  ) {
    let t = Double(step) / Double(settings.steps)
    let fall = 0.5 - 0.5 * cos(.pi * min(1, (1 - t) / 0.25))
    let rate = settings.rate * fall * min(1, max(t, 1 / Double(settings.steps)) / 0.05)
    let (first, second) = (0.9, 0.999)
    let correction = (1 - pow(second, Double(step + 1))).squareRoot() / (1 - pow(first, Double(step + 1)))
    for index in z.indices {
      let g = gradient[index].isFinite ? gradient[index] : 0
      mean[index] = Float(first) * mean[index] + Float(1 - first) * g
      square[index] = Float(second) * square[index] + Float(1 - second) * g * g
      z[index] -= Float(rate * correction) * mean[index] / (square[index].squareRoot() + 1e-8)
    }
    let latent = sampler.latent
    for start in stride(from: 0, to: z.count, by: latent) {
      let scale = Self.scaleToNormalLength(z[start..<start + latent])
      if scale != 1 { for index in start..<start + latent { z[index] *= scale } }
    }
  }

  /// What brings a vector back among the lengths that noise has: the root of its dimensions, within three standard
  /// deviations, each of √½ (the chi distribution's, for many dimensions).
  private static func scaleToNormalLength(_ vector: ArraySlice<Float>) -> Float {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let (usual, spread) = (Float(vector.count).squareRoot(), 3 * Float(0.5).squareRoot())
    guard length > 0 else { return 1 }
    return min(max(length, usual - spread), usual + spread) / length
  }
}
