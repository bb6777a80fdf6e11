import Files
import Glibc
import TestSupport
import Testing

@Suite struct ListFilesTests {
  private let folder = TemporaryFolder()

  @Test func filesAreSortedByTheirBytesAndHiddenOnesLeftOut() throws {
    for name in ["é", "b", "a-1", "B", "a", ".hidden", "10", "9"] {
      try writeFileAtomically([], to: folder.file(name))
    }
    let expected = ["10", "9", "B", "a", "a-1", "b", "é"].map { folder.file($0) }
    #expect(try listFiles(in: folder.path) == expected)
    #expect(try listFiles(in: folder.path + "/") == expected)
  }

  @Test func anEmptyFolderHasNoFiles() throws {
    #expect(try listFiles(in: folder.path) == [])
  }

  @Test func aLinkToTheFolderItselfIsNotFollowed() throws {
    try writeFileAtomically([], to: folder.file("a"))
    #expect(unsafe symlink(folder.path, folder.file("self")) == 0)
    #expect(unsafe symlink("/missing", folder.file("nowhere")) == 0)
    #expect(try listFiles(in: folder.path) == [folder.file("a"), folder.file("nowhere")])
  }

  @Test func onlyFoldersAreFolders() throws {
    try writeFileAtomically([], to: folder.file("a"))
    #expect(unsafe symlink(folder.path, folder.file("linked")) == 0)
    #expect(isFolder(folder.path))
    #expect(isFolder(folder.file("linked")))
    #expect(!isFolder(folder.file("a")))
    #expect(!isFolder(folder.file("missing")))
  }

  @Test func whatIsNoFolderIsNamed() throws {
    let path = folder.file("a")
    try writeFileAtomically([], to: path)
    #expect(throws: FileError(path: path, reason: "cannot be read: Not a directory")) {
      try listFiles(in: path)
    }
  }
}
