import Files
import Interchange
import TestSupport
import Testing

@Suite struct PNGTests {
  private let folder = TemporaryFolder()

  /// The patterns of `generate_images.py`.
  private static let grey = pattern(channels: 1) { x, y in [x * 16 + y] }
  private static let color = pattern(channels: 3) { x, y in [x * 16, y * 20, x * y] }

  @Test func greyAndColourAreReadAsTheyAre() throws {
    #expect(try Image(contentsOf: fixture("grey.png")) == Self.grey)
    #expect(try Image(contentsOf: fixture("color.png")) == Self.color)
  }

  @Test func sixteenBitsBecomeEightInTheSameBrightness() throws {
    #expect(try Image(contentsOf: fixture("grey-16-bits.png")) == Self.grey)
  }

  @Test func aPaletteBecomesColours() throws {
    let palette = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [10, 20, 30]]
    #expect(
      try Image(contentsOf: fixture("palette.png")) == Self.pattern(channels: 3) { x, _ in palette[x % 4] })
  }

  @Test func whatIsTransparentShowsWhite() throws {
    let expected = Self.pattern(channels: 3) { x, y in x < 8 ? [x * 16, y * 20, x * y] : [255, 255, 255] }
    #expect(try Image(contentsOf: fixture("transparent.png")) == expected)
  }

  @Test(arguments: [1, 3], [(1, 1), (5, 3), (257, 2)])
  func whatIsWrittenIsReadBack(channels: Int, size: (width: Int, height: Int)) throws {
    let count = size.width * size.height * channels
    // Noise, which deflate cannot shrink: the file is as large as it can get.
    var state: UInt32 = 1
    let pixels = (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let image = Image(width: size.width, height: size.height, channels: channels, pixels: pixels)
    try image.writePNG(to: folder.file("out.png"))
    #expect(try Image(contentsOf: folder.file("out.png")) == image)
    #expect(image.encodedPNG() == image.encodedPNG())
  }

  @Test func everyTruncationOfTheImageDataIsAnError() throws {
    let bytes = try readFile(at: fixture("color.png"))
    // The last chunk, of twelve bytes, only says that the file ends.
    for count in 0..<bytes.count - 12 {
      let error = #expect(throws: FileError.self) {
        try Image(png: Array(bytes[..<count]), path: "cut.png")
      }
      #expect(error?.description.hasPrefix("cut.png: is not a valid PNG file: ") == true)
      #expect(error?.exitCode == 65)
    }
  }

  @Test func aWrongChecksumIsAnError() throws {
    let bytes = try readFile(at: fixture("color.png"))
    for position in [20, 33 + 12, bytes.count - 20] {
      var broken = bytes
      broken[position] ^= 1
      #expect(throws: FileError.self) { try Image(png: broken, path: "broken.png") }
    }
  }

  @Test(arguments: [(60_000, 60_000), (1_000_000, 1_000_000), (1_000_000, 269)] as [(UInt32, UInt32)])
  func aHugeSizeIsRefusedBeforeMemoryIsTaken(width: UInt32, height: UInt32) {
    let bytes = pngBytes(pngHeader(width: width, height: height), ("IDAT", []))
    let reason = "claims \(width)×\(height) pixels; at most 268435456 can be read"
    #expect(throws: FileError(path: "bomb.png", reason: reason)) { try Image(png: bytes, path: "bomb.png") }
  }

  @Test(arguments: [(0, 5), (5, 0), (1_000_001, 1), (1, .max)] as [(UInt32, UInt32)])
  func anImpossibleSizeIsRefused(width: UInt32, height: UInt32) {
    let bytes = pngBytes(pngHeader(width: width, height: height), ("IDAT", []))
    #expect(throws: FileError.self) { try Image(png: bytes, path: "broken.png") }
  }

  @Test func anUnknownColourTypeIsRefused() {
    let bytes = pngBytes(pngHeader(width: 1, height: 1, colorType: 5), ("IDAT", []))
    #expect(throws: FileError.self) { try Image(png: bytes, path: "broken.png") }
  }

  @Test func aFileOfAnotherFormatIsNamed() throws {
    let path = folder.file("text.png")
    try writeFileAtomically(Array("GIF89a".utf8), to: path)
    #expect(
      throws: FileError(
        path: path, reason: "is neither a PNG nor a JPEG file, but a GIF image: convert it to PNG or JPEG")
    ) {
      try Image(contentsOf: path)
    }
  }

  private static func pattern(channels: Int, _ value: (_ x: Int, _ y: Int) -> [Int]) -> Image {
    let pixels = (0..<12).flatMap { y in (0..<16).flatMap { x in value(x, y) } }
    return Image(
      width: 16, height: 12, channels: channels, pixels: pixels.map { UInt8(truncatingIfNeeded: $0) })
  }
}
