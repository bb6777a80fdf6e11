import ArgumentParser
import Files
import Training

/// A checkpoint and the model that belongs to it.
///
/// - Parameters:
///   - source: A run's folder, or a checkpoint file in one.
///   - model: The model's file, where it is not the run's.
///   - best: Whether the checkpoint with the best score is meant, in place of the newest.
func locateCheckpoint(
  _ source: String, model: String?, best: Bool = false
) throws -> (checkpoint: String, spec: String) {
  guard source.hasSuffix(".safetensors") else {
    let paths = RunPaths(folder: source)
    if best { return (try paths.bestCheckpoint(), model ?? paths.resolvedSpec) }
    let found = try paths.findCheckpoint()
    if let reason = found.reason {
      Console.message("warning: \(reason); taking \(found.path), the newest that is whole")
    }
    if model == nil { try paths.checkResolvedSpec() }
    return (found.path, model ?? paths.resolvedSpec)
  }
  guard !best else { throw ValidationError("--best chooses a run's checkpoint, and this is one already.") }
  if let model { return (source, model) }
  // <run>/checkpoints/step-000100.safetensors
  let parts = source.split(separator: "/", omittingEmptySubsequences: false)
  let run =
    switch parts.dropLast().last {
    case nil: ".."
    case "checkpoints": parts.count > 2 ? parts.dropLast(2).joined(separator: "/") : "."
    default: parts.dropLast().joined(separator: "/") + "/.."
    }
  let spec = RunPaths(folder: run).resolvedSpec
  guard isReadable(spec) else {
    throw FileError(path: source, reason: "lies in no run's folder: name its model with --model")
  }
  try RunPaths(folder: run).checkResolvedSpec()
  return (source, spec)
}
