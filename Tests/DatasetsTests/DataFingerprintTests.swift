import Files
import Interchange
import ModelSpec
import TestSupport
import Testing

@testable import Datasets

@Suite struct DataFingerprintTests {
  private let scratch = TemporaryFolder()

  private func fingerprint(_ folder: String = "a", count: Int = 3) throws -> DataFingerprint {
    try DataFingerprint(folderSource(scratch.file(folder)), count: count)
  }

  private func fill(_ folder: String = "a") throws {
    try createFolder(at: scratch.file("\(folder)/sub"))
    for (name, bytes) in [("1.png", 10), ("2.png", 20_000), ("sub/3.JPG", 5)] {
      try writeFileAtomically(
        (0..<bytes).map { UInt8(truncatingIfNeeded: $0 * 7) }, to: scratch.file("\(folder)/\(name)"))
    }
  }

  @Test func whereTheFilesLieDoesNotCount() throws {
    try fill("a")
    try fill("b")
    #expect(try fingerprint("a") == fingerprint("b"))
    #expect(try fingerprint("a").text == fingerprint("b").text)
    #expect(try fingerprint("a").changes(since: fingerprint("b")) == [])
  }

  @Test func whatIsNoDataDoesNotCount() throws {
    try fill()
    let before = try fingerprint()
    try writeFileAtomically([1], to: scratch.file("a/notes.txt"))
    try writeFileAtomically([1], to: scratch.file("a/.hidden.png"))
    #expect(try fingerprint() == before)
  }

  /// A change, and what is said of it.
  @Test(arguments: [
    ("added", #"new: "4.png""#), ("removed", #"missing: "2.png""#), ("first byte", #"changed: "2.png""#),
    ("last byte", #"changed: "2.png""#), ("longer", #"changed: "1.png""#),
    ("renamed", #"new: "9.png"; missing: "1.png""#),
  ]) func aChangeIsNamed(change: String, expected: String) throws {
    try fill()
    let before = try fingerprint()
    let second = scratch.file("a/2.png")
    var bytes = try readFile(at: second)
    switch change {
    case "added": try writeFileAtomically([1], to: scratch.file("a/4.png"))
    case "removed": try removeFile(at: second)
    case "first byte":
      bytes[0] ^= 1
      try writeFileAtomically(bytes, to: second)
    case "last byte":
      bytes[bytes.count - 1] ^= 1
      try writeFileAtomically(bytes, to: second)
    case "longer":
      try writeFileAtomically(try readFile(at: scratch.file("a/1.png")) + [0], to: scratch.file("a/1.png"))
    case "renamed":
      try writeFileAtomically(try readFile(at: scratch.file("a/1.png")), to: scratch.file("a/9.png"))
      try removeFile(at: scratch.file("a/1.png"))
    default: Issue.record("no such change")
    }
    let after = try fingerprint()
    #expect(after.text != before.text)
    #expect(after.changes(since: before).joined(separator: "; ") == expected)
  }

  @Test func anotherCountIsAChange() throws {
    try fill()
    let (before, after) = (try fingerprint(count: 3), try fingerprint(count: 2))
    #expect(before.text != after.text)
    #expect(after.changes(since: before) == ["2 examples in place of 3"])
  }

  @Test func linesReadBackAndDamageIsSeen() throws {
    try fill()
    let fingerprint = try fingerprint()
    let lines = Array(fingerprint.lines.utf8)
    #expect(DataFingerprint(lines: lines) == fingerprint)
    for damaged in [[], Array("x\n".utf8), Array(lines.dropLast(40)), lines + lines] {
      #expect(DataFingerprint(lines: damaged) == nil)
    }
  }
}
