/// A file that stays open, any part of which can be read from any thread.
package final class RandomAccessFile: Sendable {
  private let file: OpenFile

  package init(_ file: consuming OpenFile) { self.file = file }

  /// Reads bytes that the file had when it was opened.
  ///
  /// - Throws: `FileError` where the system fails, or where the file has become shorter since.
  package func read(count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    let bytes = try file.read(count: count, of: UInt8.self, at: offset)
    guard bytes.count == count else {
      throw FileError(path: file.path, reason: "has become shorter since it was opened")
    }
    return bytes
  }
}
