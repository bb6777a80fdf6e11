import Files

/// The bytes of a file from its beginning on, for decoders that take them as they come: of the file a part at
/// a time is in memory, and what they do not ask for is not read.
@safe final class ByteStream {
  private let file: OpenFile?
  private var part: [UInt8]
  private var used = 0
  /// The file's size in bytes.
  let size: Int
  /// Why the file could not be read any further; to its decoder it then ends there.
  private(set) var failure: FileError?

  private static let partSize = 1 << 16

  /// - Throws: `FileError` where the path leads to no regular file that can be read.
  init(contentsOf path: String) throws(FileError) {
    let opened = try OpenFile(reading: path)
    size = try opened.regularFileSize()
    part = []
    file = consume opened
  }

  init(_ bytes: [UInt8]) {
    file = nil
    part = bytes
    size = bytes.count
  }

  /// The first bytes, which stay to be read; fewer where there are not as many.
  ///
  /// - Precondition: Nothing was read yet.
  func beginning(_ count: Int) throws(FileError) -> [UInt8] {
    precondition(used == 0 && count <= Self.partSize, "the beginning is looked at first")
    if part.isEmpty { part = try file?.read(count: Self.partSize, of: UInt8.self) ?? [] }
    return Array(part.prefix(count))
  }

  /// Reads the next bytes; fewer than there is room for only at the file's end.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var filled = 0
    while filled < buffer.count {
      if used == part.count {
        guard let next = nextPart() else { break }
        (part, used) = (next, 0)
      }
      let count = min(buffer.count - filled, part.count - used)
      for offset in 0..<count { unsafe buffer[filled + offset] = part[used + offset] }
      filled += count
      used += count
    }
    return filled
  }

  private func nextPart() -> [UInt8]? {
    if failure != nil { return nil }
    do {
      guard let next = try file?.read(count: Self.partSize, of: UInt8.self), !next.isEmpty else { return nil }
      return next
    } catch {
      failure = error
      return nil
    }
  }

  /// Calls the body with this stream as C's callbacks take it. They are to use it during the body alone, or
  /// as long as the stream lives.
  var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

  /// What C's decoders read with.
  static let callback: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int = {
    context, buffer, count in
    guard let context = unsafe context, let buffer = unsafe buffer else { return 0 }
    let stream = unsafe Unmanaged<ByteStream>.fromOpaque(context).takeUnretainedValue()
    return unsafe stream.read(into: UnsafeMutableBufferPointer(start: buffer, count: count))
  }
}
