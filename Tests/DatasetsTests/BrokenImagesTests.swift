import Datasets
import Files
import Glibc
import Interchange
import ModelSpec
import TestSupport
import Testing

/// A file among images that is none, and what is said of it.
private struct BrokenFile: CustomTestStringConvertible, Sendable {
  var testDescription: String
  /// Whether the file's first bytes show it.
  var isSeenAtOnce: Bool
  var reason: String
  var make: @Sendable (_ path: String) throws -> Void

  static let all: [BrokenFile] = [
    .init(
      testDescription: "empty", isSeenAtOnce: true, reason: "is empty: neither a PNG nor a JPEG file",
      make: { try writeFileAtomically([], to: $0) }),
    .init(
      testDescription: "text", isSeenAtOnce: true, reason: "is neither a PNG nor a JPEG file",
      make: { try writeFileAtomically(Array("<html>404</html>".utf8), to: $0) }),
    .init(
      testDescription: "a header only", isSeenAtOnce: true, reason: "is not a valid PNG file: ",
      make: { try cut("color.png", to: 20, at: $0) }),
    .init(
      testDescription: "too large a size", isSeenAtOnce: true,
      reason: "claims 60000×60000 pixels; at most 268435456 can be read",
      make: { path in
        var bytes = try readFile(at: fixture("color.png"))
        bytes.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        // The chunk's checksum, so that only the size is wrong.
        bytes.replaceSubrange(29..<33, with: crc32(bytes[12..<29]))
        try writeFileAtomically(bytes, to: path)
      }),
    .init(
      testDescription: "a pipe", isSeenAtOnce: true, reason: "is not a regular file",
      make: { #expect(unsafe mkfifo($0, 0o600) == 0) }),
    .init(
      testDescription: "a link to nothing", isSeenAtOnce: true,
      reason: "cannot be read: No such file or directory",
      make: { #expect(unsafe symlink("/missing", $0) == 0) }),
    .init(
      testDescription: "half a PNG", isSeenAtOnce: false, reason: "is not a valid PNG file: ",
      make: { try cut("color.png", to: 60, at: $0) }),
    .init(
      testDescription: "half a JPEG", isSeenAtOnce: false, reason: "is not a valid JPEG file: ",
      make: { try cut("color.jpg", to: 1100, at: $0) }),
    .init(
      testDescription: "a JPEG's first bytes", isSeenAtOnce: true, reason: "is not a valid JPEG file: ",
      make: { try cut("color.jpg", to: 4, at: $0) }),
  ]

  private static func cut(_ name: String, to count: Int, at path: String) throws {
    try writeFileAtomically(Array(readFile(at: fixture(name))[..<count]), to: path)
  }

  /// The checksum of a PNG file's chunk, most significant byte first (RFC 2083, 15).
  private static func crc32(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~remainder >> $0) }
  }
}

@Suite struct BrokenImagesTests {
  private let scratch = TemporaryFolder()

  /// Sound images of the given brightness, named by it.
  private func writePixels(_ values: [UInt8]) throws {
    for value in values { try pixel(value).writePNG(to: scratch.file("\(100 + Int(value)).png")) }
  }

  private func open(
    broken: String, limit: Int? = nil, memoryLimit: Int = Dataset.memoryLimit
  ) throws -> Dataset {
    var attributes: [String: AttributeValue] = ["broken": .string(broken), "range": .numbers([0, 255])]
    if let limit { attributes["limit"] = .int(limit) }
    return try Dataset(
      folderSource(scratch.path, attributes), channels: 1, height: 1, width: 1, seed: 1, threads: 3,
      memoryLimit: memoryLimit)
  }

  @Test(.timeLimit(.minutes(1)), arguments: BrokenFile.all)
  private func stoppingNamesTheFileBeforeTrainingWhereItCanBeKnown(_ broken: BrokenFile) throws {
    try writePixels([1, 3])
    let path = scratch.file("102.png")
    try broken.make(path)
    let error = #expect(throws: FileError.self) { try open(broken: "stop") }
    #expect(error?.path == path)
    #expect(error?.reason.hasPrefix(broken.reason) == true)
    #expect(error?.reason.contains("; 1 of 3 files cannot be read; `broken: skip` under `data:`") == true)

    // Images that are not kept are not decoded either until they are needed.
    if broken.isSeenAtOnce {
      let error = #expect(throws: FileError.self) { try open(broken: "stop", memoryLimit: 0) }
      #expect(error?.path == path)
    } else {
      let dataset = try open(broken: "stop", memoryLimit: 0)
      #expect(try dataset.values(0) == [1])
      let later = #expect(throws: FileError.self) { try dataset.values(1) }
      #expect(later?.path == path)
      #expect(later?.reason.hasPrefix(broken.reason) == true)
      #expect(try dataset.values(2) == [3])
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, Dataset.memoryLimit])
  func skippingLeavesEveryBrokenFileOutAndSaysWhy(memoryLimit: Int) throws {
    try writePixels(Array(0...9))
    for (number, broken) in BrokenFile.all.enumerated() { try broken.make(scratch.file("10\(number)-.png")) }
    let dataset = try open(broken: "skip", memoryLimit: memoryLimit)
    #expect(try dataset.allValues() == (0...9).map { [Float($0)] })
    #expect(dataset.skipped.map(\.path) == BrokenFile.all.indices.map { scratch.file("10\($0)-.png") })
    for (error, broken) in zip(dataset.skipped, BrokenFile.all) {
      #expect(error.reason.hasPrefix(broken.reason))
    }
  }

  @Test(arguments: [0, Dataset.memoryLimit])
  func whatIsSkippedDoesNotCountTowardsTheLimit(memoryLimit: Int) throws {
    try writePixels([0, 3, 4, 7, 8, 9])
    for name in ["101", "102", "105", "106", "110"] {
      try writeFileAtomically([], to: scratch.file("\(name).png"))
    }
    let dataset = try open(broken: "skip", limit: 4, memoryLimit: memoryLimit)
    #expect(try dataset.allValues() == [[0], [3], [4], [7]])
    #expect(dataset.skipped.count == 4)
    #expect(try open(broken: "skip", limit: 100, memoryLimit: memoryLimit).count == 6)
    #expect(try open(broken: "stop", limit: 1, memoryLimit: memoryLimit).count == 1)
  }

  @Test func theFirstOfSeveralBrokenFilesIsNamed() throws {
    try writePixels(Array(0...50))
    for number in [130, 110, 120, 111] { try writeFileAtomically([], to: scratch.file("\(number).png")) }
    for _ in 0..<20 {
      let error = #expect(throws: FileError.self) { try open(broken: "stop") }
      #expect(error?.path == scratch.file("110.png"))
    }
  }

  @Test func aFolderOfBrokenFilesOnlyIsAnError() throws {
    for name in ["a", "b"] { try writeFileAtomically([], to: scratch.file("\(name).png")) }
    let error = #expect(throws: FileError.self) { try open(broken: "skip") }
    #expect(
      error?.description
        == "\(scratch.path): holds no image that can be read; the first of them is"
        + " \(scratch.file("a.png")): is empty: neither a PNG nor a JPEG file")
  }
}
