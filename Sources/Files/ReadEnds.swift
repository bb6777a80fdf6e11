/// The size of a regular file, and its first and last bytes, one behind the other; the whole of a short one.
///
/// - Parameter count: How many bytes of each end at most.
/// - Throws: `FileError` where the path leads to no regular file, or the system fails.
public func readEnds(ofFile path: String, count: Int) throws(FileError) -> (size: Int, bytes: [UInt8]) {
  let file = try OpenFile(reading: path)
  let size = try file.regularFileSize()
  guard size > 2 * count else { return (size, try file.read(count: size, of: UInt8.self, at: 0)) }
  let first = try file.read(count: count, of: UInt8.self, at: 0)
  return (size, first + (try file.read(count: count, of: UInt8.self, at: size - count)))
}
