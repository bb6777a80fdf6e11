import Interchange
import Testing

@Suite struct GunzipTests {
  @Test func membersAreJoinedAndPaddingIsNone() throws {
    let bytes = try readFile(at: fixture("members.gz"))
    #expect(try gunzip(bytes, path: "members.gz", limit: 100) == Array("two members".utf8))
  }

  @Test func aTextOfManyChunksIsWhole() throws {
    let bytes = try readFile(at: fixture("zeros.gz"))
    #expect(try gunzip(bytes, path: "zeros.gz", limit: 1_000_000) == Array(repeating: 0, count: 1_000_000))
  }

  @Test(arguments: [0, 1, 999_999]) func moreThanTheLimitIsAnError(limit: Int) throws {
    let bytes = try readFile(at: fixture("zeros.gz"))
    let error = FileError(path: "zeros.gz", reason: "has more than \(limit) bytes when decompressed")
    #expect(throws: error) { try gunzip(bytes, path: "zeros.gz", limit: limit) }
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try readFile(at: fixture("labels-idx1-ubyte.gz"))
    for count in bytes.indices {
      let reason = "is not a valid gzip file: it is \(count == 0 ? "empty" : "cut short")"
      #expect(throws: FileError(path: "cut.gz", reason: reason)) {
        try gunzip(Array(bytes[..<count]), path: "cut.gz", limit: 1000)
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
        try gunzip(broken, path: "x.gz", limit: 1000)
      }
    }
    var broken = bytes
    broken[bytes.count - 8] ^= 1
    expect("incorrect data check", broken)
    broken = bytes
    broken[bytes.count - 4] ^= 1
    expect("incorrect length check", broken)
    expect("incorrect header check", bytes + [1, 2])
    expect("incorrect header check", Array("plain text".utf8))
  }
}
