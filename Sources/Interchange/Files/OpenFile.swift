import Glibc

/// A file descriptor that is closed when the value ends.
struct OpenFile: ~Copyable {
  private let descriptor: Int32
  let path: String
  /// The path that errors name: the user's, where `path` is one that the user never saw.
  private let name: String

  init(reading path: String, reportedAs name: String? = nil) throws(FileError) {
    self.path = path
    self.name = name ?? path
    // Without `O_NONBLOCK`, opening a named pipe waits for somebody to write to it.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw .reading(self.name, code: errno) }
  }

  /// Creates a file that does not exist yet; nil where it does.
  init?(creating path: String, reportedAs name: String) throws(FileError) {
    self.path = path
    self.name = name
    // The process's umask takes away the permissions that the user does not want to give.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 {
      if errno == EEXIST { return nil }
      throw .writing(name, code: errno)
    }
    self.descriptor = descriptor
  }

  /// Opens a file for reading and for writing at its end; creates it where there is none.
  init(appending path: String) throws(FileError) {
    self.path = path
    name = path
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
    if descriptor < 0 { throw .writing(path, code: errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The size in bytes of a regular file.
  ///
  /// - Throws: `FileError` for a folder, a pipe, a device.
  func regularFileSize() throws(FileError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .reading(name, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw FileError(path: name, reason: "is a folder, not a file")
    default: throw FileError(path: name, reason: "is not a regular file")
    }
  }

  /// Reads the next elements, or those from an offset on, as they lie in memory; fewer where the file ends
  /// before.
  ///
  /// - Parameter offset: In bytes. Reading from there does not change which elements are the next.
  func read<Element: BitwiseCopyable>(
    count: Int, of type: Element.Type, at offset: Int? = nil
  ) throws(FileError) -> [Element] {
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

  func write(_ bytes: RawSpan) throws(FileError) {
    let failure: Int32? = unsafe bytes.withUnsafeBytes { buffer in
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
    if let failure { throw .writing(name, code: failure) }
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

  /// Locks the file for this process until it is closed; false where another process has it locked.
  func tryLock() throws(FileError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR { throw .writing(name, code: errno) }
    }
    return true
  }
}
