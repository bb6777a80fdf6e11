/// A file that arrives in parts, over several processes if need be, and has its name only once it is whole.
///
/// Until then the parts lie in `<path>.part`, which is kept when the value ends: whoever opens it again goes on
/// behind what is there. One process at a time can.
public struct PartialFile: ~Copyable {
  /// Where the whole file will stand.
  public let path: String
  /// How much of it is there, in bytes.
  public private(set) var size: Int
  private let file: OpenFile
  private let partPath: String

  /// Opens the parts that there are, or begins with none.
  ///
  /// - Throws: `FileError` where the path is taken, another process holds the parts, or the system fails.
  public init(path: String) throws(FileError) {
    try checkDestination(path, .nothing)
    let partPath = path + ".part"
    let file = try OpenFile(appending: partPath)
    // The name may have come to stand for another file until the lock was had.
    guard try file.tryLock(), try FileStatus(ofFileAt: partPath)?.identity == file.status().identity else {
      throw FileError(path: partPath, reason: "is in use by another process", category: .busy)
    }
    size = try file.regularFileSize()
    self.file = file
    (self.path, self.partPath) = (path, partPath)
  }

  /// Appends the next bytes.
  public mutating func append(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes)
    size += bytes.count
  }

  /// Forgets what is there.
  public mutating func restart() throws(FileError) {
    try file.truncate(to: 0)
    size = 0
  }

  /// The parts' bytes from an offset on, at most `count` of them.
  public func read(count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try file.read(count: count, of: UInt8.self, at: offset)
  }

  /// Gives the file its name, on the device too.
  ///
  /// - Throws: `FileError` where there is a file of that name by now, or the system fails; the parts stay.
  public consuming func commit() throws(FileError) {
    try file.synchronize()
    try moveFile(partPath, to: path, .nothing)
    try OpenFile(folder: folder(of: path), reportedAs: path).synchronize()
  }

  /// Removes the parts.
  public consuming func discard() throws(FileError) { try removeFile(at: partPath) }
}
