import Files
import Glibc
import TestSupport
import Testing

@Suite struct AppendingFileTests {
  private let folder = TemporaryFolder()

  @Test func whatIsAppendedFollowsWhatIsThere() throws {
    let path = folder.file("log")
    do {
      var file = try AppendingFile(path: path)
      try file.append([1, 2, 3])
      try file.append([])
      #expect(file.size == 3)
    }
    var file = try AppendingFile(path: path)
    try file.truncate(to: 1)
    try file.append([9])
    try file.synchronize()
    #expect(try readFile(at: path) == [1, 9])
  }

  @Test func aFolderIsNoFileToAppendTo() {
    let error = #expect(throws: FileError.self) { _ = try AppendingFile(path: folder.path) }
    #expect(error?.reason == "cannot be written: Is a directory")
  }

  @Test func anAppendThatFailsInTheMiddleLeavesNoPartBehind() async {
    // The limit on file sizes holds for the whole process, so the test runs in one of its own.
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.file("log")
      var file = try AppendingFile(path: path)
      try file.append(Array(repeating: 7, count: 10))

      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 16, rlim_max: 16)
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      do throws(FileError) {
        try file.append(Array(repeating: 8, count: 10))
        Issue.record("more than the limit was written")
      } catch {
        #expect(error.description == "\(path): cannot be written: File too large")
      }
      try file.append([9])
      #expect(try readFile(at: path) == Array(repeating: 7, count: 10) + [9])
    }
  }
}
