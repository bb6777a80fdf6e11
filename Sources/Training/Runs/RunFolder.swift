import Interchange

/// The folder of a training run, which this process alone may write to while the value lives.
public final class RunFolder: Sendable {
  public let paths: RunPaths
  private let lock: FileLock

  /// Begins a run in a folder that does not exist yet or is empty. Missing parents are made.
  ///
  /// - Throws: `FileError` where the folder holds anything, of the category `busy` where another process
  ///   holds its lock.
  public static func create(at path: String) throws(FileError) -> RunFolder {
    try createFolder(at: path)
    // Looked at before a lock is put into a folder that may not be ours, and again once nobody else can
    // write to it.
    try checkEmpty(path)
    let folder = try RunFolder(locking: path)
    try checkEmpty(path)
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
    guard try entryNames(ofFolder: path).contains("resolved.yaml") else {
      throw FileError(path: path, reason: "is not a run's folder: it holds no resolved.yaml")
    }
    let folder = try RunFolder(locking: path)
    try createFolder(at: folder.paths.samples)
    try createFolder(at: folder.paths.checkpoints)
    try AtomicFileWriter.removeAbandonedFiles(in: folder.paths.checkpoints)
    return folder
  }

  private init(locking path: String) throws(FileError) {
    paths = RunPaths(folder: path)
    lock = try FileLock(path: paths.lock, guarding: path)
  }

  private static func checkEmpty(_ path: String) throws(FileError) {
    let paths = RunPaths(folder: path)
    for name in try entryNames(ofFolder: path) {
      // What a run leaves that ended before it wrote anything, as on a full disk.
      let entry = "\(path)/\(name)"
      if entry == paths.lock { continue }
      if entry == paths.samples || entry == paths.checkpoints, isFolder(entry),
        try entryNames(ofFolder: entry).isEmpty
      {
        continue
      }
      throw FileError(
        path: path,
        reason: "is not empty, and a run is never overwritten: name another folder, or continue the run"
          + " in this one with --resume")
    }
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
}
