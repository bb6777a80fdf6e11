import CZlib

/// Decompresses a gzip file's bytes; several members one after another make one text (RFC 1952).
///
/// - Parameters:
///   - path: The file that errors name.
///   - limit: The most bytes to give: a small file may stand for any amount.
/// - Throws: `FileError` where the bytes are no gzip file, a damaged one, or one that exceeds the limit.
public func gunzip(_ bytes: [UInt8], path: String, limit: Int) throws(FileError) -> [UInt8] {
  try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
    // zlib keeps the structure's address between its calls.
    var stream = unsafe z_stream()
    return try unsafe withUnsafeMutablePointer(to: &stream) { stream throws(FileError) in
      try unsafe inflateMembers(of: bytes, using: stream, path: path, limit: limit)
    }
  }
}

/// Whether bytes begin as a gzip file does.
func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

private func inflateMembers(
  of bytes: UnsafeBufferPointer<UInt8>, using stream: UnsafeMutablePointer<z_stream>, path: String,
  limit: Int
) throws(FileError) -> [UInt8] {
  func damaged(_ reason: String) -> FileError {
    FileError(path: path, reason: "is not a valid gzip file: \(reason)")
  }
  guard let start = bytes.baseAddress, !bytes.isEmpty else { throw damaged("it is empty") }
  // The largest window, and the format with gzip's header and checksum.
  let windowBits: Int32 = 15 + 16
  let size = unsafe Int32(MemoryLayout<z_stream>.size)
  let isReady = unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK
  precondition(isReady, "zlib has no memory")
  defer { unsafe inflateEnd(stream) }

  var result: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  var position = 0
  repeat {
    // zlib counts with 32 bits.
    let available = min(bytes.count - position, 1 << 30)
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start + position)
    unsafe stream.pointee.avail_in = uInt(available)
    var (status, written) = (Z_OK, 0)
    unsafe chunk.withUnsafeMutableBufferPointer { chunk in
      unsafe stream.pointee.next_out = chunk.baseAddress
      unsafe stream.pointee.avail_out = uInt(chunk.count)
      status = unsafe inflate(stream, Z_NO_FLUSH)
      written = unsafe chunk.count - Int(stream.pointee.avail_out)
    }
    position += unsafe available - Int(stream.pointee.avail_in)
    guard written <= limit - result.count else {
      throw FileError(path: path, reason: "has more than \(limit) bytes when decompressed")
    }
    result += chunk[..<written]
    switch status {
    case Z_OK: break
    case Z_STREAM_END:
      // Tapes and block devices fill the last block with zeros.
      if unsafe bytes[position...].allSatisfy({ $0 == 0 }) { return result }
      unsafe inflateReset(stream)
    case Z_BUF_ERROR: throw damaged("it is cut short")
    default: throw damaged(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "error \(status)")
    }
  } while true
}
