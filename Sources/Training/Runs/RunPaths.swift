import Files
import Interchange

/// Where a run keeps what, inside its folder.
///
/// ```
/// run.lock                             held by the process that trains
/// resolved.yaml                        the model with every default and override written out
/// classes.json                         the names of the classes, where the data has labels
/// data.jsonl                           what the data was: its files, with sizes and checksums
/// metrics.jsonl                        a row a step
/// report.html
/// samples/step-NNNNNN.png
/// checkpoints/step-NNNNNN.safetensors
/// checkpoints/latest                   the newest checkpoint's file name
/// tensorboard/events.out.tfevents.…    the same as metrics.jsonl and samples, where it is asked for
/// ```
///
/// Reading needs no lock: every file but `metrics.jsonl` is replaced in one step.
public struct RunPaths: Hashable, Sendable {
  /// The run's folder.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  public var lock: String { "\(folder)/run.lock" }
  public var resolvedSpec: String { "\(folder)/resolved.yaml" }
  public var classNames: String { "\(folder)/classes.json" }
  public var data: String { "\(folder)/data.jsonl" }
  public var metrics: String { "\(folder)/metrics.jsonl" }
  public var report: String { "\(folder)/report.html" }
  public var samples: String { "\(folder)/samples" }
  public var checkpoints: String { "\(folder)/checkpoints" }
  public var tensorboard: String { "\(folder)/tensorboard" }
  public var latestCheckpointName: String { "\(checkpoints)/latest" }
  /// Names the checkpoint with the best score, and the score.
  public var bestCheckpointName: String { "\(checkpoints)/best" }

  public func sample(step: Int) -> String { "\(samples)/\(Self.sampleNames.name(ofStep: step))" }
  public func checkpoint(step: Int) -> String {
    "\(checkpoints)/\(Self.checkpointNames.name(ofStep: step))"
  }

  static let sampleNames = StepFileNames(suffix: ".png")
  static let checkpointNames = StepFileNames(suffix: ".safetensors")
}

extension RunPaths {
  /// The newest checkpoint that is complete.
  ///
  /// - Throws: `FileError` where there is none yet, or `checkpoints/latest` does not name one.
  public func latestCheckpoint() throws(FileError) -> String {
    guard try entryNames(ofFolder: folder).contains("checkpoints"),
      try entryNames(ofFolder: checkpoints).contains("latest")
    else {
      throw FileError(path: folder, reason: "holds no checkpoint")
    }
    let text = String(decoding: try readFile(at: latestCheckpointName, limit: 4096), as: UTF8.self)
    let name = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    // Only a name of ours: whatever the file says, nothing outside the folder is read.
    guard Self.checkpointNames.step(ofName: name) != nil else {
      throw FileError(path: latestCheckpointName, reason: "does not hold the name of a checkpoint")
    }
    return "\(checkpoints)/\(name)"
  }

  /// Demands that the model is a file: somebody else's folder may hold a pipe in its place, on which reading waits.
  ///
  /// - Throws: `FileError` where it is none, or is missing.
  public func checkResolvedSpec() throws(FileError) {
    switch try FileStatus(ofFileAt: resolvedSpec)?.kind {
    case .regularFile: return
    case nil:
      let isThere = try FileStatus(ofFileAt: folder) != nil
      throw FileError(
        path: folder,
        reason: isThere ? "is not a run's folder: it holds no resolved.yaml" : "there is no such folder")
    case .folder, .symbolicLink, .other: throw FileError(path: resolvedSpec, reason: "is not a regular file")
    }
  }

  /// The samples of the first `step` steps, from the first to the last.
  ///
  /// Those of later steps are left from before a resume, and about to be replaced.
  public func sampleSteps(upTo step: Int) throws(FileError) -> [Int] {
    try entryNames(ofFolder: samples).compactMap(Self.sampleNames.step).filter { $0 <= step }.sorted()
  }
}

/// File names that hold a step's number: `step-000100.png`.
struct StepFileNames: Sendable {
  let suffix: String
  private static let prefix = "step-"
  /// Names sort as their steps do, up to a million steps.
  private static let digits = 6

  func name(ofStep step: Int) -> String {
    let number = String(step)
    return Self.prefix + String(repeating: "0", count: max(0, Self.digits - number.count)) + number + suffix
  }

  /// The step of a file, nil where the name is not one of these.
  func step(ofName name: String) -> Int? {
    guard name.hasPrefix(Self.prefix), name.hasSuffix(suffix),
      let step = Int(name.dropFirst(Self.prefix.count).dropLast(suffix.count)),
      self.name(ofStep: step) == name
    else { return nil }
    return step
  }
}
