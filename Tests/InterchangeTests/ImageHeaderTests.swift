import Interchange
import TestSupport
import Testing

@Suite struct ImageHeaderTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [
    "cmyk.jpg", "color.jpg", "grey.jpg", "progressive.jpg", "color.png", "grey-16-bits.png", "palette.png",
    "transparent.png",
  ]) func aSoundFileHasASoundHeader(name: String) {
    #expect(throws: Never.self) { try Image.checkHeader(ofFileAt: fixture(name)) }
  }

  @Test func whatDecodingTakesIsTheFileAndItsPixels() throws {
    let path = folder.file("image.png")
    try Image(width: 30, height: 20, channels: 3, pixels: Array(repeating: 7, count: 1800)).writePNG(to: path)
    #expect(try Image.checkHeader(ofFileAt: path) == readFile(at: path).count + 1800)
    // A JPEG file is reduced while it is decoded, to less than twice the size that is asked for.
    let photograph = fixture("color.jpg")
    let size = try readFile(at: photograph).count
    #expect(try Image.checkHeader(ofFileAt: photograph, minimumSize: (3, 2)) == size + 4 * 3 * 6)
  }

  static let broken: [(bytes: [UInt8], reason: String)] = [
    ([], "is neither a PNG nor a JPEG file"),
    (Array("GIF89a".utf8), "is neither a PNG nor a JPEG file"),
    ([0x89, 0x50, 0x4E, 0x47], "is not a valid PNG file: it does not begin with its size"),
    (
      pngBytes((type: "gAMA", data: [0, 0, 0, 1]), pngHeader(width: 1, height: 1)),
      "is not a valid PNG file: it does not begin with its size"
    ),
    (pngBytes(pngHeader(width: 0, height: 4)), "claims 0×4 pixels; at most 268435456 can be read"),
    (
      pngBytes(pngHeader(width: 60_000, height: 60_000)),
      "claims 60000×60000 pixels; at most 268435456 can be read"
    ),
  ]

  @Test(arguments: broken) func whatTheFirstBytesShowIsFound(bytes: [UInt8], reason: String) throws {
    let path = folder.file("image")
    try writeFileAtomically(bytes, to: path)
    #expect(throws: FileError(path: path, reason: reason)) { try Image.checkHeader(ofFileAt: path) }
  }
}
