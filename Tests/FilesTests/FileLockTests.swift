import Files
import Glibc
import TestSupport
import Testing

@Suite struct FileLockTests {
  private let folder = TemporaryFolder()

  @Test func aSecondLockIsRefusedAndNamesTheHolder() throws {
    let path = folder.file("lock")
    func lock() throws { _ = try FileLock(path: path, guarding: "runs/a") }
    do {
      let first = try FileLock(path: path, guarding: "runs/a")
      let error = #expect(throws: FileError.self) { try lock() }
      #expect(error?.description == "runs/a: is in use by another process (\(getpid()))")
      #expect(error?.exitCode == 75)
      _ = consume first
    }
    // The first is given up, and its file stays.
    try lock()
    #expect(folder.names == ["lock"])
  }
}
