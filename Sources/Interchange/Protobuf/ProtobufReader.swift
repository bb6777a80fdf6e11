/// Reads the fields of one protobuf message from front to back, whatever their order.
///
/// Nothing is copied: strings, bytes and messages are slices of what is read. Every length is compared with the
/// bytes that are there before anything else happens.
public struct ProtobufReader {
  /// A field as it lies on the wire.
  public struct Field {
    public var number: Int
    public var value: Value
    /// Where the field begins, in bytes from the beginning of the file.
    public var offset: Int
  }

  public enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A string, bytes, a message, or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  private let bytes: ArraySlice<UInt8>
  private var offset: Int

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  /// The next field; nil at the end.
  ///
  /// - Throws: `MalformedText` that says at which byte the message breaks a rule.
  public mutating func next() throws(MalformedText) -> Field? {
    guard offset < bytes.endIndex else { return nil }
    let start = offset
    let tag = try readVarint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw wrong("has a field of number \(tag >> 3)", start) }
    let number = Int(tag >> 3)
    let value: Value
    switch tag & 7 {
    case 0: value = .varint(try readVarint())
    case 1: value = .fixed64(try readFixed(8))
    case 2:
      let length = try readVarint()
      guard length <= UInt64(bytes.endIndex - offset) else {
        throw wrong("has a field of \(length) bytes, of which \(bytes.endIndex - offset) are there", start)
      }
      let end = offset + Int(length)
      value = .bytes(bytes[offset..<end])
      offset = end
    case 5: value = .fixed32(UInt32(try readFixed(4)))
    default: throw wrong("has a field of the unknown wire type \(tag & 7)", start)
    }
    return Field(number: number, value: value, offset: start)
  }

  private mutating func readVarint() throws(MalformedText) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < bytes.endIndex else { throw wrong("ends within a number", start) }
      let byte = bytes[offset]
      offset += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw wrong("has a number of more than 64 bits", start)
  }

  private mutating func readFixed(_ count: Int) throws(MalformedText) -> UInt64 {
    guard bytes.endIndex - offset >= count else { throw wrong("ends within a number", offset) }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    offset += count
    return value
  }

  private func wrong(_ reason: String, _ offset: Int) -> MalformedText {
    MalformedText(reason: "\(reason), at byte \(offset)")
  }
}

extension ProtobufReader.Field {
  /// A whole number.
  public func integer() throws(MalformedText) -> Int64 {
    guard case .varint(let value) = value else { throw mistyped("a whole number") }
    return Int64(bitPattern: value)
  }

  public func float() throws(MalformedText) -> Float {
    guard case .fixed32(let value) = value else { throw mistyped("a 32-bit float") }
    return Float(bitPattern: value)
  }

  /// Bytes, or the fields of a message.
  public func bytes() throws(MalformedText) -> ArraySlice<UInt8> {
    guard case .bytes(let value) = value else { throw mistyped("bytes") }
    return value
  }

  /// - Parameter limit: The most bytes to accept.
  public func string(limit: Int) throws(MalformedText) -> String {
    let bytes = try bytes()
    guard bytes.count <= limit else {
      throw MalformedText(
        reason: "has a text of \(bytes.count) bytes where \(limit) are allowed, at byte \(offset)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw MalformedText(reason: "has a text that is not UTF-8, at byte \(offset)")
    }
    return text
  }

  /// One number, or packed ones.
  ///
  /// - Parameter limit: The most to accept.
  public func integers(limit: Int) throws(MalformedText) -> [Int64] {
    guard case .bytes(let packed) = value else { return [try integer()] }
    var values: [Int64] = []
    var reader = PackedVarints(packed)
    while let value = try reader.next() {
      guard values.count < limit else {
        throw MalformedText(reason: "has a list of more than \(limit) numbers, at byte \(offset)")
      }
      values.append(Int64(bitPattern: value))
    }
    return values
  }

  /// One float, or packed ones.
  public func floats(limit: Int) throws(MalformedText) -> [Float] {
    guard case .bytes(let packed) = value else { return [try float()] }
    guard packed.count % 4 == 0, packed.count / 4 <= limit else {
      throw MalformedText(reason: "has a list of floats of \(packed.count) bytes, at byte \(offset)")
    }
    return Interchange.values(of: packed, as: Float.self)
  }

  private func mistyped(_ expected: String) -> MalformedText {
    MalformedText(reason: "has in field \(number) no \(expected), at byte \(offset)")
  }
}

/// Numbers that follow each other without tags.
struct PackedVarints {
  private let bytes: ArraySlice<UInt8>
  private var offset: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  mutating func next() throws(MalformedText) -> UInt64? {
    guard offset < bytes.endIndex else { return nil }
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < bytes.endIndex else { break }
      let byte = bytes[offset]
      offset += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw MalformedText(reason: "has a list with a broken number, at byte \(offset)")
  }
}

/// Bytes as the numbers that they hold, as they lie in memory.
///
/// - Precondition: The bytes are those of whole numbers.
func values<Number: BitwiseCopyable>(of bytes: ArraySlice<UInt8>, as type: Number.Type) -> [Number] {
  let size = MemoryLayout<Number>.stride
  precondition(bytes.count % size == 0, "the bytes of whole numbers")
  // For none, the standard library would write into the empty array that all threads share.
  if bytes.isEmpty { return [] }
  return unsafe [Number](unsafeUninitializedCapacity: bytes.count / size) { buffer, count in
    unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
    count = bytes.count / size
  }
}

/// The bytes of numbers, as they lie in memory.
func bytes<Number: BitwiseCopyable>(of values: [Number]) -> [UInt8] {
  unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
}
