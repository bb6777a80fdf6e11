import Datasets
import Files
import Interchange
import ModelSpec
import TestSupport
import Testing

/// The classes of data and of a model, and what a look at a few files tells.
@Suite struct ClassCountTests {
  private let scratch = TemporaryFolder()

  @Test func classesAreNamedWithoutOpeningAnImage() throws {
    #expect(try Dataset.classNames(of: dataSource("digits")) == (0...9).map(String.init))
    #expect(try Dataset.classNames(of: dataSource("synthetic")) == ["disc", "square", "triangle"])
    #expect(try Dataset.classNames(of: dataSource("synthetic", ["kind": .string("pairs")])) == nil)
    for name in ["b", "a"] {
      try createFolder(at: scratch.file(name))
      // No image: nobody may look into it.
      try writeFileAtomically([1], to: scratch.file("\(name)/x.png"))
    }
    #expect(try Dataset.classNames(of: folderSource(scratch.path)) == nil)
    #expect(
      try Dataset.classNames(of: folderSource(scratch.path, ["labels": .string("folders")])) == ["a", "b"])
  }

  @Test func anotherNumberOfClassesIsAnErrorWithTheWayOut() throws {
    #expect(throws: Never.self) { try Dataset.requireClasses(10, of: dataSource("digits")) }
    let reason = "has 10 classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), and the model has 12: write `classes: 10`"
    #expect(throws: FileError(path: "digits", reason: reason)) {
      try Dataset.requireClasses(12, of: dataSource("digits"))
    }
    try pixel(1).writePNG(to: scratch.file("a.png"))
    let unlabelled = "gives no labels, and the model has 2 classes: "
    #expect(
      throws: FileError(
        path: scratch.path, reason: unlabelled + "`labels: folders` takes each of its folders for a class")
    ) { try Dataset.requireClasses(2, of: folderSource(scratch.path)) }
    let idx = dataSource("idx", ["images": .path(fixture("images-idx3-ubyte.gz"), base: "")])
    let error = #expect(throws: FileError.self) { try Dataset.requireClasses(2, of: idx) }
    #expect(error?.reason == unlabelled + "name the file with the labels as `labels`")
    #expect(error?.exitCode == 65)
  }

  private func warnings(channels: Int, side: Int) -> [String] {
    DataGlance.warnings(folderSource(scratch.path), channels: channels, height: side, width: side)
  }

  @Test func aGlanceTellsWhatIsHardlyMeant() throws {
    #expect(warnings(channels: 3, side: 64).isEmpty)
    try createFolder(at: scratch.file("inner"))
    for number in 0..<40 {
      try writeFileAtomically(
        readFile(at: fixture("mixed/grey.png")), to: scratch.file("inner/\(number).png"))
    }
    #expect(warnings(channels: 1, side: 14).isEmpty)
    #expect(warnings(channels: 1, side: 64).map { $0.contains("at most 22×14 pixels") } == [true])
    #expect(warnings(channels: 3, side: 14).map { $0.contains("`channels: 1` is enough") } == [true])
    try writeFileAtomically(readFile(at: fixture("color.png")), to: scratch.file("a.png"))
    #expect(warnings(channels: 3, side: 12).isEmpty)
    #expect(warnings(channels: 4, side: 12).map { $0.contains("nothing transparent") } == [true])
    try writeFileAtomically(readFile(at: fixture("mixed/alpha.png")), to: scratch.file("b.png"))
    #expect(warnings(channels: 4, side: 12).isEmpty)
  }
}
