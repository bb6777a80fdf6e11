import Files

/// SHA-256 of bytes: names a file's contents. Source: NIST, FIPS 180-4.
public struct SHA256: Hashable, Sendable {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// 64 digits.
  public var text: String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  public init(_ message: [UInt8]) {
    var state = Self.start
    Self.absorb(message, into: &state)
    bytes = Self.finish(&state, message[(message.count & ~63)...], length: message.count)
  }

  /// - Throws: `FileError` where the path leads to no regular file, or it cannot be read.
  public init(ofFileAt path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    _ = try file.regularFileSize()
    try self.init { count, offset throws(FileError) in
      try file.read(count: count, of: UInt8.self, at: offset)
    }
  }

  /// The checksum of what is read part by part.
  ///
  /// - Parameter read: Gives as many bytes from an offset on; fewer where there are no more.
  public init(
    reading read: (_ count: Int, _ offset: Int) throws(FileError) -> [UInt8]
  ) throws(FileError) {
    let partSize = 1 << 20
    var state = Self.start
    var length = 0
    while true {
      let part = try read(partSize, length)
      length += part.count
      Self.absorb(part, into: &state)
      if part.count < partSize {
        bytes = Self.finish(&state, part[(part.count & ~63)...], length: length)
        return
      }
    }
  }

  private static let start: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  /// All whole blocks of 64 bytes.
  private static func absorb(_ message: [UInt8], into state: inout [UInt32]) {
    var schedule = [UInt32](repeating: 0, count: 64)
    let bytes = message.span
    for start in stride(from: 0, to: message.count & ~63, by: 64) {
      for word in 0..<16 {
        let place = start + 4 * word
        schedule[word] =
          UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16 | UInt32(bytes[place + 2]) << 8
          | UInt32(bytes[place + 3])
      }
      compress(&schedule, into: &state)
    }
  }

  private static func compress(_ w: inout [UInt32], into state: inout [UInt32]) {
    func turned(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }
    for t in 16..<64 {
      let (x, y) = (w[t - 15], w[t - 2])
      let small = turned(x, 7) ^ turned(x, 18) ^ x >> 3
      let large = turned(y, 17) ^ turned(y, 19) ^ y >> 10
      w[t] = w[t - 16] &+ small &+ w[t - 7] &+ large
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for t in 0..<64 {
      let first =
        h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ (e & f ^ ~e & g) &+ constants[t] &+ w[t]
      let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  private static func finish(
    _ state: inout [UInt32], _ rest: ArraySlice<UInt8>, length: Int
  ) -> [UInt8] {
    var last = Array(rest) + [0x80]
    while last.count % 64 != 56 { last.append(0) }
    last += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (length * 8) >> ($0 * 8)) }
    absorb(last, into: &state)
    return state.flatMap { word in (0..<4).reversed().map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }
}
