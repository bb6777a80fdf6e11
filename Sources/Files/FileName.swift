import Glibc

/// Names of files as texts, whatever bytes they have.
///
/// A name is bytes, and a text is UTF-8. The bytes of a name that are no UTF-8, as those of an old archive in
/// Latin-1, stand in the text as characters from U+10FF80 to U+10FFFF, the byte in the last two digits; so a
/// text leads back to the very bytes that it was made of. Unicode sets that range aside for private use.
/// Source: the idea is that of Python's PEP 383, whose lone surrogates a Swift text cannot hold.
public enum FileName {
  private static let firstEscape: UInt32 = 0x10FF80
  private static let lastEscape: UInt32 = 0x10FFFF

  /// The text of a name's bytes.
  public static func text(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !mayHoldEscapes(text) { return text }
    var scalars = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        let end = position + encoded.count
        if escapedByte(scalar) == nil {
          scalars.append(scalar)
        } else {
          // A name that really has such a character: its bytes are escaped, so that they come back.
          for byte in bytes[position..<end] { scalars.append(escape(byte)) }
        }
        position = end
      case .error(let length):
        for byte in bytes[position..<position + length] { scalars.append(escape(byte)) }
        position += length
      case .emptyInput: return String(scalars)
      }
    }
  }

  /// The bytes of a name's text.
  public static func bytes(of text: String) -> [UInt8] {
    guard mayHoldEscapes(text) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = escapedByte(scalar) { bytes.append(byte) } else { bytes += Array(UTF8.encode(scalar)!) }
    }
    return bytes
  }

  /// The byte that a character stands for; nil where it stands for itself.
  public static func escapedByte(_ scalar: Unicode.Scalar) -> UInt8? {
    (firstEscape...lastEscape).contains(scalar.value) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    // Bytes below 0x80 are UTF-8 by themselves.
    Unicode.Scalar(firstEscape + UInt32(byte & 0x7F))!
  }

  /// Whether a text has a character that begins as the escapes do: nearly none has.
  private static func mayHoldEscapes(_ text: String) -> Bool { text.utf8.contains(0xF4) }

  /// Whether one name comes before another in the order of their bytes.
  static func precedes(_ first: String, _ second: String) -> Bool {
    mayHoldEscapes(first) || mayHoldEscapes(second)
      ? bytes(of: first).lexicographicallyPrecedes(bytes(of: second))
      : first.utf8.lexicographicallyPrecedes(second.utf8)
  }
}

/// Calls the body with a path as the system takes it.
///
/// - Throws: `FileError` where the path has a NUL, behind which the system would not look.
func withSystemPath<Result>(
  _ path: String, reportedAs name: String? = nil, _ body: (UnsafePointer<CChar>) throws(FileError) -> Result
) throws(FileError) -> Result {
  let bytes = FileName.bytes(of: path)
  guard !bytes.contains(0) else {
    throw FileError(path: name ?? path, reason: "is no file's name: it holds a NUL character")
  }
  let characters = bytes.map { CChar(bitPattern: $0) } + [0]
  return try unsafe characters.withUnsafeBufferPointer { (buffer) throws(FileError) in
    try unsafe body(buffer.baseAddress!)
  }
}

/// The text of a name that the system gave.
func fileName(_ name: UnsafePointer<CChar>) -> String {
  unsafe FileName.text(
    of: UnsafeBufferPointer(start: name, count: strlen(name)).map { UInt8(bitPattern: $0) })
}
