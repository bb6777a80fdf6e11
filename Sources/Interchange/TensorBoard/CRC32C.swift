/// The checksum of Castagnoli's polynomial, which TensorBoard's records carry.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    var value = UInt32(byte)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    return value
  }

  static func of(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8 }
    return ~value
  }

  /// Turned and moved, so that the checksum of data that holds checksums is none of them. Source: TensorFlow's
  /// `lib/hash/crc32c.h`.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let value = of(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
