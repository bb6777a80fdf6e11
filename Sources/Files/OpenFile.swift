import Glibc

/// A file descriptor that is closed when the value ends.
package struct OpenFile: ~Copyable, Sendable {
  let descriptor: Int32
  package let path: String
  /// The path that errors name: the user's, where `path` is one that the user never saw.
  private let name: String

  package init(reading path: String, reportedAs name: String? = nil) throws(FileError) {
    // Without `O_NONBLOCK`, opening a named pipe waits for somebody to write to it.
    let descriptor = try Self.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, reportedAs: name ?? path)
    if descriptor < 0 { throw .reading(name ?? path, code: errno) }
    (self.descriptor, self.path, self.name) = (descriptor, path, name ?? path)
  }

  /// Opens what may be a pipe or a terminal, and waits for its other end.
  init(waitingFor path: String) throws(FileError) {
    let descriptor = try Self.open(path, O_RDONLY | O_NOCTTY, reportedAs: path)
    if descriptor < 0 { throw .reading(path, code: errno) }
    (self.descriptor, self.path, name) = (descriptor, path, path)
  }

  /// Opens a folder, for `synchronize`.
  init(folder path: String, reportedAs name: String) throws(FileError) {
    let descriptor = try Self.open(path, O_RDONLY | O_DIRECTORY, reportedAs: name)
    if descriptor < 0 { throw .writing(name, code: errno) }
    (self.descriptor, self.path, self.name) = (descriptor, path, name)
  }

  /// Creates a file that does not exist yet; nil where it does.
  ///
  /// - Parameter mode: The permissions; the process's umask takes away those that the user does not want to
  ///   give.
  init?(creating path: String, reportedAs name: String, mode: mode_t) throws(FileError) {
    let descriptor = try Self.open(path, O_WRONLY | O_CREAT | O_EXCL, mode, reportedAs: name)
    if descriptor < 0 {
      if errno == EEXIST { return nil }
      throw .writing(name, code: errno)
    }
    (self.descriptor, self.path, self.name) = (descriptor, path, name)
  }

  /// Creates a file without a name in a folder: nothing is left of it unless it is given one. Nil where the
  /// folder's file system has no such files.
  init?(namelessIn folder: String, reportedAs name: String, mode: mode_t) throws(FileError) {
    let descriptor = try Self.open(folder, O_WRONLY | temporaryFileFlag, mode, reportedAs: name)
    if descriptor < 0 {
      // Systems that do not know the flag try to open the folder.
      if [EOPNOTSUPP, EISDIR, ENOENT, EINVAL].contains(errno) { return nil }
      throw .writing(name, code: errno)
    }
    (self.descriptor, path, self.name) = (descriptor, folder, name)
  }

  /// Opens a file for reading and for writing at its end; creates it where there is none.
  ///
  /// - Throws: `FileError` where the path is a symbolic link or leads to something other than a regular file,
  ///   or the system fails.
  init(appending path: String) throws(FileError) {
    let flags = O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW
    let descriptor = try Self.open(path, flags, 0o666, reportedAs: path)
    if descriptor < 0 { throw errno == ELOOP ? .writingThroughLink(path) : .writing(path, code: errno) }
    do throws(FileError) {
      _ = try Self.regularFileSize(of: descriptor, named: path)
    } catch {
      close(descriptor)
      throw error
    }
    (self.descriptor, self.path, name) = (descriptor, path, path)
  }

  /// - Returns: A descriptor, negative where the system refuses: `errno` says why.
  private static func open(
    _ path: String, _ flags: Int32, _ mode: mode_t = 0, reportedAs name: String
  ) throws(FileError) -> Int32 {
    try unsafe withSystemPath(path, reportedAs: name) { path in
      var descriptor: Int32
      repeat {
        descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
      } while descriptor < 0 && errno == EINTR
      return descriptor
    }
  }

  /// Takes over a descriptor.
  init(adopting descriptor: Int32, path: String, reportedAs name: String) {
    (self.descriptor, self.path, self.name) = (descriptor, path, name)
  }

  deinit { close(descriptor) }

  package func status() throws(FileError) -> FileStatus { try Self.status(of: descriptor, named: name) }

  private static func status(of descriptor: Int32, named name: String) throws(FileError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .reading(name, code: errno) }
    return FileStatus(status)
  }

  /// The size in bytes of a regular file.
  ///
  /// - Throws: `FileError` for a folder, a pipe, a device.
  package func regularFileSize() throws(FileError) -> Int {
    try Self.regularFileSize(of: descriptor, named: name)
  }

  private static func regularFileSize(of descriptor: Int32, named name: String) throws(FileError) -> Int {
    let status = try status(of: descriptor, named: name)
    switch status.kind {
    case .regularFile: return status.size
    case .folder: throw FileError(path: name, reason: "is a folder, not a file")
    case .symbolicLink, .other: throw FileError(path: name, reason: "is not a regular file")
    }
  }

  /// Reads the next elements, or those from an offset on, as they lie in memory; fewer where the file ends
  /// before.
  ///
  /// - Parameter offset: In bytes. Reading from there does not change which elements are the next.
  package func read<Element: BitwiseCopyable>(
    count: Int, of type: Element.Type, at offset: Int? = nil
  ) throws(FileError) -> [Element] {
    // For none, the standard library would write into the empty array that all threads share.
    if count == 0 { return [] }
    var failure: Int32?
    let size = count * MemoryLayout<Element>.stride
    let elements = unsafe [Element](unsafeUninitializedCapacity: count) { elements, readCount in
      let bytes = UnsafeMutableRawBufferPointer(elements)
      var end = 0
      while end < size {
        let target = unsafe bytes.baseAddress! + end
        let length =
          if let offset {
            unsafe pread(descriptor, target, size - end, off_t(offset + end))
          } else {
            unsafe Glibc.read(descriptor, target, size - end)
          }
        if length == 0 { break }
        if length > 0 {
          end += length
        } else if errno != EINTR {
          failure = errno
          break
        }
      }
      readCount = end / MemoryLayout<Element>.stride
    }
    if let failure { throw .reading(name, code: failure) }
    return elements
  }

  /// Waits for bytes and reads those that are there; none where there will be no more.
  func readSome(limit: Int) throws(FileError) -> [UInt8] {
    var length = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
      repeat {
        length = unsafe Glibc.read(descriptor, bytes.baseAddress, limit)
      } while length < 0 && errno == EINTR
      count = max(0, length)
    }
    guard length >= 0 else { throw .reading(name, code: errno) }
    return bytes
  }

  /// Writes the elements' bytes, as they lie in memory.
  ///
  /// Not through the array's span: optimised builds let go of an array that is read no more once its span's bytes
  /// are taken, and wrote what came to lie there.
  func write<Element: BitwiseCopyable>(_ elements: [Element]) throws(FileError) {
    let failure = unsafe elements.withUnsafeBytes { unsafe write($0) }
    if let failure { throw .writing(name, code: failure) }
  }

  func write(_ bytes: RawSpan) throws(FileError) {
    let failure = unsafe bytes.withUnsafeBytes { unsafe write($0) }
    if let failure { throw .writing(name, code: failure) }
  }

  /// - Returns: The `errno` of a failure.
  private func write(_ buffer: UnsafeRawBufferPointer) -> Int32? {
    var start = 0
    while start < buffer.count {
      let length = unsafe Glibc.write(descriptor, buffer.baseAddress! + start, buffer.count - start)
      if length >= 0 {
        start += length
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  /// Returns once what was written lies on the device.
  func synchronize() throws(FileError) {
    while fsync(descriptor) != 0 {
      // Some network file systems cannot synchronise a folder, and say so.
      if errno == EINVAL { return }
      if errno != EINTR { throw .writing(name, code: errno) }
    }
  }

  /// Cuts the file off, or fills it up with zeros.
  func truncate(to size: Int) throws(FileError) {
    while ftruncate(descriptor, off_t(size)) != 0 {
      if errno != EINTR { throw .writing(name, code: errno) }
    }
  }

  /// Gives the file these permissions, whatever the umask.
  func setMode(_ mode: mode_t) throws(FileError) {
    guard fchmod(descriptor, mode) == 0 else { throw .writing(name, code: errno) }
  }

  /// The path by which the system shows the open file; nil where it has no `/proc`.
  var linkSource: String? {
    let path = "/proc/self/fd/\(descriptor)"
    return isReadable(path) ? path : nil
  }

  /// Gives a nameless file a name; false where the name is taken.
  func link(from source: String, to path: String) throws(FileError) -> Bool {
    let code = try unsafe withSystemPath(path, reportedAs: name) { path in
      unsafe linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
    }
    switch code {
    case 0: return true
    case EEXIST: return false
    default: throw .writing(name, code: code)
    }
  }

  /// Locks the file for this process until it is closed; false where another process has it locked.
  func tryLock() throws(FileError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR { throw .writing(name, code: errno) }
    }
    return true
  }
}

/// Linux's `O_TMPFILE`, a macro that Swift cannot read.
private let temporaryFileFlag: Int32 = 0o20000000 | O_DIRECTORY
