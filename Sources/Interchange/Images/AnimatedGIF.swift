/// GIF89a with one palette for all frames.
extension Film {
  func encodedGIF() -> [UInt8] {
    let first = frames[0]
    let palette = Palette(of: frames)
    var bytes = Array("GIF89a".utf8)
    bytes += littleEndian(UInt16(clamping: first.width)) + littleEndian(UInt16(clamping: first.height))
    // A global palette of 256 colours.
    bytes += [0xF7, 0, 0]
    bytes += palette.bytes
    // Played for ever.
    bytes += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
    for (number, frame) in frames.enumerated() {
      let delay = number == frames.count - 1 ? lastDelay : delay
      // Viewers take less than two hundredths for ten.
      bytes += [0x21, 0xF9, 4, 0] + littleEndian(UInt16(clamping: max(delay, 2))) + [0, 0]
      bytes += [0x2C, 0, 0, 0, 0]
      bytes +=
        littleEndian(UInt16(clamping: frame.width)) + littleEndian(UInt16(clamping: frame.height)) + [0]
      bytes.append(8)
      let codes = LZWEncoder.encode(palette.indices(of: frame))
      for start in stride(from: 0, to: codes.count, by: 255) {
        let block = codes[start..<min(start + 255, codes.count)]
        bytes.append(UInt8(block.count))
        bytes += block
      }
      bytes.append(0)
    }
    bytes.append(0x3B)
    return bytes
  }
}

private func littleEndian(_ value: UInt16) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

/// At most 256 colours, chosen by median cut from all frames; films in grey have all 256 greys.
private struct Palette {
  private var colors: [(UInt8, UInt8, UInt8)]
  private let isGrey: Bool
  /// For each colour of five bits a channel, the nearest of the palette.
  private var nearest: [UInt8] = []

  init(of frames: [Image]) {
    isGrey = frames[0].channels == 1
    colors = (0...255).map { (UInt8($0), UInt8($0), UInt8($0)) }
    if isGrey { return }
    var counts = [Int](repeating: 0, count: 1 << 15)
    for frame in frames {
      for start in stride(from: 0, to: frame.pixels.count, by: 3) {
        counts[
          Self.cell(Int(frame.pixels[start]), Int(frame.pixels[start + 1]), Int(frame.pixels[start + 2]))] +=
          1
      }
    }
    colors = Self.medianCut(counts)
    nearest = (0..<1 << 15).map { cell in
      let (red, green, blue) = Self.middle(of: cell)
      func distance(_ index: Int) -> Int {
        let color = colors[index]
        let (r, g, b) = (Int(color.0) - red, Int(color.1) - green, Int(color.2) - blue)
        return r * r + g * g + b * b
      }
      return UInt8(colors.indices.dropFirst().reduce(0) { distance($1) < distance($0) ? $1 : $0 })
    }
  }

  private static func cell(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    (red >> 3) << 10 | (green >> 3) << 5 | blue >> 3
  }

  private static func middle(of cell: Int) -> (Int, Int, Int) {
    func wide(_ five: Int) -> Int { five << 3 | five >> 2 }
    return (wide(cell >> 10), wide(cell >> 5 & 31), wide(cell & 31))
  }

  /// Cuts the box with the most pixels at the median of its longest side until there are 256.
  private static func medianCut(_ counts: [Int]) -> [(UInt8, UInt8, UInt8)] {
    func part(_ cell: Int, _ channel: Int) -> Int { cell >> (10 - 5 * channel) & 31 }
    func longest(_ box: [Int]) -> (channel: Int, length: Int) {
      var best = (channel: 0, length: -1)
      for channel in 0..<3 {
        let parts = box.map { part($0, channel) }
        guard let low = parts.min(), let high = parts.max() else { preconditionFailure("a box of no colour") }
        let length = high - low
        if length > best.length { best = (channel, length) }
      }
      return best
    }
    func weight(_ box: [Int]) -> Int { box.reduce(0) { $0 + counts[$1] } }
    var boxes = [counts.indices.filter { counts[$0] > 0 }]
    while boxes.count < 256 {
      var chosen: (index: Int, weight: Int)?
      for (index, box) in boxes.enumerated() where box.count > 1 {
        let weight = weight(box)
        if weight > chosen?.weight ?? -1 { chosen = (index, weight) }
      }
      guard let chosen else { break }
      let channel = longest(boxes[chosen.index]).channel
      let sorted = boxes[chosen.index].sorted {
        (part($0, channel), $0) < (part($1, channel), $1)
      }
      var (sum, cut) = (0, 0)
      while cut < sorted.count - 1, sum * 2 < chosen.weight || cut == 0 {
        sum += counts[sorted[cut]]
        cut += 1
      }
      boxes[chosen.index] = Array(sorted[..<cut])
      boxes.append(Array(sorted[cut...]))
    }
    let colors = boxes.map { box in
      let total = max(weight(box), 1)
      var sums = (0, 0, 0)
      for cell in box {
        let middle = middle(of: cell)
        sums.0 += middle.0 * counts[cell]
        sums.1 += middle.1 * counts[cell]
        sums.2 += middle.2 * counts[cell]
      }
      return (UInt8(sums.0 / total), UInt8(sums.1 / total), UInt8(sums.2 / total))
    }
    return colors + Array(repeating: (0, 0, 0), count: 256 - colors.count)
  }

  var bytes: [UInt8] { colors.flatMap { [$0.0, $0.1, $0.2] } }

  /// Bayer's ordered pattern: what stands still in a film keeps its dots, as it would not if errors were
  /// passed on.
  private static let thresholds: [Int] = [
    0, 32, 8, 40, 2, 34, 10, 42, 48, 16, 56, 24, 50, 18, 58, 26, 12, 44, 4, 36, 14, 46, 6, 38, 60, 28, 52, 20,
    62, 30, 54, 22, 3, 35, 11, 43, 1, 33, 9, 41, 51, 19, 59, 27, 49, 17, 57, 25, 15, 47, 7, 39, 13, 45, 5, 37,
    63, 31, 55, 23, 61, 29, 53, 21,
  ]

  func indices(of image: Image) -> [UInt8] {
    if isGrey { return image.pixels }
    var result: [UInt8] = []
    result.reserveCapacity(image.width * image.height)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let shift = Self.thresholds[y % 8 * 8 + x % 8] / 4 - 8
        let start = (y * image.width + x) * 3
        func value(_ channel: Int) -> Int { max(0, min(255, Int(image.pixels[start + channel]) + shift)) }
        result.append(nearest[Self.cell(value(0), value(1), value(2))])
      }
    }
    return result
  }
}

/// LZW as GIF has it, with codes of 9 to 12 bits, for bytes.
private enum LZWEncoder {
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    let (clear, end) = (256, 257)
    var output: [UInt8] = []
    var (bits, filled, width) = (0, 0, 9)
    func send(_ code: Int) {
      bits |= code << filled
      filled += width
      while filled >= 8 {
        output.append(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
        filled -= 8
      }
    }
    // The code of a known sequence, by that of its beginning and its last byte; zero is none.
    var table = [UInt16](repeating: 0, count: 4096 * 256)
    var known: [Int] = []
    var next = 258
    send(clear)
    guard let first = bytes.first else {
      send(end)
      if filled > 0 { output.append(UInt8(truncatingIfNeeded: bits)) }
      return output
    }
    var prefix = Int(first)
    for byte in bytes.dropFirst() {
      let place = prefix << 8 | Int(byte)
      if table[place] != 0 {
        prefix = Int(table[place])
        continue
      }
      send(prefix)
      if next < 4096 {
        table[place] = UInt16(next)
        known.append(place)
        // A reader is one code behind.
        if next == 1 << width, width < 12 { width += 1 }
        next += 1
      } else {
        send(clear)
        for place in known { table[place] = 0 }
        known.removeAll(keepingCapacity: true)
        (next, width) = (258, 9)
      }
      prefix = Int(byte)
    }
    send(prefix)
    // The reader adds a code for that one, too.
    if next == 1 << width, width < 12 { width += 1 }
    send(end)
    if filled > 0 { output.append(UInt8(truncatingIfNeeded: bits)) }
    return output
  }
}
