import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime

/// Makes images with a model's generator in inference form.
public struct Sampler {
  /// The images of a training run's grid, and the most that go through the generator at once.
  public static let gridImages = 64

  let model: CompiledModel
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
  func plan(batch: Int) -> CPUPlan { plan(of: maker.name, batch: batch) }

  /// The plan of a network with the weights that are drawn with.
  func plan(of network: String, batch: Int) -> CPUPlan {
    usesAverage ? model.plan(ofAverageOr: network, batch: batch) : model.plan(of: network, batch: batch)
  }

  /// The inputs that are given neither noise nor a class nor anything that is drawn.
  public static func conditions(of maker: NetworkSpec, in spec: ModelSpec) -> [String] {
    maker.inputs.filter { input in
      switch input.type.value {
      case .latent, .label, .draw: false
      case .image: true
      // The noise by its size.
      case .extents(let extents): extents.reduce(1, *) != spec.latentSize
      }
    }.map(\.name)
  }

  /// How many images go through the network at once: as many as their values have room in a processor's
  /// caches, by a size that most have, so that it is the same on each.
  public var batch: Int {
    var batch = Self.gridImages
    while batch > 1, plan(batch: batch).scratchBytes > Self.cacheBytes { batch /= 2 }
    return batch
  }

  private static let cacheBytes = 8 << 20

  /// Images in a row of a run's grid: each column is a class where there are not too many of them.
  var columns: Int {
    guard let classes = Self.classes(of: maker, in: model.spec), (2...16).contains(classes) else { return 8 }
    return classes
  }

  /// How many classes it can be asked for; nil for a network that is told none.
  public static func classes(of maker: NetworkSpec, in spec: ModelSpec) -> Int? {
    for input in maker.inputs {
      if input.type.value == .label { return spec.classes?.value }
      if case .classes(let count)? = draw(of: input, in: spec)?.distribution { return count }
    }
    return nil
  }

  private static func draw(of input: NetworkInput, in spec: ModelSpec) -> DrawSpec? {
    guard case .draw(let name) = input.type.value else { return nil }
    return spec.train.program.draws.first { $0.name == name }
  }

  /// Numbers in each latent vector.
  public var latent: Int { model.spec.latentSize }

  /// Latent vectors, one after another; each depends on the seed and its number alone.
  public func noise(count: Int, seed: Int) -> [Float] { noise(of: 0..<count, seed: seed) }

  /// The latent vectors of samples by their numbers, one after another.
  ///
  /// - Parameter truncation: The largest magnitude that a component may have; nil for any.
  public func noise(
    of numbers: some Sequence<Int>, seed: Int, truncation: TruncatedNormal? = nil
  ) -> [Float] {
    numbers.flatMap { number in
      let noise = RandomSource(seed: seed, stream: .sampleNoise, step: number).normals(latent)
      return truncation.map { noise.map($0.callAsFunction) } ?? noise
    }
  }

  /// The images of so many latent vectors, in their order.
  ///
  /// - Parameters:
  ///   - labels: The class of each image, for a network that is told one; nil goes through all classes again
  ///     and again.
  ///   - seed: With an image's number, what its draws besides the noise depend on.
  ///   - first: The number of the first image.
  ///   - numbers: The number of each image, where they are not one after another.
  ///   - fade: How far a stage has come with what it brings in.
  ///   - given: In place of the examples, values of inputs for each of the images.
  /// - Precondition: There are examples for all of the network's `conditions`, or they are given, and as many
  ///   labels as images.
  public func images(
    from noise: [Float], labels: [Int]? = nil, seed: Int = 0, first: Int = 0, numbers: [Int]? = nil,
    fade: Double = 1, given: [String: [Float]] = [:]
  ) -> [Image] {
    let values = values(
      from: noise, labels: labels, seed: seed, first: first, numbers: numbers, fade: fade, given: given)
    return (0..<noise.count / latent).map { image($0, in: values) }
  }

  /// What the network makes of so many latent vectors, [N, C, H, W]; `images` says the rest.
  public func values(
    from noise: [Float], labels: [Int]? = nil, seed: Int = 0, first: Int = 0, numbers: [Int]? = nil,
    fade: Double = 1, given: [String: [Float]] = [:]
  ) -> [Float] {
    let count = noise.count / latent
    func number(_ index: Int) -> Int { numbers?[min(index, count - 1)] ?? first + index }
    let size = model.spec.channels.value * model.spec.height.value * model.spec.width.value
    var images: [Float] = []
    // Large counts go through in parts, so that memory stays bounded.
    let part = min(count, batch)
    guard part > 0 else { return [] }
    let classes = Self.classes(of: maker, in: model.spec)
    let plan = self.plan(batch: part)
    if plan.graph.input(named: StepGraph.fadeName) != nil {
      model.executor.write([Float(fade)], to: StepGraph.fadeName, of: plan)
    }
    for start in stride(from: 0, to: count, by: part) {
      let taken = min(part, count - start)
      for input in maker.inputs {
        let values: [Float]
        if let given = given[input.name] {
          let size = given.count / count
          values =
            Array(given[start * size..<(start + taken) * size])
            + Array(repeating: 0, count: (part - taken) * size)
        } else if let examples = examples[input.name] {
          let size = examples.count / Self.gridImages
          values = Array(examples.dropFirst(start % Self.gridImages * size).prefix(part * size))
        } else if let draw = Self.draw(of: input, in: model.spec) {
          values = (start..<start + part).flatMap { index in
            drawn(draw, for: number(index), label: labels.map { $0[min(index, count - 1)] }, seed: seed)
          }
        } else if input.type.value == .label, let classes {
          values = (start..<start + part).map {
            Float(labels?[min($0, count - 1)] ?? number($0) % classes)
          }
        } else {
          values =
            Array(noise[start * latent..<(start + taken) * latent])
            + Array(repeating: 0, count: (part - taken) * latent)
        }
        model.executor.withInput(input.name, of: plan) { span in
          for index in span.indices { span[index] = values[index] }
        }
      }
      model.executor.run(plan)
      let pixels = model.executor.values(of: maker.outputs.first?.name ?? maker.resultName, in: plan)
      images += pixels[..<(taken * size)]
    }
    return images
  }

  /// What is drawn under a name for an image by its number.
  func drawn(named name: String, for index: Int, label: Int?, seed: Int) -> [Float] {
    guard let draw = model.spec.train.program.draws.first(where: { $0.name == name }) else {
      preconditionFailure("no draw `\(name)`")
    }
    return drawn(draw, for: index, label: label, seed: seed)
  }

  /// What is drawn for an image by its number. A class is the one that is asked for, or goes through all.
  private func drawn(_ draw: DrawSpec, for index: Int, label: Int?, seed: Int) -> [Float] {
    let source = RandomSource(seed: seed, drawing: draw.name, step: index, ordinal: 0)
    let count =
      switch draw.shape {
      case .perImage: 1
      case .vector(let size): size
      case .image: model.spec.channels.value * model.spec.height.value * model.spec.width.value
      }
    switch draw.distribution {
    case .normal: return source.normals(count)
    case .uniform(let low, let high):
      return (0..<count).map { Float(low + (high - low) * source.uniform($0)) }
    case .bernoulli(let probability):
      return (0..<count).map { source.uniform($0) < probability ? 1 : 0 }
    case .classes(let classes): return Array(repeating: Float(label ?? index % classes), count: count)
    }
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
