import CZlib

/// The CRC-32 of bytes as zlib, PNG and gzip have it: Python's `zlib.crc32`. It finds damage, not attackers.
public struct CRC32: Hashable, Sendable {
  public private(set) var value: UInt32 = 0

  public init() {}

  public init(_ bytes: [UInt8]) { unsafe update(bytes.span.bytes) }

  public mutating func update(_ bytes: RawSpan) {
    let before = UInt(value)
    value = unsafe bytes.withUnsafeBytes { buffer in
      // zlib begins anew where there is no address.
      guard let start = buffer.baseAddress, buffer.count > 0 else { return UInt32(before) }
      return unsafe UInt32(
        truncatingIfNeeded: crc32_z(before, start.assumingMemoryBound(to: UInt8.self), buffer.count))
    }
  }

  /// Eight digits: `00c0ffee`.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
