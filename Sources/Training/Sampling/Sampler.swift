import Glibc
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime

/// Makes images with a model's generator in inference form.
public struct Sampler {
  /// The images of a training run's grid, and the most that go through the generator at once.
  public static let gridImages = 64

  private let model: CompiledModel
  /// The network that makes the images.
  private let maker: NetworkSpec
  /// The generator's values that are black and white.
  let range: (low: Float, high: Float)

  /// What inputs are given besides the noise and a class: values of the first examples of the data, by the
  /// inputs' names, as the data has them.
  private let examples: [String: [Float]]

  /// Whether the average of the weights is drawn with, where one is kept.
  private let usesAverage: Bool

  /// - Parameters:
  ///   - examples: Of `gridImages` examples, for a network that makes images of images.
  ///   - usesAverage: Whether the average of the weights is drawn with, where one is kept.
  public init(_ model: CompiledModel, examples: [String: [Float]] = [:], usesAverage: Bool = true) {
    self.model = model
    self.usesAverage = usesAverage
    self.examples = examples
    guard let maker = model.spec.imageMaker else { preconditionFailure("no network makes images") }
    self.maker = maker
    let range = model.spec.imageRange
    self.range = (Float(range.low), Float(range.high))
  }

  /// The plan of a batch of so many images.
  func plan(batch: Int) -> CPUPlan {
    usesAverage
      ? model.plan(ofAverageOr: maker.name, batch: batch) : model.plan(of: maker.name, batch: batch)
  }

  /// The inputs that are given neither noise nor a class.
  public static func conditions(of maker: NetworkSpec) -> [String] {
    maker.inputs.filter { $0.type.value != .latent && $0.type.value != .label && $0.name != "noise" }
      .map(\.name)
  }

  /// Numbers in each latent vector.
  public var latent: Int { model.spec.latent.value }

  /// Latent vectors, one after another; each depends on the seed and its number alone.
  public func noise(count: Int, seed: Int) -> [Float] {
    (0..<count).flatMap { index in
      RandomSource(seed: seed, stream: .sampleNoise, step: index).normals(latent)
    }
  }

  /// The images of so many latent vectors, in their order.
  ///
  /// - Parameters:
  ///   - label: The class of each image, for a network that is told one; nil goes through all classes again and
  ///     again.
  ///   - fade: How far a stage has come with what it brings in.
  /// - Precondition: There are examples for all of the network's `conditions`.
  public func images(from noise: [Float], label: Int? = nil, fade: Double = 1) -> [Image] {
    let values = values(from: noise, label: label, fade: fade)
    return (0..<noise.count / latent).map { image($0, in: values) }
  }

  /// What the network makes of so many latent vectors, [N, C, H, W]; `images` says the rest.
  public func values(from noise: [Float], label: Int? = nil, fade: Double = 1) -> [Float] {
    let count = noise.count / latent
    let size = model.spec.channels.value * model.spec.height.value * model.spec.width.value
    var images: [Float] = []
    // Large counts go through in parts, so that memory stays bounded.
    let part = min(count, Self.gridImages)
    guard part > 0 else { return [] }
    let plan = self.plan(batch: part)
    if plan.graph.input(named: StepGraph.fadeName) != nil {
      model.executor.write([Float(fade)], to: StepGraph.fadeName, of: plan)
    }
    for start in stride(from: 0, to: count, by: part) {
      let taken = min(part, count - start)
      var values = Array(noise[start * latent..<(start + taken) * latent])
      values += Array(repeating: 0, count: (part - taken) * latent)
      for input in maker.inputs {
        if input.type.value == .label {
          let classes = model.spec.classes?.value ?? 1
          let labels = (start..<start + part).map { Float(label ?? $0 % classes) }
          model.executor.write(labels, to: input.name, of: plan)
        } else if let given = examples[input.name] {
          model.executor.withInput(input.name, of: plan) { span in
            for index in span.indices { span[index] = given[index] }
          }
        } else {
          model.executor.write(values, to: input.name, of: plan)
        }
      }
      model.executor.run(plan)
      let pixels = model.executor.values(of: maker.outputs.first?.name ?? maker.resultName, in: plan)
      images += pixels[..<(taken * size)]
    }
    return images
  }

  /// Image number `index` of a batch [N, C, H, W].
  func image(_ index: Int, in values: [Float]) -> Image {
    let (channels, height, width) = (
      model.spec.channels.value, model.spec.height.value, model.spec.width.value
    )
    let area = height * width
    let base = index * channels * area
    // PNG knows one channel and three; of any other number the first is shown, or the first three.
    let shown = channels >= 3 ? 3 : 1
    var pixels = [UInt8](repeating: 0, count: area * shown)
    for pixel in 0..<area {
      for channel in 0..<shown {
        pixels[pixel * shown + channel] = byte(values[base + channel * area + pixel])
      }
    }
    return Image(width: width, height: height, channels: shown, pixels: pixels)
  }

  private func byte(_ value: Float) -> UInt8 {
    let unit = (value - range.low) / (range.high - range.low)
    // NaN is black.
    return unit > 0 ? UInt8(min(unit * 255 + 0.5, 255)) : 0
  }
}

/// Points between latent vectors.
public enum LatentWalk {
  /// `steps` points from `a` to `b`, both included, on the arc between them: the norm of Gaussian vectors
  /// hardly varies, and a straight line would leave it. Source: White, "Sampling Generative Networks" (2016).
  public static func spherical(from a: [Float], to b: [Float], steps: Int) -> [[Float]] {
    func dot(_ x: [Float], _ y: [Float]) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let norms = (dot(a, a) * dot(b, b)).squareRoot()
    let cosine = norms > 0 ? max(-1, min(1, dot(a, b) / norms)) : 1
    let angle = acos(cosine)
    return (0..<steps).map { step in
      let t = steps > 1 ? Double(step) / Double(steps - 1) : 0
      let (left, right) =
        sin(angle) < 1e-6
        ? (1 - t, t) : (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle))
      return zip(a, b).map { Float(left * Double($0) + right * Double($1)) }
    }
  }
}
