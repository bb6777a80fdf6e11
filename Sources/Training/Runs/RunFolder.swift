import Datasets
import Files
import Interchange

/// The folder of a training run, which this process alone may write to while the value lives.
public final class RunFolder: Sendable {
  public let paths: RunPaths
  private let lock: FileLock

  /// Begins a run in a folder that does not exist yet, is empty, or holds nothing but what a run left that
  /// ended before its first checkpoint, as on a full disk. Missing parents are made.
  ///
  /// - Throws: `FileError` where the folder holds anything else, of the category `busy` where another process
  ///   holds its lock.
  public static func create(at path: String) throws(FileError) -> RunFolder {
    try createFolder(at: path)
    // Looked at before a lock is put into a folder that may not be ours, and again once nobody else can
    // write to it.
    try checkUnused(path)
    let folder = try RunFolder(locking: path)
    try checkUnused(path)
    try folder.removeRemains()
    try createFolder(at: folder.paths.samples)
    try createFolder(at: folder.paths.checkpoints)
    return folder
  }

  /// Begins a run in the next numbered folder: see `nextDefaultPath(name:in:)`. Processes that do so at
  /// once get a folder each.
  public static func createNumbered(name: String, in parent: String = "runs") throws(FileError) -> RunFolder {
    try createFolder(at: parent)
    while true {
      let path = try nextDefaultPath(name: name, in: parent)
      if try createNewFolder(at: path) { return try create(at: path) }
    }
  }

  /// Opens a run to continue it.
  ///
  /// - Throws: `FileError` where the folder is no run's, of the category `busy` where another process
  ///   holds its lock.
  public static func open(at path: String) throws(FileError) -> RunFolder {
    try RunPaths(folder: path).checkHoldsNoLinks()
    try RunPaths(folder: path).checkResolvedSpec()
    let folder = try RunFolder(locking: path)
    let paths = folder.paths
    try createFolder(at: paths.samples)
    try createFolder(at: paths.checkpoints)
    for subfolder in [path, paths.samples, paths.checkpoints] {
      try AtomicFileWriter.removeAbandonedFiles(in: subfolder)
    }
    return folder
  }

  private init(locking path: String) throws(FileError) {
    paths = RunPaths(folder: path)
    lock = try FileLock(path: paths.lock, guarding: path)
  }

  /// Whether nothing lies in the folder that a new run would destroy.
  private static func checkUnused(_ path: String) throws(FileError) {
    let paths = RunPaths(folder: path)
    try paths.checkHoldsNoLinks()
    let names = try entryNames(ofFolder: path)
    // Only a run has a lock; a report alone may be anybody's.
    let remains =
      names.contains("run.lock")
      ? [paths.lock, paths.resolvedSpec, paths.classNames, paths.data, paths.metrics, paths.report] : []
    for name in names {
      let entry = "\(path)/\(name)"
      if remains.contains(entry), !isFolder(entry) { continue }
      if entry == paths.samples, isFolder(entry),
        try entryNames(ofFolder: entry).allSatisfy({ RunPaths.sampleNames.step(ofName: $0) != nil })
      {
        continue
      }
      if entry == paths.tensorboard, isFolder(entry),
        try entryNames(ofFolder: entry).allSatisfy({ $0.hasPrefix(EventFile.prefix) })
      {
        continue
      }
      if entry == paths.checkpoints, isFolder(entry),
        try entryNames(ofFolder: entry).allSatisfy(AtomicFileWriter.isAbandonedName)
      {
        continue
      }
      throw FileError(
        path: path,
        reason: "is not empty, and a run is never overwritten: name another folder, or continue the run"
          + " in this one with --resume")
    }
  }

  /// Removes what a run left that ended before its first checkpoint.
  private func removeRemains() throws(FileError) {
    for path in [paths.resolvedSpec, paths.data, paths.metrics, paths.report] { try removeFile(at: path) }
    if isFolder(paths.samples) {
      for name in try entryNames(ofFolder: paths.samples) { try removeFile(at: "\(paths.samples)/\(name)") }
    }
    if isFolder(paths.tensorboard) {
      for name in try entryNames(ofFolder: paths.tensorboard) {
        try removeFile(at: "\(paths.tensorboard)/\(name)")
      }
    }
    if isFolder(paths.checkpoints) { try AtomicFileWriter.removeAbandonedFiles(in: paths.checkpoints) }
  }
}

extension RunFolder {
  /// `runs/<name>-<n>`, with n one above the highest that is taken.
  ///
  /// What cannot stand in a file's name, as a slash, becomes an underscore.
  public static func nextDefaultPath(name: String, in parent: String = "runs") throws(FileError) -> String {
    let prefix = fileName(from: name) + "-"
    // A folder that is missing has no names in it; one that cannot be read fails when it is written to.
    let names = (try? entryNames(ofFolder: parent)) ?? []
    let endings = names.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
    // What has more digits is no number of ours, and one more than it may be none at all.
    let numbers = endings.filter { $0.count < 10 }.compactMap { Int($0) }
    return "\(parent)/\(prefix)\((numbers.max() ?? 0) + 1)"
  }

  /// A model's name as a part of a path that cannot lead out of its folder, hide or reach the 255 bytes
  /// that a file's name may have.
  private static func fileName(from name: String) -> String {
    let characters = name.prefix(48).map { character in
      character.isLetter || character.isNumber || "-_.".contains(character) ? character : "_"
    }
    var result = String(characters)
    while result.utf8.count > 200 { result.removeLast() }
    if result.isEmpty { return "run" }
    return result.hasPrefix(".") || result.hasPrefix("-") ? "_" + result.dropFirst() : result
  }

  /// Replaces `resolved.yaml`.
  public func writeResolvedSpec(_ yaml: String) throws(FileError) {
    try writeFileAtomically(Array(yaml.utf8), to: paths.resolvedSpec)
  }

  /// Replaces `data.jsonl`.
  public func writeData(_ fingerprint: DataFingerprint) throws(FileError) {
    try writeFileAtomically(Array(fingerprint.lines.utf8), to: paths.data)
  }

  /// What `data.jsonl` says; nil where it is missing or damaged.
  public func readData() -> DataFingerprint? {
    (try? readFile(at: paths.data, limit: 1 << 30)).flatMap { DataFingerprint(lines: $0) }
  }
}
