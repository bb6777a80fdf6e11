/// Reads a whole regular file.
///
/// - Parameter limit: The most bytes to accept. The default, 16 GiB, keeps the size of a sparse file
///   from being taken for an amount of memory.
/// - Throws: `FileError` where the path leads to no regular file, the file is larger than the limit, or
///   the system fails.
public func readFile(at path: String, limit: Int = 1 << 34) throws(FileError) -> [UInt8] {
  let file = try OpenFile(reading: path)
  let size = try file.regularFileSize()
  guard size <= limit else {
    throw FileError(path: path, reason: "has \(size) bytes; at most \(limit) can be read")
  }
  return try file.read(count: size, of: UInt8.self)
}

/// Reads what a path leads to up to its end: a regular file, a pipe, a terminal. It waits for whoever writes.
///
/// - Parameter limit: The most bytes to read; one more tells that there are more.
/// - Throws: `FileError` where the path leads to nothing or to a folder, or the system fails.
public func readStream(at path: String, limit: Int) throws(FileError) -> [UInt8] {
  let file =
    try FileStatus(ofFileAt: path)?.kind == .other ? OpenFile(waitingFor: path) : OpenFile(reading: path)
  if try file.status().kind == .folder { throw FileError(path: path, reason: "is a folder, not a file") }
  var bytes: [UInt8] = []
  while bytes.count <= limit {
    let part = try file.read(count: min(limit + 1 - bytes.count, 1 << 16), of: UInt8.self)
    if part.isEmpty { break }
    bytes += part
  }
  return bytes
}
