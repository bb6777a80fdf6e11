import Files
import Interchange
import TestSupport
import Testing

@Suite struct ImageHeaderTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [
    "cmyk.jpg", "color.jpg", "grey.jpg", "progressive.jpg", "color.png", "grey-16-bits.png", "palette.png",
    "transparent.png",
  ]) func aSoundFileHasASoundHeader(name: String) {
    #expect(throws: Never.self) { try Image.facts(ofFileAt: fixture(name)) }
  }

  @Test func whatDecodingTakesIsRowsUnlessAllOfThemAreNeeded() throws {
    let path = folder.file("image.png")
    try Image(width: 300, height: 200, channels: 3, pixels: Array(repeating: 7, count: 180_000))
      .writePNG(to: path)
    let rows = try Image.facts(ofFileAt: path)
    #expect(rows.decodingByteCount(minimum: nil) >= 180_000)
    #expect(rows.decodingByteCount(minimum: (3, 2)) < 40_000)
    let progressive = try Image.facts(ofFileAt: fixture("progressive.jpg"))
    let baseline = try Image.facts(ofFileAt: fixture("color.jpg"))
    #expect(
      progressive.decodingByteCount(minimum: (3, 2)) >= baseline.decodingByteCount(minimum: (3, 2)) + 6 * 72
        * 48)
  }

  static let broken: [(bytes: [UInt8], reason: String)] = [
    ([], "is empty: neither a PNG nor a JPEG file"),
    (
      Array("GIF89a".utf8),
      "is neither a PNG nor a JPEG file, but a GIF image: convert it to PNG or JPEG"
    ),
    ([0x89, 0x50, 0x4E, 0x47], "is not a valid PNG file: "),
    (
      pngBytes((type: "gAMA", data: [0, 0, 0, 1]), pngHeader(width: 1, height: 1)),
      "is not a valid PNG file: "
    ),
    (pngBytes(pngHeader(width: 0, height: 4)), "is not a valid PNG file: "),
    (
      pngBytes(pngHeader(width: 60_000, height: 60_000), ("IDAT", [])),
      "claims 60000×60000 pixels; at most 268435456 can be read"
    ),
  ]

  @Test(arguments: broken) func whatTheFirstBytesShowIsFound(bytes: [UInt8], reason: String) throws {
    let path = folder.file("image")
    try writeFileAtomically(bytes, to: path)
    let error = #expect(throws: FileError.self) { try Image.facts(ofFileAt: path) }
    #expect(error?.path == path)
    #expect(error?.reason.hasPrefix(reason) == true)
  }
}
