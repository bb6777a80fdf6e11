import CZlib

/// A PNG file's signature, then the chunks with their lengths and checksums.
func pngBytes(_ chunks: (type: String, data: [UInt8])...) -> [UInt8] {
  [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    + chunks.flatMap { chunk in
      let body = Array(chunk.type.utf8) + chunk.data
      let checksum = unsafe crc32(0, body, uInt(body.count))
      return bigEndian(UInt32(chunk.data.count)) + body + bigEndian(UInt32(checksum))
    }
}

func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

/// The chunk that says an image's size; eight bits a channel.
func pngHeader(width: UInt32, height: UInt32, colorType: UInt8 = 2) -> (type: String, data: [UInt8]) {
  ("IHDR", bigEndian(width) + bigEndian(height) + [8, colorType, 0, 0, 0])
}
