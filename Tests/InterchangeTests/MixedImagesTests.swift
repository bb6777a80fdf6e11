import Files
import Interchange
import TestSupport
import Testing

/// Pictures as the world has them, and what Pillow sees in them; `generate_mixed.py` stored both.
@Suite struct MixedImagesTests {
  private let scratch = TemporaryFolder()

  private func expected(_ name: String) throws -> Image {
    try Image.read(fixture("mixed-expected/\(name).png"), ImageRequest()).image
  }

  @Test(arguments: [
    "alpha", "grey", "grey-alpha", "grey-key", "interlaced", "one-bit", "orientation-behind", "palette",
    "palette-2-bits", "palette-transparent", "ten-bits", "wide-colour",
  ]) func thePixelsOfAPNGFileAreThoseThatPillowSees(name: String) throws {
    let image = try Image(contentsOf: fixture("mixed/\(name).png"))
    let seen = try expected(name)
    #expect(image.withChannels(3) == seen.withChannels(3))
  }

  @Test(arguments: 1...8) func everyOrientationStandsUpright(value: Int) throws {
    let (jpeg, facts) = try Image.read(fixture("mixed/orientation-\(value).jpg"), ImageRequest())
    #expect(facts.orientation.rawValue == value)
    #expect((facts.width, facts.height) == (jpeg.width, jpeg.height))
    #expect((jpeg.width, jpeg.height) == (value > 4 ? (14, 22) : (22, 14)))
    #expect(largestDifference(jpeg, try expected("orientation-\(value)-jpg")) <= 1)
    let (png, pngFacts) = try Image.read(fixture("mixed/orientation-\(value).png"), ImageRequest())
    #expect(png == (try expected("orientation-\(value)-png")))
    #expect(pngFacts.orientation.rawValue == value)
    #expect(try Image.facts(ofFileAt: fixture("mixed/orientation-\(value).png")) == pngFacts)
  }

  @Test(arguments: ["progressive", "grey", "inks"])
  func thePixelsOfAJPEGFileAreThoseThatPillowSees(name: String) throws {
    let image = try Image(contentsOf: fixture("mixed/\(name).jpg"))
    #expect(largestDifference(image, try expected("\(name)-jpg")) <= 1)
  }

  @Test func transparencyIsLaidOnTheColourThatIsAskedForOrKept() throws {
    let path = fixture("mixed/alpha.png")
    #expect(
      try Image.read(path, ImageRequest(background: [10, 200, 90])).image == expected("alpha-on-colour"))
    let kept = try Image.read(path, ImageRequest(channels: 4))
    #expect(
      kept.image
        == (try Image.read(fixture("mixed-expected/alpha-kept.png"), ImageRequest(channels: 4)).image))
    #expect(kept.facts.hasTransparency)
    #expect(kept.image.laid(on: [255, 255, 255]) == (try expected("alpha")))
    let opaque = try Image.read(fixture("mixed/orientation-1.jpg"), ImageRequest(channels: 4)).image
    #expect(stride(from: 3, to: opaque.pixels.count, by: 4).allSatisfy { opaque.pixels[$0] == 255 })
    // Grey stays grey on grey, and takes the colour of what is under it.
    let grey = fixture("mixed/grey-alpha.png")
    #expect(try Image.read(grey, ImageRequest()).image.channels == 1)
    #expect(try Image.read(grey, ImageRequest(background: [10, 200, 90])).image.channels == 3)
  }

  @Test func whatIsWhiteIn16BitsCanBeSaid() throws {
    let (image, facts) = try Image.read(fixture("mixed/ten-bits.png"), ImageRequest(white: 1023))
    #expect(image == (try expected("ten-bits-white")))
    #expect((facts.depth, facts.greatestSample) == (16, 1023))
    #expect(try Image.read(fixture("mixed/ten-bits.png"), ImageRequest()).image.pixels.max() == 4)
  }

  @Test func whatAFileIsLikeIsTold() throws {
    func facts(_ name: String) throws -> ImageFileFacts {
      try Image.read(fixture("mixed/\(name)"), ImageRequest()).facts
    }
    #expect(try facts("palette.png").colors == .palette)
    #expect(try facts("palette-2-bits.png").depth == 2)
    #expect(try facts("one-bit.png").depth == 1)
    #expect(try facts("inks.jpg").colors == .inks)
    #expect(try facts("grey.jpg").colors == .grey)
    #expect(try facts("progressive.jpg").isProgressive)
    #expect(try facts("interlaced.png").isProgressive)
    #expect(try facts("grey-key.png").hasTransparency)
    #expect(try !facts("grey.png").hasTransparency)
  }

  /// A row at a time and all at once is the same, whatever is cut off.
  @Test(
    arguments: ["interlaced.png", "alpha.png", "grey.png", "orientation-1.png"],
    [(4, 4), (22, 14), (5, 14), (22, 3), (40, 31), (1, 1), (7, 2)])
  func rowsAreReducedAsTheyCome(name: String, size: (width: Int, height: Int)) throws {
    let path = fixture("mixed/\(name)")
    let whole = try Image(contentsOf: path)
    let request = ImageRequest(.covering(width: size.width, height: size.height))
    #expect(
      try Image.read(path, request).image == whole.resizedToCover(width: size.width, height: size.height))
  }

  /// What is cut off an upright picture does not depend on how it lies in its file.
  @Test(arguments: 1...8, [(4, 4), (6, 13), (13, 6), (9, 2), (14, 14)])
  func picturesAreCutAsTheyStand(value: Int, size: (width: Int, height: Int)) throws {
    let path = fixture("mixed/orientation-\(value).png")
    let request = ImageRequest(.covering(width: size.width, height: size.height))
    let upright = try Image(contentsOf: path).resizedToCover(width: size.width, height: size.height)
    // Sums in another order may round otherwise.
    #expect(largestDifference(try Image.read(path, request).image, upright) <= 1)
  }

  @Test func coloursOfTransparentPixelsDoNotBleed() throws {
    // Opaque red beside transparent green.
    let image = Image(width: 2, height: 1, channels: 4, pixels: [255, 0, 0, 255, 0, 255, 0, 0])
    #expect(image.resized(width: 1, height: 1).pixels == [255, 0, 0, 128])
    let clear = Image(width: 2, height: 1, channels: 4, pixels: [9, 9, 9, 0, 7, 7, 7, 0])
    #expect(clear.resized(width: 1, height: 1).pixels[3] == 0)
  }

  @Test func fourChannelsAreWrittenAndReadBack() throws {
    let image = Image(width: 3, height: 2, channels: 4, pixels: (0..<24).map { UInt8($0 * 10) })
    try image.writePNG(to: scratch.file("a.png"))
    #expect(try Image.read(scratch.file("a.png"), ImageRequest(channels: 4)).image == image)
  }

  // MARK: Exif blocks that are broken

  @Test func aBrokenExifBlockTurnsNothing() throws {
    let sound = try readFile(at: fixture("mixed/orientation-6.jpg"))
    let block = try #require(sound.indices.first { sound[$0...].starts(with: Array("Exif\0\0".utf8)) })
    let upright = try Image(contentsOf: fixture("mixed/orientation-1.jpg"))
    // Every byte of the block in turn: no trap, and either turned or not.
    for offset in 6..<56 {
      for value in [0, 0xFF] as [UInt8] {
        var bytes = sound
        bytes[block + offset] = value
        let image = try Image(jpeg: bytes, path: "x.jpg")
        #expect(image.pixels.count == upright.pixels.count)
      }
    }
    for count in [9, 0] as [UInt8] {
      var bytes = sound
      bytes[block + 6 + 8 + 2 + 12 + 9] = count
      #expect(try Image(jpeg: bytes, path: "x.jpg").width == 22)
    }
  }
}
