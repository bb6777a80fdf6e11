import CZlib
import Files
import Interchange
import TestSupport
import Testing

/// What decoding may cost: files that unpack to far more than they are.
@Suite struct DecodingBudgetTests {
  private let scratch = TemporaryFolder()

  /// A PNG file of one colour, rows of zeros.
  private func plain(width: UInt32, height: UInt32, channels: Int, colorType: UInt8) -> [UInt8] {
    let size = Int(height) * (1 + Int(width) * channels)
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: Int(compressBound(uLong(size)))) {
      buffer, count in
      var length = uLong(buffer.count)
      let zeros = [UInt8](repeating: 0, count: size)
      precondition(unsafe compress2(buffer.baseAddress, &length, zeros, uLong(size), 9) == Z_OK)
      count = Int(length)
    }
    return pngBytes(
      pngHeader(width: width, height: height, colorType: colorType), ("IDAT", packed), ("IEND", []))
  }

  @Test func aLargePictureIsReducedAsItComes() throws {
    let bytes = plain(width: 4096, height: 4096, channels: 3, colorType: 2)
    try writeFileAtomically(bytes, to: scratch.file("large.png"))
    let small = try Image.read(scratch.file("large.png"), ImageRequest(.covering(width: 8, height: 8))).image
    #expect(small.pixels == Array(repeating: 0, count: 192))
    let facts = try Image.facts(ofFileAt: scratch.file("large.png"))
    #expect(facts.decodingByteCount(minimum: (8, 8)) < 1 << 20)
  }

  @Test func aFileOfManyMorePixelsThanBytesIsRefusedForItsCost() throws {
    let path = scratch.file("bomb.png")
    try writeFileAtomically(plain(width: 8192, height: 8200, channels: 3, colorType: 2), to: path)
    let error = #expect(throws: FileError.self) {
      try Image.read(path, ImageRequest(.covering(width: 8, height: 8)))
    }
    #expect(error?.path == path)
    #expect(
      error?.reason.hasSuffix("its pixels take more than its bytes justify: refused for its cost") == true)
    #expect(error?.exitCode == 65)
  }

  @Test func whatLiesBehindAPicturesEndIsNotRead() throws {
    var bytes = try readFile(at: fixture("color.png"))
    let image = try Image(png: bytes, path: "x")
    bytes += Array(repeating: 0xAA, count: 1 << 20)
    try writeFileAtomically(bytes, to: scratch.file("long.png"))
    #expect(try Image(contentsOf: scratch.file("long.png")) == image)
  }

  @Test func textsAndProfilesArePassedOverUnread() throws {
    let sound = try readFile(at: fixture("color.png"))
    // A text that would unpack to 50 MB, behind the header.
    let size = 50 << 20
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      var length = uLong(buffer.count)
      let zeros = [UInt8](repeating: 65, count: size)
      precondition(unsafe compress2(buffer.baseAddress, &length, zeros, uLong(size), 9) == Z_OK)
      count = Int(length)
    }
    let text = pngBytes(("zTXt", Array("Comment\0\0".utf8) + packed)).dropFirst(8)
    let bytes = Array(sound[..<33]) + text + sound[33...]
    #expect(try Image(png: bytes, path: "x") == Image(png: sound, path: "x"))
  }
}
