import Files
import Glibc
import TestSupport
import Testing

@Suite struct FileNameTests {
  private let folder = TemporaryFolder()

  @Test func everyNameComesBackFromItsText() {
    var random = SystemRandomNumberGenerator()
    var names: [[UInt8]] = [
      [], Array("café".utf8), [0x63, 0x61, 0x66, 0xE9], [0xC3], [0xF4, 0x8F, 0xBF], [0xED, 0xA0, 0x80],
      // A name that really has the characters which stand for bytes.
      Array("\u{10FF80}\u{10FFE9}".utf8), [0xFF, 0xFE, 0x2F, 0x00, 0x80],
    ]
    for _ in 0..<2000 {
      names.append((0..<Int.random(in: 0..<12, using: &random)).map { _ in UInt8.random(in: 0...255) })
    }
    var texts: [String: [UInt8]] = [:]
    for name in names {
      let text = FileName.text(of: name)
      #expect(FileName.bytes(of: text) == name)
      #expect(texts[text] == nil || texts[text] == name)
      texts[text] = name
    }
    #expect(FileName.text(of: Array("é 漢 🦆".utf8)) == "é 漢 🦆")
  }

  @Test func noTextLeadsToASlashOrANULThatItDoesNotShow() {
    for value in 0x10FF00...0x10FF7F as ClosedRange<UInt32> {
      let bytes = FileName.bytes(of: String(Unicode.Scalar(value)!))
      #expect(bytes.allSatisfy { $0 >= 0x80 })
    }
  }

  @Test func aFileWithAnyNameIsListedAndRead() throws {
    let names: [[UInt8]] = [[0x63, 0xE9], Array("é".utf8), [0xFF], Array("\u{10FFFF}".utf8), [0x0A, 0x1B]]
    for (index, name) in names.enumerated() {
      let path = Array(folder.path.utf8) + [0x2F] + name + [0]
      let descriptor = unsafe open(path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
      #expect(unsafe write(descriptor, [UInt8(index)], 1) == 1)
      close(descriptor)
    }
    let listed = try listFiles(in: folder.path)
    #expect(listed.count == names.count)
    var found: Set<UInt8> = []
    for path in listed { found.insert(try readFile(at: path)[0]) }
    #expect(found.count == names.count)
    // In the order of their bytes.
    #expect(
      listed.map { FileName.bytes(of: $0) }.elementsEqual(
        listed.map { FileName.bytes(of: $0) }.sorted { $0.lexicographicallyPrecedes($1) }))
  }

  @Test func aPathWithANULIsRefused() {
    let path = folder.file("a\0b")
    #expect(throws: FileError(path: path, reason: "is no file's name: it holds a NUL character")) {
      try readFile(at: path)
    }
    #expect(throws: FileError.self) { try writeFileAtomically([1], to: path) }
    #expect(throws: FileError.self) { try createFolder(at: path) }
    #expect(throws: FileError.self) { try entryNames(ofFolder: path) }
    #expect(!isFolder(path))
    #expect(realPath(path) == nil)
    #expect(folder.names == [])
  }
}
