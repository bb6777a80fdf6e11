import Glibc

/// A file descriptor that is closed when the value ends.
struct OpenFile: ~Copyable {
  private let descriptor: Int32
  let path: String
  /// The path that errors name: the user's, where `path` is one that the user never saw.
  private let name: String

  init(reading path: String, reportedAs name: String, flags: Int32 = 0) throws(FileError) {
    self.path = path
    self.name = name
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | flags)
    if descriptor < 0 { throw .reading(name, code: errno) }
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

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func status() throws(FileError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .reading(name, code: errno) }
    return status
  }

  /// Reads up to `limit` bytes, fewer where the file ends before.
  func read(limit: Int) throws(FileError) -> [UInt8] {
    var failure: Int32?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      while count < limit {
        let length = unsafe Glibc.read(descriptor, buffer.baseAddress! + count, limit - count)
        if length == 0 { break }
        if length > 0 {
          count += length
        } else if errno != EINTR {
          failure = errno
          break
        }
      }
    }
    if let failure { throw .reading(name, code: failure) }
    return bytes
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
}
