import Datasets
import ModelSpec
import Runtime

/// How much memory training takes above what the process has at its start, in bytes, part by part.
public struct MemoryEstimate: Sendable {
  /// Parameters, statistics and what the optimisers remember.
  public var state: Int
  /// Where a step computes, and the samples when it is their turn.
  public var arena: Int
  /// The weights that sampling prepares, the samples and their grid.
  public var samples: Int
  /// What comparing samples with the data takes, where the model says `evaluate_every`.
  public var scoring: Int
  /// Batches that are prepared ahead, and the images' order.
  public var batches: Int
  /// Decoded images that are kept; nil where only opening the data tells how many those are.
  public var images: Int?

  /// Code that the system loads when it is first run, stacks, graphs and plans. It hardly depends on the
  /// model: of `tutorial-dcgan` and `lsgan` it was between 12.4 and 12.9 MB.
  public static let program = 12_700_000

  /// All parts; images of an unknown number not included.
  public var total: Int { state + arena + samples + scoring + batches + (images ?? 0) + Self.program }

  /// - Parameters:
  ///   - batch: Images a step; the model's own batch size by default.
  ///   - dataset: The model's images, where they have been opened.
  public init(_ model: CompiledModel, batch: Int? = nil, dataset: Dataset? = nil) {
    let spec = model.spec
    let imageSize = spec.channels.value * spec.height.value * spec.width.value
    state = model.store.byteCount
    let batch = batch ?? spec.train.batchSize.value
    let steps = model.scratchBytes(batch: batch).reduce(0, max)
    if spec.imageMaker == nil {
      (arena, samples) = (steps, 0)
    } else {
      let maker = Sampler(model).plan(batch: Sampler.gridImages)
      arena = max(steps, maker.scratchBytes)
      // The generator's floats, a byte for each, and as many once more in the grid.
      let sampleBytes = MemoryLayout<Float>.stride + 2
      samples = maker.persistentBytes + Sampler.gridImages * imageSize * sampleBytes
    }
    scoring =
      spec.train.evaluateEvery == nil ? 0 : RunScore.byteCount(spec, examples: dataset?.count)
    let batchValues = dataset.map { dataset in
      dataset.fields.reduce(0) { $0 + (model.reads($1.name) ? $1.valueCount : 0) }
    }
    let batchBytes = batch * (batchValues ?? imageSize) * MemoryLayout<Float>.stride
    batches = BatchLoader.defaultDepth * (batchBytes + (dataset?.decodingByteCount ?? 0))
    if let dataset {
      images = dataset.byteCount
      // An epoch's order is made while the one before it still stands.
      batches += 2 * dataset.count * MemoryLayout<Int>.stride
    } else {
      images = spec.train.data.flatMap {
        Dataset.byteCount(
          of: $0, channels: spec.channels.value, height: spec.height.value, width: spec.width.value)
      }
    }
  }
}
