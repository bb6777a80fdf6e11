import Files

/// Reads the files of a tar archive that gzip compressed, one after another.
///
/// Source: POSIX.1-2024, `pax`, "ustar Interchange Format". Names that need its extensions are given as they stand in
/// the header, cut short.
public struct TarReader: ~Copyable {
  private static let blockSize = 512

  private let path: String
  private let text: GzipReader
  /// What of the file before has not been read yet, its padding included.
  private var unread = 0

  /// - Throws: `FileError` where the path leads to no regular file, or it cannot be read.
  public init(gzipAt path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    _ = try file.regularFileSize()
    self.path = path
    text = GzipReader(file, firstBytes: [])
  }

  /// Goes on to the next regular file; nil where the archive ends.
  ///
  /// - Returns: Its name, and its size in bytes.
  /// - Throws: `FileError` where the archive is damaged or cannot be read.
  public mutating func next() throws(FileError) -> (name: String, size: Int)? {
    while true {
      try skip(unread)
      unread = 0
      let header = try text.read(count: Self.blockSize)
      guard header.count == Self.blockSize else { throw damaged("it is cut short") }
      if header.allSatisfy({ $0 == 0 }) { return nil }
      guard let size = Self.octal(header[124..<136]), size <= 1 << 40 else {
        throw damaged("a file's size is no number")
      }
      unread = (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize
      // Of old archives a regular file has no type.
      guard header[156] == UInt8(ascii: "0") || header[156] == 0 else { continue }
      return (FileName.text(of: Array(header[..<100].prefix { $0 != 0 })), size)
    }
  }

  /// The next bytes of the file that `next` came to.
  ///
  /// - Precondition: It has as many left.
  public mutating func read(count: Int) throws(FileError) -> [UInt8] {
    precondition(count <= unread, "there is no more of this file")
    let bytes = try text.read(count: count)
    guard bytes.count == count else { throw damaged("it is cut short") }
    unread -= count
    return bytes
  }

  private func skip(_ count: Int) throws(FileError) {
    var left = count
    while left > 0 {
      let part = try text.read(count: min(left, 1 << 18))
      if part.isEmpty { throw damaged("it is cut short") }
      left -= part.count
    }
  }

  /// A number in octal digits, ended by a blank or zero.
  private static func octal(_ digits: ArraySlice<UInt8>) -> Int? {
    let text = String(decoding: digits.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }, as: UTF8.self)
    return Int(text, radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }

  private func damaged(_ reason: String) -> FileError {
    FileError(path: path, reason: "is not a valid tar archive: \(reason)")
  }
}
