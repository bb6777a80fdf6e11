/// Bytes of a protobuf message, field by field in the order of the calls.
///
/// Source: https://protobuf.dev/programming-guides/encoding.
public struct ProtobufWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// A number, an enumeration's case or a Boolean; negative ones take ten bytes.
  public mutating func varint(_ field: Int, _ value: Int64) {
    tag(field, wireType: 0)
    append(UInt64(bitPattern: value))
  }

  /// A 32-bit float.
  public mutating func float(_ field: Int, _ value: Float) {
    tag(field, wireType: 5)
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
    }
  }

  /// A 64-bit float.
  public mutating func double(_ field: Int, _ value: Double) {
    tag(field, wireType: 1)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
    }
  }

  public mutating func string(_ field: Int, _ text: String) {
    data(field, Array(text.utf8))
  }

  public mutating func data(_ field: Int, _ data: some Collection<UInt8>) {
    tag(field, wireType: 2)
    append(UInt64(data.count))
    bytes += data
  }

  /// A message inside of this one.
  public mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    write(&inner)
    data(field, inner.bytes)
  }

  private mutating func tag(_ field: Int, wireType: Int) {
    precondition(field > 0, "protobuf's fields are numbered from one")
    append(UInt64(field << 3 | wireType))
  }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
