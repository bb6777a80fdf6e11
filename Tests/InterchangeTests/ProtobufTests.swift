import Testing

@testable import Interchange

/// Messages against bytes that onnx's own protobuf wrote.
@Suite struct ProtobufTests {
  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func written(_ write: (inout ProtobufWriter) -> Void) -> String {
    var writer = ProtobufWriter()
    write(&writer)
    return hex(writer.bytes)
  }

  @Test("messages are written as onnx writes them")
  func vectors() {
    #expect(written { ONNXModel.write("", 17, to: &$0) } == "0a001011")
    #expect(
      written { ONNXAttribute("pads", [1, -1]).write(to: &$0) }
        == "0a0470616473400140ffffffffffffffffff01a00107")
    #expect(
      written { ONNXAttribute("alpha", .float(0.2)).write(to: &$0) } == "0a05616c70686115cdcc4c3ea00101")
    #expect(
      written { ONNXValueInfo("x", .float, [.symbol("N"), .fixed(3)]).write(to: &$0) }
        == "0a0178120f0a0d080112090a0312014e0a020803")
    #expect(written { ONNXValueInfo("x", .float, []).write(to: &$0) } == "0a017812060a0408011200")
  }

  @Test("numbers of every length are read back")
  func numbers() throws {
    let numbers: [Int64] = [0, 1, 127, 128, 16_383, 16_384, .max, -1, .min]
    var writer = ProtobufWriter()
    for number in numbers { writer.varint(3, number) }
    var reader = ProtobufReader(writer.bytes[...])
    var read: [Int64] = []
    while let field = try reader.next() { read.append(try field.integer()) }
    #expect(read == numbers)
  }

  @Test(
    "what breaks a rule of the format is refused",
    arguments: [
      ([0x0A, 0x05, 0x01], "5 bytes"),  // a length past the end
      ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "bytes, of which"),
      ([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "64 bits"),
      ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], "64 bits"),
      ([0x08], "ends within"), ([0x15, 0x00], "ends within"), ([0x00, 0x00], "number 0"),
      ([0x0B], "wire type 3"), ([0x0C], "wire type 4"),
    ] as [([UInt8], String)])
  func hostile(bytes: [UInt8], reason: String) throws {
    var reader = ProtobufReader(bytes[...])
    let error = #expect(throws: MalformedText.self) { while try reader.next() != nil {} }
    #expect(error?.reason.contains(reason) == true)
  }
}
