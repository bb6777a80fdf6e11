import CZlib
import Files
import Glibc
import Interchange
import TestSupport
import Testing

/// Bytes as a gzip file that stores them as they are (RFC 1951, 3.2.4; RFC 1952).
private func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
  func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  let checksum = unsafe Int(crc32(0, bytes, uInt(bytes.count)))
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
    + littleEndian(bytes.count, 2) + littleEndian(~bytes.count, 2) + bytes
    + littleEndian(checksum, 4) + littleEndian(bytes.count, 4)
}

@Suite struct IDXFileTests {
  private let folder = TemporaryFolder()

  @Test func compressedImagesAreRead() throws {
    let file = try IDXFile(contentsOf: fixture("images-idx3-ubyte.gz"))
    #expect(file.shape == [2, 3, 4])
    #expect(try file.allElements() == Array(0..<24))
    #expect(try file.image(at: 1) == Image(width: 4, height: 3, channels: 1, pixels: Array(12..<24)))
    // No part of it can be read without those before it.
    #expect(file.byteCount == 24)
  }

  @Test func labelsAreReadCompressedAndPlain() throws {
    let compressed = try IDXFile(contentsOf: fixture("labels-idx1-ubyte.gz"))
    #expect(compressed.shape == [5])
    #expect(try compressed.allElements() == [3, 1, 4, 1, 5])

    let path = folder.file("labels")
    try writeFileAtomically([0, 0, 8, 1, 0, 0, 0, 2, 7, 9], to: path)
    #expect(try IDXFile(contentsOf: path).allElements() == [7, 9])
  }

  @Test func aPlainFilesImagesStayInIt() throws {
    let path = folder.file("images")
    try writeFileAtomically([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4] + Array(0..<24), to: path)
    let file = try IDXFile(contentsOf: path)
    #expect(file.byteCount == 0)
    #expect(try file.image(at: 1) == Image(width: 4, height: 3, channels: 1, pixels: Array(12..<24)))
    #expect(try file.allElements() == Array(0..<24))
  }

  @Test func aFileThatHasShrunkIsAnErrorAndNoWrongImage() throws {
    let path = folder.file("images")
    try writeFileAtomically([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4] + Array(0..<24), to: path)
    let file = try IDXFile(contentsOf: path)
    #expect(unsafe truncate(path, 39) == 0)
    let error = FileError(path: path, reason: "has become shorter since it was opened")
    #expect(throws: error) { try file.image(at: 1) }
    #expect(throws: error) { try file.allElements() }
    #expect(try file.image(at: 0).pixels == Array(0..<12))
  }

  static let brokenFiles: [(bytes: [UInt8], reason: String)] = [
    ([], "it does not begin with two zeros, a type and a rank"),
    ([0, 0, 8], "it does not begin with two zeros, a type and a rank"),
    ([1, 0, 8, 1, 0, 0, 0, 0], "it does not begin with two zeros, a type and a rank"),
    (
      [0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0],
      "its elements are of type 13; only unsigned bytes, 8, can be read"
    ),
    (
      [0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0],
      "its rank is 2; only labels, of rank 1, and images, of rank 3, can be read"
    ),
    ([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], "it ends within its header"),
    ([0, 0, 8, 1, 0, 0, 0, 3, 1, 2], "its shape [3] takes 3 bytes, 2 follow the header"),
    ([0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "its shape [1] takes 1 bytes, 2 follow the header"),
    (
      [0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF],
      "its shape [4294967295] takes 4294967295 bytes, 0 follow the header"
    ),
    ([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5], "its images would be 5×0 pixels"),
    (
      [0, 0, 8, 3] + Array(repeating: 0xFF, count: 12), "its images would be 4294967295×4294967295 pixels"
    ),
    (
      [0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x40, 0, 0, 0, 0x40, 0],
      "its shape [4294967295, 16384, 16384] takes 1152921504338411520 bytes, 0 follow the header"
    ),
  ]

  @Test(arguments: brokenFiles) func aBrokenFileIsAnErrorThatNamesFileAndReason(
    bytes: [UInt8], reason: String
  ) throws {
    let path = folder.file("broken")
    try writeFileAtomically(bytes, to: path)
    #expect(throws: FileError(path: path, reason: "is not a valid idx file: \(reason)")) {
      try IDXFile(contentsOf: path)
    }
  }

  /// Whatever of a compressed file its header claims.
  @Test(arguments: brokenFiles) func aBrokenCompressedFileIsAnErrorThatNamesFileAndReason(
    bytes: [UInt8], reason: String
  ) throws {
    #expect(throws: FileError(path: "broken", reason: "is not a valid idx file: \(reason)")) {
      try IDXFile(gzip: storedGzip(bytes), path: "broken")
    }
  }

  @Test func ofACompressedFileWithMoreThanItsHeaderSaysAllIsCounted() throws {
    let zeros = try readFile(at: fixture("zeros.gz"))
    let header = storedGzip([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4])
    #expect(
      throws: FileError(
        path: "x.gz",
        reason: "is not a valid idx file: its shape [2, 3, 4] takes 24 bytes, 1000000 follow the header")
    ) {
      try IDXFile(gzip: header + zeros, path: "x.gz")
    }
    // As many bytes as the header claims, which are a thousandth of what the file takes.
    let fitting = storedGzip([0, 0, 8, 3, 0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0, 100])
    #expect(try IDXFile(gzip: fitting + zeros, path: "x.gz").byteCount == 1_000_000)
  }

  @Test func aDamagedCompressedFileIsNamed() throws {
    let path = folder.file("cut.gz")
    try writeFileAtomically(Array(readFile(at: fixture("labels-idx1-ubyte.gz")).dropLast()), to: path)
    #expect(throws: FileError(path: path, reason: "is not a valid gzip file: it is cut short")) {
      try IDXFile(contentsOf: path)
    }
  }
}

@Suite struct CIFAR10FileTests {
  private let folder = TemporaryFolder()

  /// A record whose red, green and blue are `red`, `red` + 1 and the pixel's number.
  private func record(label: UInt8, red: UInt8) -> [UInt8] {
    [label] + Array(repeating: red, count: 1024) + Array(repeating: red + 1, count: 1024)
      + (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
  }

  @Test func recordsAreLabelsAndPlanes() throws {
    let path = folder.file("data_batch_1.bin")
    try writeFileAtomically(record(label: 9, red: 10) + record(label: 0, red: 20), to: path)
    let file = try CIFAR10File(contentsOf: path)
    #expect(file.labels == [9, 0])
    let image = try file.image(at: 1)
    #expect((image.width, image.height, image.channels) == (32, 32, 3))
    #expect(image.pixels[..<9] == [20, 21, 0, 20, 21, 1, 20, 21, 2])
  }

  @Test func aPartOfARecordIsAnError() throws {
    let path = folder.file("data_batch_1.bin")
    try writeFileAtomically(Array(record(label: 1, red: 1).dropLast()), to: path)
    let reason =
      "is not a valid CIFAR-10 file: its 3072 bytes are no whole number of records of 3073"
    #expect(throws: FileError(path: path, reason: reason)) { try CIFAR10File(contentsOf: path) }
  }

  @Test func aLabelBeyondTheClassesIsAnError() throws {
    let path = folder.file("data_batch_1.bin")
    try writeFileAtomically(record(label: 9, red: 1) + record(label: 10, red: 1), to: path)
    let reason =
      "is not a valid CIFAR-10 file: image 1 has the label 10, where there are 10 classes"
    #expect(throws: FileError(path: path, reason: reason)) { try CIFAR10File(contentsOf: path) }
  }
}
