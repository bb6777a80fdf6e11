import CZlib

/// The CRC-32 of bytes as zlib, PNG and gzip have it: Python's `zlib.crc32`. It finds damage, not attackers.
public struct CRC32: Hashable, Sendable {
  public private(set) var value: UInt32 = 0

  public init() {}

  public init(_ bytes: [UInt8]) { update(bytes) }

  /// Goes on with the elements' bytes, as they lie in memory.
  public mutating func update<Element: BitwiseCopyable>(_ elements: [Element]) {
    unsafe elements.withUnsafeBytes { unsafe update($0) }
  }

  public mutating func update(_ bytes: RawSpan) { unsafe bytes.withUnsafeBytes { unsafe update($0) } }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // zlib begins anew where there is no address.
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    value = unsafe UInt32(
      truncatingIfNeeded: crc32_z(UInt(value), start.assumingMemoryBound(to: UInt8.self), bytes.count))
  }

  /// Eight digits: `00c0ffee`.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
