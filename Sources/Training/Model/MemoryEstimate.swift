import Runtime

/// How much memory training takes above what the process has at its start.
public enum MemoryEstimate {
  /// - Parameter stepPlan: The plan of a whole batch.
  public static func bytes(of model: CompiledModel, stepPlan: CPUPlan) -> Int {
    let samples = model.generatorPlan(batch: Sampler.gridImages)
    return model.store.byteCount + max(stepPlan.scratchBytes, samples.scratchBytes) + samples.persistentBytes
  }
}
