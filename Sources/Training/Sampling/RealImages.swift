import Datasets
import Files
import ModelSpec
import Scores

/// The real images of a model's data, as vectors of pixels from 0 to 1, [C, H, W].
public struct RealImages: Sendable {
  public let pixels: FeatureSet
  /// The class of each; nil where the data has none.
  public let labels: [Int]?

  /// Reads the examples of a data set.
  ///
  /// - Parameter limit: How many at most; of more, so many are chosen at random, always the same.
  /// - Throws: `FileError` where an image cannot be read, or the data has none of the model's size.
  public init(of dataset: Dataset, for model: ModelSpec, limit: Int = .max) throws(FileError) {
    let size = model.channels.value * model.height.value * model.width.value
    guard let field = dataset.fields.first(where: { $0.name == "real" && $0.valueCount == size }) else {
      throw FileError(path: "the data", reason: "gives no images of the generator's size")
    }
    let count = min(limit, dataset.count)
    let chosen = count < dataset.count ? chosenIndices(count, of: dataset.count, seed: 0) : Array(0..<count)
    var values = [Float](repeating: 0, count: count * size)
    var labels = [Float](repeating: 0, count: count)
    let label = dataset.field("label")
    var span = values.mutableSpan
    var labelSpan = labels.mutableSpan
    for (place, index) in chosen.enumerated() {
      try dataset.fill(field, at: index, epoch: 0, into: &span, offset: place * size)
      if let label { try dataset.fill(label, at: index, epoch: 0, into: &labelSpan, offset: place) }
    }
    let range = model.imageRange
    let (low, width) = (Float(range.low), Float(range.high - range.low))
    let ordered = Evaluation.channelsFirst(values, model)
    pixels = FeatureSet(ordered.map { ($0 - low) / width }, dimensions: size)
    self.labels = label == nil ? nil : labels.map { Int($0) }
  }
}
