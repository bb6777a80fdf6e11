import Files
import Interchange
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private let folder = TemporaryFolder()

  @Test func aFileOfTheReferenceImplementationIsRead() throws {
    let file = try SafetensorsFile(contentsOf: fixture("python.safetensors"))
    #expect(file.tensors.count == 6)
    #expect(file.metadata == ["step": "12", "note": "a \"quoted\"\tline — 😀"])

    let weight = try #require(file["generator.0.weight"])
    #expect(weight.shape == [2, 3, 1, 2])
    #expect(weight.elementType == .float32)
    #expect(weight.floats == (0..<12).map { Float($0) / 8 - 0.5 })
    let batches = try #require(file["generator.1.num_batches_tracked"])
    #expect(batches.shape == [])
    #expect(batches.int64s == [3])
    #expect(file["step.0.loss_d"]?.doubles == [1.0 / 3])
    #expect(file["step.0.labels"]?.int64s == [0, -1, 1 << 40])
    #expect(file["empty"]?.shape == [0, 4])
    #expect(file["empty"]?.floats == [])
    let special = try #require(file["Größe \"x\"\n"]?.floats)
    #expect(special.map(\.bitPattern) == [Float.infinity.bitPattern, 0x8000_0000, 1])
    #expect(file["missing"] == nil)
  }

  @Test func aHeaderIsReadWithoutItsTensors() throws {
    let header = try SafetensorsHeader(contentsOf: fixture("python.safetensors"))
    let weight = try #require(header.entries.first { $0.name == "generator.0.weight" })
    #expect(weight.shape == [2, 3, 1, 2])
    #expect(weight.elementType == .float32)
    #expect(weight.elementCount == 12)
    #expect(header.metadata["step"] == "12")
  }

  @Test func whatIsWrittenIsReadBackInOrder() throws {
    let path = folder.file("out.safetensors")
    let name = "\"\\\u{1}\u{1f}/é😀"
    let file = SafetensorsFile(
      tensors: [
        ("b", .init(shape: [3], floats: [1, .nan, -0.0])),
        (name, .init(shape: [2, 1], doubles: [.pi, -1e300])),
        ("a", .init(shape: [], int64s: [.min])),
        ("none", .init(shape: [2, 0], floats: [])),
      ], metadata: ["z": "", "a\n": "1"])
    try file.write(to: path)
    let read = try SafetensorsFile(contentsOf: path)
    #expect(read.tensors.map(\.name) == ["b", name, "a", "none"])
    #expect(read.tensors.map(\.tensor.shape) == [[3], [2, 1], [], [2, 0]])
    #expect(read["b"]?.floats.map(\.bitPattern) == [1, .nan, -0.0].map { Float($0).bitPattern })
    #expect(read[name]?.doubles == [.pi, -1e300])
    #expect(read["a"]?.int64s == [.min])
    #expect(read.metadata == file.metadata)
  }

  @Test func theHeaderKeepsTheOrderAndTheBufferIsAligned() throws {
    let path = folder.file("out.safetensors")
    let file = SafetensorsFile(
      tensors: [("w", .init(shape: [1], floats: [1])), ("n", .init(shape: [], int64s: [2]))],
      metadata: ["b": "2", "a": "1"])
    try file.write(to: path)
    let header =
      #"{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"#
      + #""n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}    "#
    #expect(header.utf8.count % 8 == 0)
    let buffer: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F]
    #expect(try readFile(at: path) == safetensorsBytes(header: header, buffer: buffer))
  }

  @Test func elementsAreConvertedBetweenTypes() {
    let tensor = SafetensorsFile.Tensor(shape: [2], doubles: [0.1, 2])
    #expect(tensor.floats == [0.1, 2])
    #expect(tensor.int64s == nil)
    #expect(SafetensorsFile.Tensor(shape: [1], int64s: [7]).doubles == [7])
    #expect(SafetensorsFile.Tensor(shape: [1], floats: [0.5]).doubles == [0.5])
  }

  /// What a file holds, and what the error says of it.
  struct BrokenFile: CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var reason: String

    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ reason: String) {
      (self.name, self.bytes, self.reason) = (name, bytes, reason)
    }

    init(_ name: String, header: String, bufferSize: Int = 0, _ reason: String) {
      let buffer = Array(repeating: UInt8(0), count: bufferSize)
      self.init(name, safetensorsBytes(header: header, buffer: buffer), reason)
    }
  }

  static let brokenFiles: [BrokenFile] = [
    .init("empty", [], "its 0 bytes cannot even hold the header's length"),
    .init("seven bytes", [1, 0, 0, 0, 0, 0, 0], "its 7 bytes cannot even hold the header's length"),
    .init(
      "huge header", [1, 0xE1, 0xF5, 5, 0, 0, 0, 0],
      "its header would have 100000001 bytes; at most 100000000 are allowed"),
    .init(
      "largest header", Array(repeating: 0xFF, count: 16),
      "its header would have 18446744073709551615 bytes; at most 100000000 are allowed"),
    .init("truncated header", [9, 0, 0, 0, 0, 0, 0, 0, 0x7B], "it ends within its header of 9 bytes"),
    .init("no header", header: "", "its header does not begin with `{`"),
    .init("white space in front", header: " {}", "its header does not begin with `{`"),
    .init("no end", header: "{", "in its header, expected a string at its end"),
    .init("text behind", header: "{} x", "in its header, expected nothing more at byte 3"),
    .init("number for an entry", header: #"{"a":1}"#, "in its header, expected `{` at byte 5"),
    .init("unfinished string", header: #"{"a"#, "in its header, expected the string's end at its end"),
    .init(
      "unknown escape", header: #"{"\x":1}"#, "in its header, expected an escape sequence at byte 2"),
    .init(
      "lone surrogate", header: #"{"\ud800":1}"#,
      "in its header, expected the second of a pair of surrogates at byte 8"),
    .init(
      "lone trailing surrogate", header: #"{"\udc00":1}"#,
      "in its header, expected a pair of surrogates at byte 2"),
    .init(
      "wrong digits", header: #"{"\u00g0":1}"#,
      "in its header, expected four hexadecimal digits at byte 4"),
    .init(
      "invalid UTF-8", safetensorsBytes(header: Array("{\"".utf8) + [0xFF, 0x22], buffer: []),
      "in its header, expected a string of valid UTF-8 at byte 1"),
    .init(
      "bare line break", header: "{\"a\n\":1}",
      "in its header, expected no bare control character in a string at byte 3"),
    .init(
      "metadata of numbers", header: #"{"__metadata__":{"a":1}}"#,
      "in its header, expected a string at byte 21"),
    .init(
      "metadata's key twice", header: #"{"__metadata__":{"a":"1","a":"2"}}"#,
      #"in its header, the metadata's key "a" occurs twice"#),
    .init(
      "metadata twice", header: #"{"__metadata__":{},"__metadata__":{}}"#,
      #"in its header, "__metadata__" occurs twice"#),
    .init(
      "tensor twice", header: entries(("a", "F32", "[1]", "[0,4]"), ("a", "F32", "[1]", "[4,8]")),
      bufferSize: 8, #"in its header, "a" occurs twice"#),
    .init(
      "member twice", header: #"{"a":{"shape":[],"shape":[]}}"#,
      #"in its header, the tensor "a" has the member `shape` twice"#),
    .init(
      "unknown member", header: #"{"a":{"stride":[]}}"#,
      #"in its header, the tensor "a" has the unknown member "stride""#),
    .init(
      "missing member", header: #"{"a":{"dtype":"F32","shape":[]}}"#,
      #"in its header, the tensor "a" lacks one of the members `dtype`, `shape` and `data_offsets`"#),
    .init(
      "half precision", header: entries(("a", "F16", "[1]", "[0,2]")), bufferSize: 2,
      #"in its header, the tensor "a" has the type "F16"; only F32, F64 and I64 can be read"#),
    .init(
      "negative extent", header: entries(("a", "F32", "[-1]", "[0,4]")),
      "in its header, expected a whole number at byte 29"),
    .init(
      "fractional extent", header: entries(("a", "F32", "[1.5]", "[0,4]")),
      "in its header, expected `]` at byte 30"),
    .init(
      "leading zero", header: entries(("a", "F32", "[01]", "[0,4]")),
      "in its header, expected a whole number at byte 29"),
    .init(
      "extent beyond 2^63", header: entries(("a", "F32", "[9223372036854775808]", "[0,4]")),
      "in its header, expected a number below 2^63 at byte 29"),
    .init(
      "overflowing shape", header: entries(("a", "F32", "[4294967296,4294967296]", "[0,4]")),
      #"in its header, the tensor "a" has a shape whose size exceeds 2^63 bytes"#),
    .init(
      "three offsets", header: entries(("a", "F32", "[1]", "[0,2,4]")),
      #"in its header, the tensor "a" has `data_offsets` that are not a beginning and an end"#),
    .init(
      "offsets backwards", header: entries(("a", "F32", "[1]", "[4,0]")),
      #"in its header, the tensor "a" has `data_offsets` that are not a beginning and an end"#),
    .init(
      "shape and offsets disagree", header: entries(("a", "F32", "[2,3]", "[0,20]")), bufferSize: 20,
      #"in its header, the tensor "a" takes 24 bytes by its type and shape, but 20 by its offsets"#),
    .init(
      "overlap", header: entries(("a", "F32", "[2]", "[0,8]"), ("b", "F32", "[2]", "[4,12]")),
      bufferSize: 12, #"the tensor "b" overlaps with another one"#),
    .init(
      "same bytes", header: entries(("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[0,4]")),
      bufferSize: 4, #"the tensor "b" overlaps with another one"#),
    .init(
      "hole", header: entries(("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[8,12]")),
      bufferSize: 12, #"4 bytes in front of the tensor "b" belong to none"#),
    .init(
      "hole at the beginning", header: entries(("a", "F32", "[1]", "[4,8]")), bufferSize: 8,
      #"4 bytes in front of the tensor "a" belong to none"#),
    .init(
      "truncated buffer", header: entries(("a", "F32", "[4]", "[0,16]")), bufferSize: 15,
      "it is cut short: its tensors take 16 bytes, 15 are there"),
    .init(
      "bytes behind", header: entries(("a", "F32", "[1]", "[0,4]")), bufferSize: 5,
      "1 bytes at its end belong to no tensor"),
    .init(
      "escape sequence of a terminal", header: #"{"a\u001b[2J":{"b":1}}"#,
      #"in its header, the tensor "a\u{1B}[2J" has the unknown member "b""#),
  ]

  @Test(arguments: brokenFiles) func aBrokenFileIsAnErrorThatNamesFileAndReason(_ file: BrokenFile) throws {
    let path = folder.file("broken.safetensors")
    try writeFileAtomically(file.bytes, to: path)
    let error = FileError(path: path, reason: "is not a valid safetensors file: \(file.reason)")
    #expect(throws: error) { try SafetensorsFile(contentsOf: path) }
  }

  @Test func everyTruncationOfAFileIsAnError() throws {
    let bytes = try readFile(at: fixture("python.safetensors"))
    let path = folder.file("truncated.safetensors")
    for count in bytes.indices {
      try writeFileAtomically(Array(bytes[..<count]), to: path)
      #expect(throws: FileError.self) { try SafetensorsFile(contentsOf: path) }
    }
  }

  @Test func aMissingFileIsNamed() {
    #expect(
      throws: FileError(path: "/no/such/file", reason: "cannot be read: No such file or directory")
    ) {
      try SafetensorsFile(contentsOf: "/no/such/file")
    }
  }
}

/// A file of a header and a buffer, with the right length in front.
private func safetensorsBytes(header: some Sequence<UInt8>, buffer: [UInt8]) -> [UInt8] {
  let header = Array(header)
  return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + buffer
}

private func safetensorsBytes(header: String, buffer: [UInt8]) -> [UInt8] {
  safetensorsBytes(header: Array(header.utf8), buffer: buffer)
}

/// A header of tensors, given as (name, type, shape, offsets).
private func entries(_ tensors: (String, String, String, String)...) -> String {
  let members = tensors.map { #""\#($0.0)":{"dtype":"\#($0.1)","shape":\#($0.2),"data_offsets":\#($0.3)}"# }
  return "{\(members.joined(separator: ","))}"
}

/// Files of PyTorch's own format, which are named and not opened.
@Suite struct PickledFileTests {
  private let scratch = TemporaryFolder()

  @Test(
    arguments: [
      [0x50, 0x4B, 3, 4, 0, 0, 8, 8], [0x50, 0x4B, 3, 4, 0, 0, 0, 0], [0x80, 2, 0x7D, 0x71, 0, 0x58, 1, 0],
      [0x80, 4, 0x95, 0x10, 0, 0, 0, 0],
    ] as [[UInt8]]) func picklesAreRefusedByName(beginning: [UInt8]) throws
  {
    let path = scratch.file("model.pt")
    try writeFileAtomically(beginning + Array(repeating: 0, count: 500), to: path)
    let weights = #expect(throws: FileError.self) { try SafetensorsFile(contentsOf: path) }
    #expect(weights?.reason.hasPrefix("is a pickle") == true)
    let network = #expect(throws: FileError.self) { try ONNXModel(contentsOf: path) }
    #expect(network?.reason.contains("weights_only=True") == true)
  }
}
