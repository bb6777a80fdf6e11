import Files
import Interchange
import TestSupport
import Testing

/// What a file's first bytes tell.
@Suite struct FileKindTests {
  @Test(arguments: [("webp", "WebP"), ("gif", "GIF"), ("bmp", "BMP"), ("tif", "TIFF")])
  func imagesOfOtherFormatsAreNamed(ending: String, name: String) throws {
    let path = fixture("mixed/other.\(ending)")
    #expect(try kind(ofFileAt: path) == .otherImage(name))
    let reason = "is neither a PNG nor a JPEG file, but a \(name) image: convert it to PNG or JPEG"
    #expect(throws: FileError(path: path, reason: reason)) { try Image(contentsOf: path) }
  }

  @Test func picturesAreTold() throws {
    #expect(try kind(ofFileAt: fixture("mixed/alpha.png")) == .png)
    #expect(try kind(ofFileAt: fixture("mixed/inks.jpg")) == .jpeg)
  }

  @Test(arguments: [
    ("<!DOCTYPE html><html><body>404</body></html>", FileKind.webPage),
    ("\u{FEFF}\n  <HTML>", .webPage), ("<?xml version=\"1.0\"?><html xmlns=\"x\">", .webPage),
    ("<?xml version=\"1.0\"?>\n<svg>", .otherImage("SVG")), ("a list of things\n", .other("a text")),
    ("%PDF-1.7", .other("a PDF document")), ("P6\n4 4\n255\n", .otherImage("PNM")),
    ("Rar!\u{1A}", .archive("rar")),
  ]) func textsAreTold(text: String, kind: FileKind) {
    #expect(FileKind(beginning: Array(text.utf8)) == kind)
  }

  @Test func archivesAndContainersAreTold() {
    let member = Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 22)
    #expect(FileKind(beginning: member + [5, 0, 0, 0] + Array("x.npy".utf8)) == .archive("npz"))
    #expect(FileKind(beginning: member + [5, 0, 0, 0] + Array("x.png".utf8)) == .archive("zip"))
    #expect(FileKind(beginning: [0x1F, 0x8B, 8]) == .archive("gzip"))
    let tar = Array("x.png".utf8) + Array(repeating: 0, count: 252) + Array("ustar".utf8)
    #expect(FileKind(beginning: tar) == .archive("tar"))
    #expect(FileKind(beginning: [0, 0, 0, 24] + Array("ftypheic".utf8)) == .otherImage("HEIC"))
    #expect(FileKind(beginning: [0, 0, 0, 24] + Array("ftypavif".utf8)) == .otherImage("AVIF"))
    #expect(FileKind(beginning: [0, 0, 0, 24] + Array("ftypisom".utf8)) == .other("a video"))
    #expect(FileKind(beginning: [0x80, 4, 0x95]) == .other("a Python pickle"))
    #expect(FileKind(beginning: []) == .empty)
    #expect(FileKind(beginning: [1, 2, 3]) == .unknown)
  }
}
