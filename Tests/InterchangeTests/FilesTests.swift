import Glibc
import Interchange
import TestSupport
import Testing

@Suite struct FilesTests {
  private let folder = TemporaryFolder()

  @Test func aWrittenFileIsReadBackAndNothingElseIsLeft() throws {
    let path = folder.file("weights")
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try writeFileAtomically(bytes, to: path)
    #expect(try readFile(at: path) == bytes)
    #expect(folder.names == ["weights"])
  }

  @Test func aWriterWithoutCommitLeavesTheOldFileAndNoOther() throws {
    let path = folder.file("weights")
    try writeFileAtomically([1, 2, 3], to: path)
    func abandon() throws {
      let writer = try AtomicFileWriter(path: path)
      try writer.write([4, 5] as [UInt8])
    }
    try abandon()
    #expect(try readFile(at: path) == [1, 2, 3])
    #expect(folder.names == ["weights"])
  }

  @Test func twoWritersOfOneFolderDoNotDisturbEachOther() throws {
    let first = try AtomicFileWriter(path: folder.file("first"))
    let second = try AtomicFileWriter(path: folder.file("second"))
    try first.write([1] as [UInt8])
    try second.write([2] as [UInt8])
    try second.commit()
    try first.commit()
    #expect(try readFile(at: folder.file("first")) == [1])
    #expect(try readFile(at: folder.file("second")) == [2])
  }

  @Test func aFileOfTheLongestNameIsWritten() throws {
    let name = String(repeating: "n", count: 255)
    try writeFileAtomically([1], to: folder.file(name))
    #expect(folder.names == [name])
  }

  @Test func writingThroughALinkKeepsTheLink() throws {
    try writeFileAtomically([1], to: folder.file("target"))
    #expect(unsafe symlink(folder.file("target"), folder.file("link")) == 0)
    try writeFileAtomically([2], to: folder.file("link"))
    #expect(try readFile(at: folder.file("target")) == [2])
  }

  @Test func aMissingFileIsTheUsersMistake() {
    let path = folder.file("missing")
    let error = FileError(
      path: path, reason: "cannot be read: No such file or directory", category: .invalidInput)
    #expect(error.exitCode == 65)
    #expect(throws: error) { try readFile(at: path) }
  }

  @Test func aFolderIsNotReadAsAFile() {
    #expect(throws: FileError(path: folder.path, reason: "is a folder, not a file")) {
      try readFile(at: folder.path)
    }
  }

  @Test(.timeLimit(.minutes(1))) func aPipeIsRefusedAndNotWaitedFor() {
    let path = folder.file("pipe")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    #expect(throws: FileError(path: path, reason: "is not a regular file")) { try readFile(at: path) }
  }

  @Test func aFileAboveTheLimitIsRefused() throws {
    let path = folder.file("large")
    try writeFileAtomically([1, 2, 3], to: path)
    #expect(throws: FileError(path: path, reason: "has 3 bytes; at most 2 can be read")) {
      try readFile(at: path, limit: 2)
    }
  }

  @Test func aDeviceIsNotReplaced() {
    let error = #expect(throws: FileError.self) { try writeFileAtomically([1], to: "/dev/null") }
    #expect(error?.reason == "cannot be written: it exists and is not a regular file")
  }

  @Test func aMissingFolderIsAnInputOutputError() {
    let path = folder.file("missing/weights")
    let error = #expect(throws: FileError.self) { try writeFileAtomically([1], to: path) }
    #expect(error?.description == "\(path): cannot be written: No such file or directory")
    #expect(error?.exitCode == 74)
  }

  @Test func aWriteThatFailsInTheMiddleLeavesTheOldFileAndNoOther() async {
    // The limit on file sizes holds for the whole process, so the test runs in one of its own.
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.file("weights")
      try writeFileAtomically([1, 2, 3], to: path)

      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = #expect(throws: FileError.self) {
        try writeFileAtomically(Array(repeating: UInt8(1), count: 8192), to: path)
      }
      #expect(error?.description == "\(path): cannot be written: File too large")
      #expect(error?.exitCode == 74)
      #expect(try readFile(at: path) == [1, 2, 3])
      #expect(folder.names == ["weights"])
    }
  }
}
