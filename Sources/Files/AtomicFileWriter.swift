import Glibc

/// What a writer may put its file in the place of.
public enum Replacement: Sendable {
  /// Nothing: what exists is never touched.
  case nothing
  /// A regular file.
  case file
}

/// Writes a file so that its path shows either the old contents or the new ones, complete, whatever
/// happens in between: a full disk, a kill, a power cut.
///
/// The bytes go to a file without a name in the same folder, of which a kill leaves nothing. `commit()` brings
/// them to the device, gives the file its name and brings the folder to the device. Where the file replaces
/// another, or the file system has no files without names, it is called `.graphc-<process>-<number>.tmp` for a
/// while: a writer that ends without a commit removes it, one that is killed in this while leaves it behind.
///
/// The new file has the permissions of the one that it replaces.
public struct AtomicFileWriter: ~Copyable {
  /// The path as the caller gave it.
  public let path: String
  private let draft: Draft
  private let replacement: Replacement

  /// Creates the temporary file.
  ///
  /// - Throws: `FileError` where the path leads to something other than a regular file, or to one that may
  ///   not be replaced, or its folder cannot be written to.
  public init(path: String, replacing replacement: Replacement = .file) throws(FileError) {
    let old = try checkDestination(path, replacement)
    draft = try Draft.begin(path, mode: old?.permissions)
    (self.path, self.replacement) = (path, replacement)
  }

  /// Appends the elements' bytes, as they lie in memory.
  public func write<Element: BitwiseCopyable>(_ elements: [Element]) throws(FileError) {
    try draft.file.write(elements)
  }

  public func write<Element: BitwiseCopyable>(_ elements: Span<Element>) throws(FileError) {
    try unsafe draft.file.write(elements.bytes)
  }

  /// Puts the file in its place. Where this throws before the new file stands there, the old one stays.
  ///
  /// - Parameter isDurable: Whether it is on the device when this returns. One of very many files need not be:
  ///   after a power cut it may be short.
  public consuming func commit(isDurable: Bool = true) throws(FileError) {
    if isDurable { try draft.file.synchronize() }
    // Looked at again: what came there while the file was written is no less somebody's.
    try checkDestination(path, replacement)
    try draft.publish(as: path, replacement)
    // The new name is an entry of the folder, and lasts once the folder is on the device.
    guard isDurable else { return }
    try OpenFile(folder: folder(of: path), reportedAs: path).synchronize()
  }

  /// Whether a file is called as those are that a writer makes before it renames them.
  public static func isAbandonedName(_ name: String) -> Bool {
    name.hasPrefix(temporaryPrefix) && name.hasSuffix(temporarySuffix)
  }

  /// Removes the temporary files that killed writers left in a folder.
  ///
  /// - Precondition: No other process writes there.
  public static func removeAbandonedFiles(in folder: String) throws(FileError) {
    for name in try entryNames(ofFolder: folder) where isAbandonedName(name) {
      try removeFile(at: "\(folder)/\(name)")
    }
  }
}

private let temporaryPrefix = ".graphc-"
private let temporarySuffix = ".tmp"

/// Replaces a file's contents, or creates the file, in one step (`AtomicFileWriter`).
public func writeFileAtomically(
  _ bytes: [UInt8], to path: String, replacing replacement: Replacement = .file
) throws(FileError) {
  let writer = try AtomicFileWriter(path: path, replacing: replacement)
  try writer.write(bytes)
  try writer.commit()
}

/// Demands that a file may be written to a path.
///
/// - Returns: The file that stands there and may be replaced.
/// - Throws: `FileError` for a link, a folder, a device (renaming over `/dev/null` would replace the device for
///   everybody), and for any file where nothing may be replaced.
@discardableResult public func checkDestination(
  _ path: String, _ replacement: Replacement
) throws(FileError) -> FileStatus? {
  guard let status = try FileStatus(ofFileAt: path, followingLinks: false, isForWriting: true) else {
    return nil
  }
  switch status.kind {
  case .symbolicLink: throw .writingThroughLink(path)
  case .folder, .other:
    throw FileError(
      path: path, reason: "cannot be written: it exists and is not a regular file", category: .inputOutput)
  case .regularFile:
    guard replacement == .file else { throw .overwriting(path) }
    return status
  }
}

/// A file that is being written and does not stand in its place yet.
private struct Draft: ~Copyable {
  private enum Place {
    /// It has no name; the system shows it at this path.
    case nameless(source: String)
    case named(String)
  }

  let file: OpenFile
  private let place: Place

  private init(_ file: consuming OpenFile, _ place: Place) {
    self.file = file
    self.place = place
  }

  /// - Parameter mode: The permissions of the file that it will replace.
  static func begin(_ path: String, mode: mode_t?) throws(FileError) -> Draft {
    let folder = folder(of: path)
    if let file = try OpenFile(namelessIn: folder, reportedAs: path, mode: mode ?? 0o666) {
      if let mode { try file.setMode(mode) }
      if let source = file.linkSource {
        return Draft(file, .nameless(source: source))
      }
    }
    let file = try createTemporaryFile(in: folder, reportedAs: path, mode: mode ?? 0o666)
    let place = Place.named(file.path)
    let draft = Draft(file, place)
    if let mode { try draft.file.setMode(mode) }
    return draft
  }

  deinit {
    // Once it stands in its place, this name is gone.
    if case .named(let path) = place { try? removeFile(at: path) }
  }

  func publish(as path: String, _ replacement: Replacement) throws(FileError) {
    switch place {
    case .named(let temporary): try moveFile(temporary, to: path, replacement)
    case .nameless(let source):
      if try file.link(from: source, to: path) { return }
      guard replacement == .file else { throw .overwriting(path) }
      // A link replaces no file, as a renaming does: a second name first.
      let folder = folder(of: path)
      var number = 0
      while try !file.link(from: source, to: temporaryPath(in: folder, number: number)) { number += 1 }
      let temporary = temporaryPath(in: folder, number: number)
      do throws(FileError) {
        try moveFile(temporary, to: path, replacement)
      } catch {
        try? removeFile(at: temporary)
        throw error
      }
    }
  }
}

/// Gives a file another name, in the place of what has it where that may be replaced.
func moveFile(_ source: String, to path: String, _ replacement: Replacement) throws(FileError) {
  let code = try unsafe withSystemPath(source, reportedAs: path) { (source) throws(FileError) -> Int32 in
    try unsafe withSystemPath(path) { path -> Int32 in
      guard replacement == .nothing else { return unsafe rename(source, path) == 0 ? 0 : errno }
      // A second name is refused where there is a file, as a renaming is not.
      if unsafe link(source, path) == 0 {
        _ = unsafe unlink(source)
        return 0
      }
      // Some file systems know one name a file; the path was free a moment ago.
      return errno == EPERM || errno == EOPNOTSUPP ? unsafe rename(source, path) == 0 ? 0 : errno : errno
    }
  }
  switch code {
  case 0: return
  case EEXIST: throw .overwriting(path)
  default: throw .writing(path, code: code)
  }
}

private func temporaryPath(in folder: String, number: Int) -> String {
  // No part of the destination's name: one of 255 bytes, the longest allowed, must work too.
  "\(folder)/\(temporaryPrefix)\(getpid())-\(number)\(temporarySuffix)"
}

private func createTemporaryFile(
  in folder: String, reportedAs name: String, mode: mode_t
) throws(FileError) -> OpenFile {
  var number = 0
  while true {
    let path = temporaryPath(in: folder, number: number)
    if let file = try OpenFile(creating: path, reportedAs: name, mode: mode) { return file }
    number += 1
  }
}
