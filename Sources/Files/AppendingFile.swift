/// A file that grows at its end in wholes: what fails to be appended leaves no part behind.
public struct AppendingFile: ~Copyable, Sendable {
  private let file: OpenFile
  /// In bytes.
  public private(set) var size: Int

  /// Opens a file, and creates it where there is none.
  ///
  /// - Throws: `FileError` where the path leads to something other than a regular file, or the system
  ///   fails.
  public init(path: String) throws(FileError) {
    let file = try OpenFile(appending: path)
    let size = try file.regularFileSize()
    self.file = file
    self.size = size
  }

  /// - Throws: `FileError` where the system fails; the file is then as before.
  public mutating func append(_ bytes: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try file.write(bytes)
      size += bytes.count
    } catch {
      // A full disk may have taken a part. Cutting it off needs no space; where even that fails, the
      // error that led here says more.
      try? file.truncate(to: size)
      throw error
    }
  }

  /// Cuts off what lies behind the first `size` bytes.
  public mutating func truncate(to size: Int) throws(FileError) {
    precondition(size <= self.size, "truncation lengthens no file")
    try file.truncate(to: size)
    self.size = size
  }

  /// Returns once what was appended lies on the device.
  public func synchronize() throws(FileError) { try file.synchronize() }
}
