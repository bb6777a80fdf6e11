import Runtime

/// How much memory training takes above what the process has at its start, in bytes, part by part.
public struct MemoryEstimate: Sendable {
  /// Parameters, statistics and what the optimisers remember.
  public var state: Int
  /// Where a step computes, and the samples when it is their turn.
  public var arena: Int
  /// The weights that sampling prepares, the samples themselves and their grid.
  public var samples: Int
  /// Batches that are read ahead.
  public var batches: Int
  /// Decoded images that are kept; nil where only the data can tell how many there are.
  public var images: Int?

  public var total: Int { state + arena + samples + batches + (images ?? 0) }

  /// - Parameter stepPlan: The plan of a whole batch.
  public init(_ model: CompiledModel, stepPlan: CPUPlan) {
    let generator = model.generatorPlan(batch: Sampler.gridImages)
    state = model.store.byteCount
    arena = max(stepPlan.scratchBytes, generator.scratchBytes)
    samples = generator.persistentBytes
    batches = 0
    images = nil
  }
}
