import Files
import Interchange
import Testing

@Suite struct JPEGTests {
  @Test(arguments: ["color", "progressive", "grey", "cmyk"])
  func theDecodedPixelsAreThoseOfPillow(name: String) throws {
    let decoded = try Image(contentsOf: fixture("\(name).jpg"))
    let expected = try Image(contentsOf: fixture("\(name)-decoded.png"))
    #expect((decoded.width, decoded.height, decoded.channels) == (72, 48, expected.channels))
    #expect(largestDifference(decoded, expected) <= 1)
  }

  @Test(arguments: [
    (72, 48, 72, 48), (37, 24, 72, 48), (36, 24, 36, 24), (18, 13, 36, 24), (18, 12, 18, 12),
    (9, 6, 9, 6), (1, 1, 9, 6), (500, 1, 72, 48),
  ])
  func decodingReducesAsFarAsTheMinimumAllows(
    minimumWidth: Int, minimumHeight: Int, width: Int, height: Int
  ) throws {
    let image = try Image(contentsOf: fixture("color.jpg"), minimumSize: (minimumWidth, minimumHeight))
    #expect((image.width, image.height) == (width, height))
    let whole = try Image(contentsOf: fixture("color.jpg"))
    #expect(largestDifference(image, whole.resized(width: width, height: height)) <= 16)
  }

  @Test(arguments: ["color", "progressive", "grey"])
  func everyTruncationIsAnError(name: String) throws {
    let bytes = try readFile(at: fixture("\(name).jpg"))
    for count in bytes.indices {
      let error = #expect(throws: FileError.self) {
        try Image(jpeg: Array(bytes[..<count]), path: "cut.jpg")
      }
      #expect(error?.description.hasPrefix("cut.jpg: is not a valid JPEG file: ") == true)
      #expect(error?.exitCode == 65)
    }
  }

  @Test func theReasonIsTheLibrarysOwn() throws {
    let bytes = try readFile(at: fixture("color.jpg"))
    let reason = "is not a valid JPEG file: Premature end of input file"
    #expect(throws: FileError(path: "cut.jpg", reason: reason)) {
      try Image(jpeg: Array(bytes.dropLast(200)), path: "cut.jpg")
    }
  }

  @Test func aDamagedByteNeverTraps() throws {
    let bytes = try readFile(at: fixture("progressive.jpg"))
    for position in bytes.indices {
      var broken = bytes
      broken[position] ^= 0xFF
      let image = try? Image(jpeg: broken, path: "broken.jpg")
      #expect(image.map { $0.pixels.count == $0.width * $0.height * $0.channels } ?? true)
    }
  }

  @Test func aHugeSizeIsRefusedBeforeMemoryIsTaken() throws {
    var bytes = try readFile(at: fixture("color.jpg"))
    // The frame header: marker, length, precision, then height and width.
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0x00, 0xFF, 0x00])
    let reason = "claims 65280×65280 pixels; at most 268435456 can be read"
    #expect(throws: FileError(path: "bomb.jpg", reason: reason)) { try Image(jpeg: bytes, path: "bomb.jpg") }
  }

  @Test func endlessScansAreRefused() throws {
    let bytes = try readFile(at: fixture("progressive.jpg"))
    // A scan ends where a marker begins: 0xFF before anything but zero, which only escapes it.
    let start = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    let end = try #require(
      (start + 2..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] != 0 })
    let scans = repeatElement(bytes[start..<end], count: 600).joined()
    let bomb = bytes[..<end] + scans + bytes[end...]
    #expect(throws: FileError(path: "bomb.jpg", reason: "is not a valid JPEG file: More than 500 scans")) {
      try Image(jpeg: Array(bomb), path: "bomb.jpg")
    }
  }
}
