import Datasets
import Files
import ModelSpec
import Scores

/// The score that a run computes of its samples again and again: their sliced Wasserstein distance from the data.
public struct RunScore {
  /// What the metrics call it.
  static let metric = "sliced_wasserstein"

  private static let images = 512

  /// How much memory scoring takes, in bytes.
  ///
  /// - Parameter examples: The images of the data; enough of them where nil.
  static func byteCount(_ model: ModelSpec, examples: Int?) -> Int {
    let (channels, height, width) = (model.channels.value, model.height.value, model.width.value)
    let count = min(images, examples ?? images)
    // The data's, the samples, these as a picture's bytes, and as they are compared.
    let sets = 4 * count * channels * height * width * MemoryLayout<Float>.stride
    return sets
      + SlicedWasserstein.byteCount(images: count, channels: channels, height: height, width: width)
  }

  private let sampler: Sampler
  private let noise: [Float]
  private let real: ImageSet
  private let seed: Int

  /// Why samples of a model cannot be scored, where it asks for that: it makes no images of noise alone, or such as
  /// are too small.
  public static func refusal(for model: ModelSpec) -> FileError? {
    guard model.train.evaluateEvery != nil else { return nil }
    func refusal(_ reason: String) -> FileError {
      FileError(path: "`train.evaluate_every`", reason: reason)
    }
    guard let maker = model.imageMaker, Sampler.conditions(of: maker, in: model).isEmpty else {
      return refusal("is for a network that makes images of noise and a class alone: leave it out")
    }
    let (height, width) = (model.height.value, model.width.value)
    guard min(height, width) < SlicedWasserstein.patch else { return nil }
    return refusal(
      "compares patches of \(SlicedWasserstein.patch) pixels a side, and the images are \(height)×\(width)")
  }

  /// - Precondition: There is no `refusal` for the model.
  /// - Throws: `FileError` where the data cannot be read.
  init(_ sampler: Sampler, _ model: ModelSpec, _ dataset: Dataset) throws(FileError) {
    let (channels, height, width) = (model.channels.value, model.height.value, model.width.value)
    let count = min(Self.images, dataset.count)
    let found = try RealImages(of: dataset, for: model, limit: count)
    // As a picture's bytes have them.
    real = ImageSet(
      found.pixels.values.map { ($0 * 255).rounded() }, channels: channels, height: height, width: width)
    self.sampler = sampler
    seed = model.train.seed
    noise = sampler.noise(count: count, seed: seed)
  }

  /// The distance times 1000, of samples of the weights as they are.
  ///
  /// - Parameter fade: How far a stage has come with what it brings in.
  func distance(fade: Double) -> Double {
    let (low, width) = (sampler.range.low, sampler.range.high - sampler.range.low)
    let bytes = sampler.values(from: noise, seed: seed, fade: fade).map { value in
      let unit = (value - low) / width
      return unit > 0 ? min(unit * 255 + 0.5, 255).rounded(.down) : 0
    }
    let made = ImageSet(bytes, channels: real.channels, height: real.height, width: real.width)
    return SlicedWasserstein(real, made, seed: seed).mean
  }
}
