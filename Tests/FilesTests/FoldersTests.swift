import Files
import Glibc
import TestSupport
import Testing

@Suite struct FoldersTests {
  private let folder = TemporaryFolder()

  @Test func missingParentsAreMadeAndWhatExistsStays() throws {
    let path = folder.file("outer")
    try createFolder(at: path)
    try writeFileAtomically([1], to: "\(path)/file")
    try createFolder(at: path)
    try createFolder(at: "\(path)//inner/")
    #expect(try entryNames(ofFolder: path) == ["file", "inner"])
    try createFolder(at: folder.path)
    try createFolder(at: "/")
    for name in ["file", "inner"] { _ = unsafe remove("\(path)/\(name)") }
  }

  @Test func aFileInTheWayIsNamed() throws {
    let path = folder.file("file")
    try writeFileAtomically([1], to: path)
    #expect(throws: FileError(path: path, reason: "is not a folder")) { try createFolder(at: path) }
    #expect(throws: FileError.self) { try createFolder(at: "\(path)/inner") }
  }

  @Test func onlyTheFirstMakesANewFolder() throws {
    let path = folder.file("new")
    #expect(try createNewFolder(at: path))
    #expect(try !createNewFolder(at: path))
  }

  @Test func namesAreSortedByTheirBytes() throws {
    for name in ["b", "a", "B", "é", "10", "9"] { try writeFileAtomically([], to: folder.file(name)) }
    #expect(try entryNames(ofFolder: folder.path) == ["10", "9", "B", "a", "b", "é"])
    #expect(throws: FileError.self) { try entryNames(ofFolder: folder.file("missing")) }
  }

  @Test func onlyTheFilesOfKilledWritersAreRemoved() throws {
    for name in [".graphc-77-0.tmp", ".graphc", "step-000001.safetensors"] {
      try writeFileAtomically([], to: folder.file(name))
    }
    try AtomicFileWriter.removeAbandonedFiles(in: folder.path)
    #expect(folder.names == [".graphc", "step-000001.safetensors"])
  }
}
