import CZlib
import Files

/// Reads what a gzip file holds from its beginning to its end; several members one after another make one
/// text (RFC 1952).
///
/// Of the file it keeps a part at a time, and nothing of the text: how much memory reading takes is up to
/// the caller.
@safe public final class GzipReader {
  private enum Position {
    case inMember, betweenMembers
    /// Tapes and block devices fill the last block with zeros.
    case inPadding
    case atEnd
  }

  private let path: String
  /// Nil where all compressed bytes are in the first part.
  private let file: OpenFile?
  /// Compressed bytes, of which the first `used` have been read.
  private var part: [UInt8]
  private var used = 0
  private var isLastPart: Bool
  private var position = Position.inMember
  /// zlib keeps the structure's address between its calls.
  private let stream: UnsafeMutablePointer<z_stream>

  /// The most that one byte of a gzip file can stand for, by the design of its compression.
  static let greatestRatio = 1032

  static let partSize = 1 << 18
  private let partSize: Int

  /// Reads compressed bytes that lie in memory.
  ///
  /// - Parameter path: The file that errors name.
  public convenience init(_ bytes: [UInt8], path: String) {
    self.init(file: nil, firstPart: bytes, path: path)
  }

  /// Goes on with a file whose first bytes were read.
  ///
  /// - Parameter partSize: How many bytes of the file are read at a time.
  convenience init(_ file: consuming OpenFile, firstBytes: [UInt8], partSize: Int = partSize) {
    let path = file.path
    self.init(file: file, firstPart: firstBytes, path: path, partSize: partSize)
  }

  private init(
    file: consuming OpenFile?, firstPart: [UInt8], path: String, partSize: Int = partSize
  ) {
    self.partSize = partSize
    isLastPart = file == nil
    self.file = file
    self.path = path
    part = firstPart
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // The largest window, and the format with gzip's header and checksum.
    let windowBits: Int32 = 15 + 16
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    let isReady = unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK
    precondition(isReady, "zlib has no memory")
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Reads the next bytes of the text; fewer where it ends before.
  ///
  /// - Throws: `FileError` where the file is no gzip file, a damaged one, or cannot be read.
  public func read(count: Int) throws(FileError) -> [UInt8] {
    // For none, the standard library would write into the empty array that all threads share.
    if count == 0 { return [] }
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        while filled < count, position != .atEnd {
          filled += unsafe try readSome(into: UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Passes over the rest of the text, which shows whether it is sound.
  ///
  /// - Returns: How many bytes it had; more than the limit where it has more.
  /// - Throws: As `read` does.
  public func skipRest(limit: Int) throws(FileError) -> Int {
    var count = 0
    while position != .atEnd, count <= limit { count += try read(count: Self.partSize).count }
    return count
  }

  /// Fills the beginning of a buffer that is not empty, and says how far; zero does not mean the end.
  private func readSome(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
    if used == part.count { try readPart() }
    switch position {
    case .inMember: return try unsafe inflateSome(into: buffer)
    case .betweenMembers:
      if used == part.count {
        if isLastPart { position = .atEnd }
      } else if part[used] == 0 {
        position = .inPadding
      } else {
        unsafe inflateReset(stream)
        position = .inMember
      }
    case .inPadding:
      guard part[used...].allSatisfy({ $0 == 0 }) else { throw damaged("incorrect header check") }
      used = part.count
      if isLastPart { position = .atEnd }
    case .atEnd: break
    }
    return 0
  }

  private func inflateSome(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
    if part.isEmpty { throw damaged("it is empty") }
    // zlib counts with 32 bits.
    let (given, space) = (min(part.count - used, 1 << 30), min(buffer.count, 1 << 30))
    var status = Z_OK
    unsafe part.withUnsafeBufferPointer { part in
      unsafe stream.pointee.next_in = part.baseAddress.map {
        unsafe UnsafeMutablePointer(mutating: $0 + used)
      }
      unsafe stream.pointee.avail_in = uInt(given)
      unsafe stream.pointee.next_out = buffer.baseAddress
      unsafe stream.pointee.avail_out = uInt(space)
      status = unsafe inflate(stream, Z_NO_FLUSH)
    }
    used += unsafe given - Int(stream.pointee.avail_in)
    switch status {
    case Z_OK: break
    case Z_STREAM_END: position = .betweenMembers
    // It can do nothing without more of the file.
    case Z_BUF_ERROR: if isLastPart, used == part.count { throw damaged("it is cut short") }
    default: throw damaged(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "error \(status)")
    }
    return unsafe space - Int(stream.pointee.avail_out)
  }

  /// Replaces the part that has been used up, unless it is the last; an empty part is the file's end.
  private func readPart() throws(FileError) {
    guard !isLastPart, let next = try file?.read(count: partSize, of: UInt8.self) else { return }
    if next.isEmpty { isLastPart = true } else { (part, used) = (next, 0) }
  }

  private func damaged(_ reason: String) -> FileError {
    FileError(path: path, reason: "is not a valid gzip file: \(reason)")
  }
}

/// Whether bytes begin as a gzip file does.
func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }
