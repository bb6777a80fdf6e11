import Files
import Glibc
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

  @Test func nothingIsWrittenThroughALink() throws {
    try writeFileAtomically([1], to: folder.file("target"))
    for (link, target) in [("link", folder.file("target")), ("dangling", folder.file("missing"))] {
      let path = folder.file(link)
      #expect(unsafe symlink(target, path) == 0)
      let error = FileError(
        path: path, reason: "is a symbolic link, and nothing is written through one")
      for replacement in [Replacement.nothing, .file] {
        #expect(throws: error) { try writeFileAtomically([2], to: path, replacing: replacement) }
      }
      #expect(throws: error) { _ = try AppendingFile(path: path) }
      #expect(throws: error) { _ = try FileLock(path: path, guarding: path) }
    }
    #expect(try readFile(at: folder.file("target")) == [1])
    #expect(folder.names == ["dangling", "link", "target"])
  }

  @Test func whatMayNotBeReplacedStays() throws {
    let path = folder.file("mine")
    let error = FileError(path: path, reason: "exists already")
    // It came while the file was written.
    let writer = try AtomicFileWriter(path: path, replacing: .nothing)
    try writer.write([2] as [UInt8])
    try writeFileAtomically([1], to: path, replacing: .nothing)
    do throws(FileError) {
      try writer.commit()
      Issue.record("the file was replaced")
    } catch {
      #expect(error.reason == "exists already")
    }
    #expect(throws: error) { try writeFileAtomically([2], to: path, replacing: .nothing) }
    #expect(try readFile(at: path) == [1])
    #expect(folder.names == ["mine"])
  }

  @Test func aFileThatIsReplacedKeepsItsPermissions() throws {
    for mode: mode_t in [0o600, 0o640, 0o664] {
      let path = folder.file("\(mode)")
      try writeFileAtomically([1], to: path)
      #expect(unsafe chmod(path, mode) == 0)
      try writeFileAtomically([2], to: path)
      var status = stat()
      #expect(unsafe stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == mode)
    }
  }

  @Test func aKillLeavesNothingOfAFileThatIsNew() async throws {
    let folder = "/tmp/graphc-killed-writer"
    try createFolder(at: folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let writer = try AtomicFileWriter(path: "/tmp/graphc-killed-writer/weights")
      try writer.write([1] as [UInt8])
      kill(getpid(), SIGKILL)
    }
    #expect(try entryNames(ofFolder: folder) == [])
    #expect(unsafe rmdir(folder) == 0)
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

  @Test func aStreamIsReadToItsEndOrItsLimit() async throws {
    let path = folder.file("pipe")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    let writer = Task.detached {
      let descriptor = unsafe open(path, O_WRONLY)
      let count = unsafe Glibc.write(descriptor, [UInt8](repeating: 7, count: 3000), 3000)
      close(descriptor)
      return count
    }
    #expect(try readStream(at: path, limit: 5000) == Array(repeating: 7, count: 3000))
    #expect(await writer.value == 3000)
    #expect(try readStream(at: "/dev/zero", limit: 100).count == 101)
    #expect(throws: FileError(path: folder.path, reason: "is a folder, not a file")) {
      try readStream(at: folder.path, limit: 100)
    }
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
