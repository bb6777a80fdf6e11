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
