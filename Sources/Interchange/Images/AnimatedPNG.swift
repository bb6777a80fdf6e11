import CZlib

/// Animated PNG, which Debian's libpng does not write. Source: W3C, "Portable Network Graphics", third edition.
extension Film {
  func encodedPNG(texts: [(key: String, text: String)]) -> [UInt8] {
    let first = frames[0]
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let header =
      bigEndian(UInt32(first.width)) + bigEndian(UInt32(first.height)) + [
        8, first.channels == 1 ? 0 : 2, 0, 0, 0,
      ]
    append("IHDR", header, to: &bytes)
    // Played for ever.
    append("acTL", bigEndian(UInt32(frames.count)) + bigEndian(UInt32(0)), to: &bytes)
    for (key, text) in texts { append("tEXt", Array(key.utf8) + [0] + Array(text.utf8), to: &bytes) }
    var sequence: UInt32 = 0
    for (number, frame) in frames.enumerated() {
      let delay = UInt16(number == frames.count - 1 ? lastDelay : delay)
      var control = bigEndian(sequence) + bigEndian(UInt32(frame.width)) + bigEndian(UInt32(frame.height))
      control += bigEndian(UInt32(0)) + bigEndian(UInt32(0))
      // In hundredths of a second; the whole canvas is replaced.
      control += bigEndian(delay) + bigEndian(UInt16(100)) + [0, 0]
      append("fcTL", control, to: &bytes)
      sequence += 1
      let data = deflated(filteredRows(of: frame))
      if number == 0 {
        append("IDAT", data, to: &bytes)
      } else {
        append("fdAT", bigEndian(sequence) + data, to: &bytes)
        sequence += 1
      }
    }
    append("IEND", [], to: &bytes)
    return bytes
  }

  private func append(_ type: StaticString, _ data: [UInt8], to bytes: inout [UInt8]) {
    let body = Array("\(type)".utf8) + data
    bytes += bigEndian(UInt32(data.count)) + body + bigEndian(CRC32(body).value)
  }

  /// Each row behind the filter, of none, left and above, that leaves the smallest numbers.
  private func filteredRows(of image: Image) -> [UInt8] {
    let length = image.width * image.channels
    var result: [UInt8] = []
    result.reserveCapacity((length + 1) * image.height)
    let pixels = image.pixels.span
    for y in 0..<image.height {
      let start = y * length
      func filtered(_ filter: Int, _ index: Int) -> UInt8 {
        let value = pixels[start + index]
        switch filter {
        case 1: return index < image.channels ? value : value &- pixels[start + index - image.channels]
        case 2: return y == 0 ? value : value &- pixels[start + index - length]
        default: return value
        }
      }
      func cost(_ filter: Int) -> Int {
        (0..<length).reduce(0) { $0 + Int(Int8(bitPattern: filtered(filter, $1)).magnitude) }
      }
      let costs = (0...2).map(cost)
      let best = (1...2).reduce(0) { costs[$1] < costs[$0] ? $1 : $0 }
      result.append(UInt8(best))
      for index in 0..<length { result.append(filtered(best, index)) }
    }
    return result
  }
}

private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// Bytes as a zlib stream.
func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var size = compressBound(UInt(bytes.count))
  var result = [UInt8](repeating: 0, count: Int(size))
  let code = unsafe compress2(&result, &size, bytes, UInt(bytes.count), 6)
  precondition(code == Z_OK, "zlib has room and valid arguments; only memory can lack")
  result.removeLast(result.count - Int(size))
  return result
}
