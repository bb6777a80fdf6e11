import Glibc

/// Writes a file so that its path shows either the old contents or the new ones, complete, whatever
/// happens in between: a full disk, a kill, a power cut.
///
/// The bytes go to a temporary file in the same folder. `commit()` brings them to the device, renames
/// the file to its path and brings the folder to the device. A writer that ends without a commit removes
/// its temporary file; one that is killed leaves a file `.graphc-<process>-<number>.tmp` behind.
public struct AtomicFileWriter: ~Copyable {
  /// The path as the caller gave it.
  public let path: String
  /// Where the file will stand: the path with a symbolic link followed.
  private let destination: String
  private let file: OpenFile
  private var isCommitted = false

  /// Creates the temporary file.
  ///
  /// - Throws: `FileError` where the path leads to something other than a regular file, or its folder
  ///   cannot be written to.
  public init(path: String) throws(FileError) {
    // All that throws comes first: a noncopyable value cannot be destroyed half initialised.
    let destination = try resolveDestination(path)
    let file = try createTemporaryFile(in: folder(of: destination), reportedAs: path)
    self.path = path
    self.destination = destination
    self.file = file
  }

  deinit {
    if !isCommitted { _ = unsafe unlink(file.path) }
  }

  /// Appends the elements' bytes, as they lie in memory.
  public func write<Element: BitwiseCopyable>(_ elements: [Element]) throws(FileError) {
    try write(elements.span)
  }

  public func write<Element: BitwiseCopyable>(_ elements: Span<Element>) throws(FileError) {
    try unsafe file.write(elements.bytes)
  }

  /// Puts the file in its place. Where this throws before the new file stands there, the old one stays.
  public consuming func commit() throws(FileError) {
    try file.synchronize()
    guard unsafe rename(file.path, destination) == 0 else { throw .writing(path, code: errno) }
    isCommitted = true
    // The rename is an entry of the folder, and lasts once the folder is on the device.
    try OpenFile(reading: folder(of: destination), reportedAs: path).synchronize()
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
      let path = "\(folder)/\(name)"
      guard unsafe unlink(path) == 0 else { throw .writing(path, code: errno) }
    }
  }
}

private let temporaryPrefix = ".graphc-"
private let temporarySuffix = ".tmp"

/// Replaces a file's contents, or creates the file, in one step (`AtomicFileWriter`).
public func writeFileAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
  let writer = try AtomicFileWriter(path: path)
  try writer.write(bytes)
  try writer.commit()
}

/// The path with a symbolic link followed: renaming over a link would replace the link.
private func resolveDestination(_ path: String) throws(FileError) -> String {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else {
    if errno == ENOENT { return path }
    throw .writing(path, code: errno)
  }
  var destination = path
  if status.st_mode & S_IFMT == S_IFLNK {
    guard let resolved = unsafe realpath(path, nil) else { throw .writing(path, code: errno) }
    defer { unsafe free(resolved) }
    destination = unsafe String(cString: resolved)
    guard unsafe stat(destination, &status) == 0 else { throw .writing(path, code: errno) }
  }
  // Renaming over `/dev/null` would replace the device for everybody.
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw FileError(
      path: path, reason: "cannot be written: it exists and is not a regular file", category: .inputOutput)
  }
  return destination
}

private func createTemporaryFile(
  in folder: String, reportedAs name: String
) throws(FileError) -> OpenFile {
  var number = 0
  while true {
    // No part of the destination's name: one of 255 bytes, the longest allowed, must work too.
    let path = "\(folder)/\(temporaryPrefix)\(getpid())-\(number)\(temporarySuffix)"
    if let file = try OpenFile(creating: path, reportedAs: name) { return file }
    number += 1
  }
}
