import Interchange
import Testing

/// Films, read back by readers of their own.
@Suite struct FilmTests {
  private func noise(_ count: Int, channels: Int, width: Int = 9, height: Int = 7, seed: UInt32 = 1)
    -> [Image]
  {
    var state = seed
    return (0..<count).map { _ in
      let pixels = (0..<width * height * channels).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
      return Image(width: width, height: height, channels: channels, pixels: pixels)
    }
  }

  // MARK: Animated PNG

  private func chunks(_ bytes: [UInt8]) throws -> [(type: String, data: [UInt8])] {
    #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var chunks: [(String, [UInt8])] = []
    var rest = bytes.dropFirst(8)
    while !rest.isEmpty {
      let length = number(rest.prefix(4))
      let body = rest.dropFirst(4).prefix(4 + length)
      #expect(CRC32(Array(body)).value == UInt32(number(rest.dropFirst(8 + length).prefix(4))))
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      rest = rest.dropFirst(12 + length)
    }
    return chunks
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  @Test(arguments: [1, 3]) func animatedPNG(channels: Int) throws {
    let frames = noise(3, channels: channels)
    let film = Film(frames: frames, delay: 7, lastDelay: 200)
    let bytes = film.encoded(as: .png, texts: [("graphc:steps", "1 2 3")])
    // Who knows no animation sees the first frame.
    #expect(try Image(png: bytes, path: "film") == frames[0])
    let chunks = try chunks(bytes)
    #expect(
      chunks.map(\.type) == ["IHDR", "acTL", "tEXt", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"])
    #expect(chunks[1].data == [0, 0, 0, 3, 0, 0, 0, 0])
    #expect(String(decoding: chunks[2].data, as: UTF8.self) == "graphc:steps\01 2 3")
    let numbered = chunks.filter { ["fcTL", "fdAT"].contains($0.type) }
    #expect(numbered.map { number($0.data.prefix(4)) } == [0, 1, 2, 3, 4])
    #expect(chunks.filter { $0.type == "fcTL" }.map { number($0.data[20..<22]) } == [7, 7, 200])
    // Each later frame alone is a PNG file's picture.
    let header = chunks[0].data
    for (place, frame) in zip([6, 8], frames.dropFirst()) {
      var alone = Array(bytes.prefix(8))
      for (type, data) in [("IHDR", header), ("IDAT", Array(chunks[place].data.dropFirst(4))), ("IEND", [])] {
        let body = Array(type.utf8) + data
        for value in [UInt32(data.count)] {
          alone += (0..<4).reversed().map { UInt8(value >> ($0 * 8) & 255) }
        }
        alone += body
        alone += (0..<4).reversed().map { UInt8(CRC32(body).value >> ($0 * 8) & 255) }
      }
      #expect(try Image(png: alone, path: "frame") == frame)
    }
  }

  // MARK: GIF

  /// The frames' indices, and the palette, as the format's text has it.
  private func gif(_ bytes: [UInt8]) throws -> (palette: [UInt8], frames: [[UInt8]], delays: [Int]) {
    #expect(String(decoding: bytes.prefix(6), as: UTF8.self) == "GIF89a")
    func short(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    let (width, height) = (short(6), short(8))
    let palette = Array(bytes[13..<13 + 768])
    var place = 13 + 768
    var (frames, delays): ([[UInt8]], [Int]) = ([], [])
    func blocks() -> [UInt8] {
      var data: [UInt8] = []
      while bytes[place] != 0 {
        let count = Int(bytes[place])
        data += bytes[place + 1..<place + 1 + count]
        place += 1 + count
      }
      place += 1
      return data
    }
    while bytes[place] != 0x3B {
      if bytes[place] == 0x21 {
        if bytes[place + 1] == 0xF9 { delays.append(short(place + 4)) }
        place += 2
        _ = blocks()
        continue
      }
      try #require(bytes[place] == 0x2C)
      #expect((short(place + 5), short(place + 7)) == (width, height))
      let size = Int(bytes[place + 10])
      place += 11
      frames.append(try unpack(blocks(), size))
    }
    #expect(place == bytes.count - 1)
    return (palette, frames, delays)
  }

  private func unpack(_ data: [UInt8], _ size: Int) throws -> [UInt8] {
    let (clear, end) = (1 << size, 1 << size + 1)
    var table: [[UInt8]] = []
    var (width, bit): (Int, Int) = (size + 1, 0)
    var previous: [UInt8]?
    var output: [UInt8] = []
    func reset() {
      table = (0..<clear).map { [UInt8($0)] } + [[], []]
      (width, previous) = (size + 1, nil)
    }
    reset()
    while true {
      var code = 0
      for offset in 0..<width {
        try #require((bit + offset) / 8 < data.count, "the end is missing")
        code |= Int(data[(bit + offset) / 8] >> ((bit + offset) % 8) & 1) << offset
      }
      bit += width
      if code == clear {
        reset()
      } else if code == end {
        break
      } else {
        let entry: [UInt8]
        if code < table.count {
          entry = table[code]
        } else {
          try #require(code == table.count)
          let last = try #require(previous)
          entry = last + [last[0]]
        }
        output += entry
        if let last = previous, table.count < 4096 { table.append(last + [entry[0]]) }
        if table.count == 1 << width, width < 12 { width += 1 }
        previous = entry
      }
    }
    return output
  }

  @Test(arguments: [(9, 7), (1, 1), (130, 97)]) func greyGIFIsLossless(width: Int, height: Int) throws {
    var frames = noise(2, channels: 1, width: width, height: height)
    frames.append(
      Image(width: width, height: height, channels: 1, pixels: Array(repeating: 7, count: width * height)))
    let read = try gif(Film(frames: frames, delay: 1, lastDelay: 150).encoded(as: .gif))
    #expect(read.frames == frames.map(\.pixels))
    #expect(read.palette == (0...255).flatMap { [UInt8($0), UInt8($0), UInt8($0)] })
    #expect(read.delays == [2, 2, 150])
  }

  @Test func colouredGIFIsCloseInAllFrames() throws {
    // A gradient in each frame, of other colours.
    let frames = (0..<3).map { frame in
      Image(
        width: 64, height: 64, channels: 3,
        pixels: (0..<64 * 64).flatMap { pixel -> [UInt8] in
          let (x, y) = (UInt8(pixel % 64 * 4), UInt8(pixel / 64 * 4))
          return [[x, y, 128], [128, x, y], [y, 128, x]][frame]
        })
    }
    let read = try gif(Film(frames: frames, delay: 10).encoded(as: .gif))
    for (indices, frame) in zip(read.frames, frames) {
      var sum = 0.0
      for (pixel, index) in indices.enumerated() {
        for channel in 0..<3 {
          let difference =
            Double(read.palette[Int(index) * 3 + channel]) - Double(frame.pixels[pixel * 3 + channel])
          sum += difference * difference
        }
      }
      // 256 colours for 12,288: the error's root mean square is a few steps of the palette.
      #expect((sum / Double(64 * 64 * 3)).squareRoot() < 16)
    }
  }

  @Test func framesOfSeveralSizesBecomeTheLargest() {
    let film = Film(frames: noise(1, channels: 1) + noise(1, channels: 3, width: 18, height: 14), delay: 5)
    #expect(film.frames.allSatisfy { ($0.width, $0.height, $0.channels) == (18, 14, 3) })
  }

  @Test func smallFramesAreEnlargedByWholeFactors() {
    let image = Image(width: 2, height: 1, channels: 1, pixels: [1, 2])
    #expect(
      image.enlarged(toSide: 5)
        == Image(
          width: 6, height: 3, channels: 1, pixels: [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]))
    #expect(image.enlarged(toSide: 2) == image)
  }

  @Test func theEndingTellsTheFormat() {
    #expect(Film.Format(path: "a/B.PNG") == .png && Film.Format(path: "a.apng") == .png)
    #expect(Film.Format(path: "a.gif") == .gif && Film.Format(path: "gif") == nil)
  }
}
