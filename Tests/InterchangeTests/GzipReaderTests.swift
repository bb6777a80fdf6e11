import Files
import Testing

@testable import Interchange

@Suite struct GzipReaderTests {
  /// All of a text that is read in pieces.
  private func text(_ reader: GzipReader, pieces: Int = 1 << 16) throws -> [UInt8] {
    var text: [UInt8] = []
    while true {
      let piece = try reader.read(count: pieces)
      text += piece
      if piece.count < pieces { return text }
    }
  }

  @Test func membersAreJoinedAndPaddingIsNone() throws {
    let bytes = try readFile(at: fixture("members.gz"))
    #expect(try text(GzipReader(bytes, path: "members.gz")) == Array("two members".utf8))
  }

  /// Wherever the parts of the file and of the text end, between members and in the padding too.
  @Test(arguments: [1, 2, 3, 7, 64], [1, 2, 5, 1000]) func aFileIsReadInParts(
    partSize: Int, pieces: Int
  ) throws {
    let file = try OpenFile(reading: fixture("members.gz"))
    let first = try file.read(count: 2, of: UInt8.self)
    let reader = GzipReader(file, firstBytes: first, partSize: partSize)
    #expect(try text(reader, pieces: pieces) == Array("two members".utf8))
    #expect(try reader.read(count: 1) == [])
  }

  @Test func aTextOfManyPiecesIsWhole() throws {
    let bytes = try readFile(at: fixture("zeros.gz"))
    #expect(try text(GzipReader(bytes, path: "zeros.gz")) == Array(repeating: 0, count: 1_000_000))
  }

  @Test func theRestIsCountedUpToALimit() throws {
    let bytes = try readFile(at: fixture("zeros.gz"))
    let reader = GzipReader(bytes, path: "zeros.gz")
    #expect(try reader.read(count: 10).count == 10)
    #expect(try reader.skipRest(limit: 1_000_000) == 999_990)
    #expect(try GzipReader(bytes, path: "zeros.gz").skipRest(limit: 999_999) == 1_000_000)
    let stopped = try GzipReader(bytes, path: "zeros.gz").skipRest(limit: 10)
    #expect((11..<1_000_000).contains(stopped))
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try readFile(at: fixture("labels-idx1-ubyte.gz"))
    for count in bytes.indices {
      let reason = "is not a valid gzip file: it is \(count == 0 ? "empty" : "cut short")"
      #expect(throws: FileError(path: "cut.gz", reason: reason)) {
        try text(GzipReader(Array(bytes[..<count]), path: "cut.gz"))
      }
    }
  }

  @Test func damageIsAnErrorInTheLibrarysWords() throws {
    let bytes = try readFile(at: fixture("labels-idx1-ubyte.gz"))
    func expect(_ reason: String, _ broken: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(
        throws: FileError(path: "x.gz", reason: "is not a valid gzip file: \(reason)"),
        sourceLocation: sourceLocation
      ) {
        try text(GzipReader(broken, path: "x.gz"))
      }
    }
    var broken = bytes
    broken[bytes.count - 8] ^= 1
    expect("incorrect data check", broken)
    broken = bytes
    broken[bytes.count - 4] ^= 1
    expect("incorrect length check", broken)
    expect("incorrect header check", bytes + [1, 2])
    expect("incorrect header check", bytes + [0, 0, 2])
    expect("incorrect header check", Array("plain text".utf8))
  }
}
