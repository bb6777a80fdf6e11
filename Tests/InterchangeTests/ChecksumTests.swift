import Files
import Interchange
import TestSupport
import Testing

@Suite struct ChecksumTests {
  private let scratch = TemporaryFolder()
  private var path: String { scratch.file("a.safetensors") }

  /// Python: `zlib.crc32(b"123456789")` is 0xcbf43926, the check value that the polynomial's catalogues give.
  @Test(arguments: [
    ("", "00000000"), ("123456789", "cbf43926"), ("a", "e8b7be43"),
    ("The quick brown fox jumps over the lazy dog", "414fa339"),
  ]) func theChecksumIsZlibs(text: String, checksum: String) {
    #expect(CRC32(Array(text.utf8)).text == checksum)
    var parts = CRC32()
    for byte in text.utf8 {
      let bytes = [byte]
      unsafe parts.update(bytes.span.bytes)
    }
    #expect(parts.text == checksum)
  }

  /// NIST's examples, and Python's `hashlib.sha256` around the length of a block.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    (String(repeating: "a", count: 1000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
  ]) func sha256(text: String, digest: String) {
    #expect(SHA256(Array(text.utf8)).text == digest)
  }

  private static let tensors: [(name: String, tensor: SafetensorsFile.Tensor)] = [
    ("a", .init(shape: [2], floats: [1, -2])), ("b", .init(shape: [], int64s: [7])),
    ("c", .init(shape: [0], floats: [])),
  ]

  private func write(_ tensors: [(name: String, tensor: SafetensorsFile.Tensor)], step: String) throws {
    let metadata = SafetensorsChecksums.adding(
      Self.tensors.map { ($0.name, $0.tensor.checksum) }, to: ["step": "3"])
    var changed = metadata
    changed["step"] = step
    try SafetensorsFile(tensors: tensors, metadata: changed).write(to: path)
  }

  @Test func whatWasWrittenIsTaken() throws {
    try write(Self.tensors, step: "3")
    try SafetensorsFile(contentsOf: path).checkContents(path: path)
  }

  @Test func aFileWithoutChecksumsIsTakenAsItIs() throws {
    try SafetensorsFile(tensors: Self.tensors, metadata: [:]).write(to: path)
    try SafetensorsFile(contentsOf: path).checkContents(path: path)
  }

  @Test func aChangedTensorIsNamed() throws {
    var tensors = Self.tensors
    tensors[1].tensor = .init(shape: [], int64s: [8])
    try write(tensors, step: "3")
    let error = #expect(throws: FileError.self) {
      try SafetensorsFile(contentsOf: path).checkContents(path: path)
    }
    #expect(error?.reason.contains(#"the contents of "b" are not what was saved"#) == true)
  }

  @Test func changedMetadataIsSaid() throws {
    try write(Self.tensors, step: "4")
    let error = #expect(throws: FileError.self) {
      try SafetensorsFile(contentsOf: path).checkContents(path: path)
    }
    #expect(error?.reason.contains("its metadata is not what was saved") == true)
  }

  @Test func everyBitOfATensorCounts() throws {
    try write(Self.tensors, step: "3")
    let sound = try readFile(at: path)
    // The buffer: eight bytes of `b`, eight of `a`.
    for bit in 0..<16 * 8 {
      var bytes = sound
      bytes[sound.count - 16 + bit / 8] ^= 1 << UInt8(bit % 8)
      try writeFileAtomically(bytes, to: path)
      #expect(throws: FileError.self, "bit \(bit)") {
        try SafetensorsFile(contentsOf: path).checkContents(path: path)
      }
    }
  }
}
