import Files
import GraphIR
import Interchange
import Runtime

/// All that a run needs to go on as if it had never stopped: every tensor of its store, and where it was.
///
/// The file is a safetensors file that PyTorch reads: parameters and statistics under the names of a
/// `state_dict` behind `generator.` and `discriminator.`, the optimisers' states behind `optimizer.`.
public struct Checkpoint: Sendable {
  public let metadata: CheckpointMetadata
  private let file: SafetensorsFile
  private let path: String

  /// Reads a checkpoint whole.
  ///
  /// - Throws: `FileError` where the file cannot be read, is no checkpoint, is not what was written, or is of
  ///   another step than its name says.
  public init(contentsOf path: String) throws(FileError) {
    file = try SafetensorsFile(contentsOf: path)
    metadata = try CheckpointMetadata(file.metadata, path: path)
    try file.checkContents(path: path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if let named = RunPaths.checkpointNames.step(ofName: name), named != metadata.step {
      throw FileError(
        path: path, reason: "was saved after step \(metadata.step), and its name says \(named)")
    }
    self.path = path
  }

  /// Fills a store.
  ///
  /// - Parameter structure: What the checkpoint must say if it says anything: equal shapes do not make
  ///   equal networks.
  /// - Throws: `FileError` where the checkpoint is of other networks, or its tensors are not exactly those
  ///   of the store; the store is then as before.
  public func restore(into store: TensorStore, structure: StructureHash? = nil) throws(FileError) {
    if let structure, let saved = metadata.structure, saved.contradicts(structure) {
      throw FileError(
        path: path,
        reason: "was saved by a run with other networks: continue it with that run's resolved.yaml, or take"
          + " its weights alone with --weights")
    }
    try StoreReading(of: store.savedSlots, from: file, path: path) { _ in true }.write(to: store)
  }

  /// Replaces a file, or creates it, in one step.
  ///
  /// - Throws: `FileError` where the system fails; what the path held before is then still there.
  public static func write(
    _ store: TensorStore, metadata: CheckpointMetadata, to path: String
  ) throws(FileError) {
    let slots = store.savedSlots
    let header = SafetensorsHeader(
      placing: slots.map { ($0.name, $0.element.stored, $0.shape) },
      metadata: SafetensorsChecksums.adding(
        slots.map { ($0.name, store.checksum(of: $0)) }, to: metadata.texts))
    try header.write(to: path) { position, file throws(FileError) in
      let slot = slots[position]
      if let integers = store.integers(of: slot.name) {
        try file.write(integers)
      } else {
        try store.withValues(of: slot.name) { values throws(FileError) in try file.write(values) }
      }
    }
  }
}

extension TensorStore {
  /// What outlives the steps: sums of gradients are zero between them.
  fileprivate var savedSlots: [Slot] { slots.filter { $0.role != .accumulator } }

  /// Of a tensor's bytes as a checkpoint holds them.
  fileprivate func checksum(of slot: Slot) -> CRC32 {
    var checksum = CRC32()
    if let integers = integers(of: slot.name) {
      checksum.update(integers)
    } else {
      withValues(of: slot.name) { values in unsafe checksum.update(values.bytes) }
    }
    return checksum
  }
}

extension ElementType {
  /// As safetensors calls it.
  var stored: SafetensorsHeader.ElementType {
    switch self {
    case .f32: .float32
    case .i64: .int64
    }
  }
}

extension RunFolder {
  /// Reads the checkpoint to go on from; see `RunPaths.findCheckpoint`.
  public func readLatestCheckpoint() throws(FileError) -> Checkpoint { try paths.findCheckpoint().checkpoint }

  /// Writes the step's checkpoint and makes it the latest one.
  ///
  /// `latest` moves once the checkpoint lies on the device: a full disk, a kill or a power cut at any time
  /// leaves it naming a checkpoint that is complete.
  ///
  /// - Parameter keep: How many checkpoints, this one among them, are kept of the steps up to here; nil is all.
  ///   What cannot be removed stays.
  /// - Returns: The checkpoint's path.
  @discardableResult
  public func saveCheckpoint(
    of store: TensorStore, metadata: CheckpointMetadata, keep: Int? = nil
  ) throws(FileError) -> String {
    let path = paths.checkpoint(step: metadata.step)
    try Checkpoint.write(store, metadata: metadata, to: path)
    let name = RunPaths.checkpointNames.name(ofStep: metadata.step)
    try writeFileAtomically(Array("\(name)\n".utf8), to: paths.latestCheckpointName)
    if let keep {
      // Those of later steps were left before a resume, and are about to be replaced.
      let best = try paths.bestScore()?.step
      for step in paths.checkpointSteps().filter({ $0 <= metadata.step }).dropLast(keep) where step != best {
        try? removeFile(at: paths.checkpoint(step: step))
      }
    }
    return path
  }
}
