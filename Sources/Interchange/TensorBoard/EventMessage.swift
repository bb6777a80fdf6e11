/// A message of protocol buffers, field by field.
struct EventMessage {
  private(set) var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func tag(_ field: Int, _ wireType: Int) { varint(UInt64(field << 3 | wireType)) }

  mutating func set(_ field: Int, _ value: Int) {
    tag(field, 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func set(_ field: Int, _ value: Double) {
    tag(field, 1)
    bytes += Self.littleEndian(value.bitPattern)
  }

  mutating func set(_ field: Int, _ value: Float) {
    tag(field, 5)
    bytes += Self.littleEndian(value.bitPattern)
  }

  mutating func set(_ field: Int, _ value: [UInt8]) {
    tag(field, 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func set(_ field: Int, _ value: String) { set(field, Array(value.utf8)) }

  mutating func set(_ field: Int, _ build: (inout EventMessage) -> Void) {
    var message = EventMessage()
    build(&message)
    set(field, message.bytes)
  }

  static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
  }
}
