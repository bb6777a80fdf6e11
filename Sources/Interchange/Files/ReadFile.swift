import Glibc

/// Reads a whole regular file.
///
/// - Parameter limit: The most bytes to accept. The default, 16 GiB, keeps the size of a sparse file
///   from being taken for an amount of memory.
/// - Throws: `FileError` where the path leads to no regular file, the file is larger than the limit, or
///   the system fails.
public func readFile(at path: String, limit: Int = 1 << 34) throws(FileError) -> [UInt8] {
  // Without `O_NONBLOCK`, opening a named pipe waits for somebody to write to it.
  let file = try OpenFile(reading: path, reportedAs: path, flags: O_NONBLOCK)
  let status = try file.status()
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR: throw FileError(path: path, reason: "is a folder, not a file")
  default: throw FileError(path: path, reason: "is not a regular file")
  }
  let size = Int(status.st_size)
  guard size <= limit else {
    throw FileError(path: path, reason: "has \(size) bytes; at most \(limit) can be read")
  }
  return try file.read(limit: size)
}
