import Interchange
import Testing

@Suite struct ImageHeaderTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [
    "cmyk.jpg", "color.jpg", "grey.jpg", "progressive.jpg", "color.png", "grey-16-bits.png", "palette.png",
    "transparent.png",
  ]) func aSoundFileHasASoundHeader(name: String) {
    #expect(throws: Never.self) { try Image.checkHeader(ofFileAt: fixture(name)) }
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
