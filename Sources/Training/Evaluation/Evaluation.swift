import Datasets
import Files
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime
import Scores

/// Made images held against real ones, by scores that others compute in the same way.
///
/// Each score stands beside that of real images against other real images, as many: that is what a perfect
/// generator would get, and how much of a score is chance.
public struct Evaluation {
  /// A score.
  public struct Row: Hashable, Sendable {
    public var name: String
    public var value: Double
    /// Of real images in place of the made ones.
    public var ofReal: Double
    /// What it was computed from, in words.
    public var method: String
  }

  /// Vectors of what a network makes of images.
  public struct Features {
    /// What output names the features by.
    public var name: String
    public var of: (ImageSet) -> FeatureSet

    public init(name: String, of: @escaping (ImageSet) -> FeatureSet) {
      self.name = name
      self.of = of
    }

    /// The pixels themselves.
    public static var pixels: Features { Features(name: "pixels", of: \.pixels) }
  }

  private let made: ImageSet
  private let real: ImageSet
  private let otherReal: ImageSet
  private let seed: Int

  /// How many images each set has.
  public var count: Int { made.count }

  /// Draws as many images as are asked for, or as half of the data has, and takes as many real ones, twice.
  ///
  /// - Parameters:
  ///   - sampler: Of the model whose data it is.
  ///   - fade: How far a stage has come with what it brings in.
  ///   - seed: Decides which real images, and the latent vectors.
  /// - Throws: `FileError` where an image of the data cannot be read, or the data has fewer than twelve.
  public init(
    _ sampler: Sampler, _ model: ModelSpec, _ dataset: Dataset, count: Int, seed: Int, fade: Double = 1
  ) throws(FileError) {
    let size = model.channels.value * model.height.value * model.width.value
    guard let field = dataset.fields.first(where: { $0.name == "real" && $0.valueCount == size }) else {
      throw FileError(path: "the data", reason: "gives no images of the generator's size")
    }
    let count = min(count, dataset.count / 2)
    guard count >= 6 else {
      throw FileError(
        path: "the data", reason: "has \(dataset.count) images, and scores need twelve or more")
    }
    self.seed = seed
    let range = sampler.range
    func images(_ values: [Float]) -> ImageSet {
      // As a picture's bytes have them.
      let bytes = values.map { value in
        let unit = (value - range.low) / (range.high - range.low)
        return unit > 0 ? min(unit * 255 + 0.5, 255).rounded(.down) : 0
      }
      return ImageSet(
        bytes, channels: model.channels.value, height: model.height.value, width: model.width.value)
    }
    made = images(sampler.values(from: sampler.noise(count: count, seed: seed), fade: fade))
    let chosen = chosenIndices(2 * count, of: dataset.count, seed: seed)
    var values = [Float](repeating: 0, count: 2 * count * size)
    var span = values.mutableSpan
    for (place, index) in chosen.enumerated() {
      try dataset.fill(field, at: index, epoch: 0, into: &span, offset: place * size)
    }
    let channelsFirst = Self.channelsFirst(values, model)
    real = images(Array(channelsFirst[..<(count * size)]))
    otherReal = images(Array(channelsFirst[(count * size)...]))
  }

  /// [N, H, W, C] as [N, C, H, W].
  static func channelsFirst(_ values: [Float], _ model: ModelSpec) -> [Float] {
    let (channels, area) = (model.channels.value, model.height.value * model.width.value)
    if channels == 1 { return values }
    var result = [Float](repeating: 0, count: values.count)
    for start in stride(from: 0, to: values.count, by: channels * area) {
      for pixel in 0..<area {
        for channel in 0..<channels {
          result[start + channel * area + pixel] = values[start + pixel * channels + channel]
        }
      }
    }
    return result
  }

  /// The images, as bytes have them, and their features: for scores of other programs.
  public func tensors(_ features: Features) -> SafetensorsFile {
    var tensors: [(name: String, tensor: SafetensorsFile.Tensor)] = []
    for (name, set) in [("made", made), ("real", real), ("other_real", otherReal)] {
      let found = features.of(set)
      tensors.append(
        (name, .init(shape: [set.count, set.channels, set.height, set.width], floats: set.values)))
      tensors.append(
        ("\(name).features", .init(shape: [found.count, found.dimensions], floats: found.values)))
    }
    return SafetensorsFile(tensors: tensors, metadata: ["features": features.name, "seed": "\(seed)"])
  }

  /// Beyond that many numbers a vector, distances of covariances take too long to be worth it.
  private static let mostDimensions = 2048

  /// Computes all scores.
  ///
  /// - Parameter willCompute: Is told of each before it is computed.
  public func rows(_ features: Features, willCompute: (_ name: String) -> Void = { _ in }) -> [Row] {
    var rows: [Row] = []
    if min(real.height, real.width) >= 7 {
      willCompute("sliced Wasserstein distance")
      let (found, chance) = (
        SlicedWasserstein(real, made, seed: seed), SlicedWasserstein(real, otherReal, seed: seed)
      )
      let levels = zip(found.levels, chance.levels)
      rows.append(
        Row(
          name: "sliced Wasserstein distance ×1e3", value: found.mean, ofReal: chance.mean,
          method: "128 patches of 7×7 an image, 512 directions, mean of \(found.levels.count) levels"))
      if found.levels.count > 1 {
        for (level, other) in levels {
          rows.append(
            Row(
              name: "  at \(level.height)×\(level.width)", value: level.distance, ofReal: other.distance,
              method: "one level"))
        }
      }
    }
    willCompute("diversity")
    let (diversity, ofReal) = (
      StructuralSimilarity(made, seed: seed), StructuralSimilarity(real, seed: seed)
    )
    rows.append(
      Row(
        name: "MS-SSIM within the images", value: diversity.mean, ofReal: ofReal.mean,
        method:
          "1,000 pairs, \(diversity.levels) level\(diversity.levels == 1 ? "" : "s"); lower is more diverse"))
    willCompute("features")
    let (a, b, c) = (features.of(real), features.of(made), features.of(otherReal))
    willCompute("precision and recall")
    let (found, chance) = (Manifolds(real: a, made: b), Manifolds(real: a, made: c))
    let of = "\(features.name), \(a.dimensions) numbers"
    for (name, value, other, k) in [
      ("precision", found.precision, chance.precision, 3), ("recall", found.recall, chance.recall, 3),
      ("density", found.density, chance.density, 5), ("coverage", found.coverage, chance.coverage, 5),
    ] {
      rows.append(Row(name: name, value: value, ofReal: other, method: "\(of), k = \(k)"))
    }
    willCompute("kernel distance")
    let (kernel, otherKernel) = (KernelDistance(a, b, seed: seed), KernelDistance(a, c, seed: seed))
    rows.append(
      Row(
        name: "kernel distance", value: kernel.mean, ofReal: otherKernel.mean,
        method: "\(of), 100 subsets of \(min(1000, count))"))
    if a.dimensions <= Self.mostDimensions {
      willCompute("Fréchet distance")
      rows.append(
        Row(
          name: "Fréchet distance", value: frechetDistance(a, b), ofReal: frechetDistance(a, c),
          method: of + (count <= a.dimensions ? "; more images than numbers would say more" : "")))
    }
    return rows
  }
}
