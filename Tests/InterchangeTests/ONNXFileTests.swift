import Files
import Foundation
import TestSupport
import Testing

@testable import Interchange

/// ONNX files: what is written is read back, and what is broken or hostile is refused.
@Suite struct ONNXFileTests {
  private func model(_ change: (inout ONNXModel) -> Void = { _ in }) -> ONNXModel {
    var model = ONNXModel()
    model.producerName = "test"
    model.operatorSets = [("", 17)]
    model.metadata = [("b", "2"), ("a", "1")]
    model.graph.name = "graph"
    model.graph.nodes = [
      ONNXNode(
        "Conv", ["x", "w"], ["y"], [.init("pads", [1, 1, 1, 1]), .init("auto_pad", .string("NOTSET"))])
    ]
    model.graph.initializers = [
      ONNXTensor(name: "w", shape: [2, 1, 1, 1], floats: [1.5, -2]),
      ONNXTensor(name: "shape", shape: [2], integers: [0, -1]),
    ]
    model.graph.inputs = [ONNXValueInfo("x", .float, [.symbol("N"), .fixed(1), .fixed(4), .fixed(4)])]
    model.graph.outputs = [ONNXValueInfo("y", .float, [.symbol("N"), .fixed(2), .fixed(4), .fixed(4)])]
    change(&model)
    return model
  }

  @Test("a model is read back as it was written, and written as the same bytes")
  func roundTrip() throws {
    let bytes = model().bytes
    let read = try ONNXModel(bytes)
    #expect(read.bytes == bytes)
    #expect(read.operatorSet == 17)
    #expect(read.metadata.map(\.key) == ["b", "a"])
    #expect(read.graph.initializers[0].floats == [1.5, -2])
    #expect(read.graph.initializers[1].integers == [0, -1])
    #expect(read.graph.inputs[0].shape == [.symbol("N"), .fixed(1), .fixed(4), .fixed(4)])
  }

  /// A tensor's message, field by field.
  private func tensor(_ write: (inout ProtobufWriter) -> Void) throws(MalformedText) -> ONNXTensor {
    var writer = ProtobufWriter()
    writer.string(8, "t")
    write(&writer)
    return try ONNXTensor(reading: writer.bytes[...])
  }

  @Test("elements are read from whichever field holds them, packed or not")
  func fields() throws {
    let packed = try tensor {
      $0.data(1, [2])
      $0.varint(2, 1)
      $0.data(4, Interchange.bytes(of: [Float(1), 2]))
    }
    #expect(packed.floats == [1, 2])
    let unpacked = try tensor {
      $0.varint(1, 2)
      $0.varint(2, 1)
      $0.float(4, 3)
      $0.float(4, 4)
    }
    #expect(unpacked.floats == [3, 4])
    let integers = try tensor {
      $0.varint(1, 2)
      $0.varint(2, 7)
      $0.varint(7, -5)
      $0.varint(7, 6)
    }
    #expect(integers.integers == [-5, 6])
    let half = try tensor {
      $0.varint(1, 4)
      $0.varint(2, 10)
      for bits in [0x3C00, 0xC000, 0x0001, 0x7C00] { $0.varint(5, Int64(bits)) }
    }
    #expect(half.floats == [1, -2, 0x1p-24, .infinity])
    let doubles = try tensor {
      $0.varint(2, 11)
      $0.double(10, 0.25)
    }
    #expect(doubles.shape.isEmpty && doubles.floats == [0.25])
  }

  @Test("a tensor that is not what its shape and type say is refused")
  func wrongTensors() {
    func refuses(_ reason: String, _ write: (inout ProtobufWriter) -> Void) {
      let error = #expect(throws: MalformedText.self) { _ = try tensor(write) }
      #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }
    refuses("takes 8 bytes, and has 4") {
      $0.varint(1, 2)
      $0.varint(2, 1)
      $0.data(9, [0, 0, 0, 0])
    }
    refuses("more than one field") {
      $0.varint(1, 1)
      $0.varint(2, 1)
      $0.data(9, [0, 0, 0, 0])
      $0.float(4, 1)
    }
    refuses("extent -1") { $0.varint(1, -1) }
    refuses("too many elements") {
      for _ in 0..<4 { $0.varint(1, 1 << 40) }
      $0.varint(2, 1)
    }
    refuses("more than 8") { for _ in 0..<9 { $0.varint(1, 1) } }
    refuses("element type 99") { $0.varint(2, 99) }
    refuses("field of another type") {
      $0.varint(2, 1)
      $0.varint(7, 1)
    }
    refuses("not named") {
      $0.varint(2, 1)
      $0.varint(14, 1)
    }
    refuses("unknown key") {
      $0.varint(2, 1)
      $0.varint(14, 1)
      $0.message(13) {
        $0.string(1, "script")
        $0.string(2, "x")
      }
    }
  }

  @Test("graphs in attributes nest no deeper than the limit")
  func nesting() throws {
    func nested(_ depth: Int) -> ONNXGraph {
      var graph = ONNXGraph()
      graph.name = "g"
      if depth > 0 {
        graph.nodes = [ONNXNode("If", [], ["y"], [.init("then_branch", .graph(nested(depth - 1)))])]
      }
      return graph
    }
    _ = try ONNXModel(model { $0.graph = nested(15) }.bytes)
    let error = #expect(throws: MalformedText.self) { try ONNXModel(model { $0.graph = nested(16) }.bytes) }
    #expect(error?.reason.contains("deep") == true)
  }

  @Test("every beginning of a file, and every file with a byte changed, is read or refused")
  func damage() {
    let bytes = model().bytes
    for count in bytes.indices { _ = try? ONNXModel(Array(bytes[..<count])) }
    for index in bytes.indices {
      for flip in [UInt8(1), 0x80, 0xFF] {
        var damaged = bytes
        damaged[index] ^= flip
        _ = try? ONNXModel(damaged)
      }
    }
  }

  // MARK: Other files

  /// The bytes of a model whose tensor lies in another file.
  private func external(_ entries: [(String, String)], shape: Int = 2) -> [UInt8] {
    var graph = ProtobufWriter()
    graph.string(2, "graph")
    graph.message(5) { tensor in
      tensor.varint(1, Int64(shape))
      tensor.varint(2, 1)
      tensor.string(8, "w")
      for (key, value) in entries {
        tensor.message(13) {
          $0.string(1, key)
          $0.string(2, value)
        }
      }
      tensor.varint(14, 1)
    }
    var file = ProtobufWriter()
    file.data(7, graph.bytes)
    file.message(8) { ONNXModel.write("", 17, to: &$0) }
    file.varint(1, 8)
    return file.bytes
  }

  private func read(_ entries: [(String, String)], shape: Int = 2, in folder: String) throws -> [Float]? {
    try Data(external(entries, shape: shape)).write(to: URL(filePath: "\(folder)/m.onnx"))
    return try ONNXModel(contentsOf: "\(folder)/m.onnx").graph.initializers[0].floats
  }

  @Test("a tensor in another file is read from its place there, and from nowhere outside of the folder")
  func externalData() throws {
    let folder = TemporaryFolder()
    let path = folder.path
    try FileManager.default.createDirectory(atPath: "\(path)/in/sub", withIntermediateDirectories: true)
    let inner = "\(path)/in"
    let data = Data(Interchange.bytes(of: [Float(0), 1, 2, 3]))
    for file in ["in/data", "in/sub/data", "outside"] { try data.write(to: URL(filePath: "\(path)/\(file)")) }
    #expect(try read([("location", "data"), ("offset", "4"), ("length", "8")], in: inner) == [1, 2])
    #expect(try read([("location", "sub/data"), ("offset", "8")], in: inner) == [2, 3])
    try FileManager.default.createSymbolicLink(
      atPath: "\(inner)/link", withDestinationPath: "\(path)/outside")
    try FileManager.default.createSymbolicLink(atPath: "\(inner)/folder", withDestinationPath: path)
    for (location, reason) in [
      ("../outside", "own folder"), ("sub/../../outside", "own folder"), ("\(path)/outside", "own folder"),
      ("", "own folder"), ("./data", "own folder"), ("link", "symbolic link"),
      ("folder/outside", "symbolic link"),
      ("missing", "cannot be read"), ("sub", "is a folder"),
    ] {
      let error = #expect(throws: FileError.self) { try read([("location", location)], in: inner) }
      #expect(error?.description.contains(reason) == true, "\(location): \(error?.description ?? "")")
    }
    for entries in [
      [("location", "data"), ("offset", "12")], [("location", "data"), ("offset", "9223372036854775807")],
      [("location", "data"), ("length", "16")], [("location", "data"), ("offset", "-4")],
      [("location", "data"), ("location", "data")],
    ] {
      #expect(throws: FileError.self) { try read(entries, in: inner) }
    }
    #expect(throws: FileError.self) { try read([("location", "data")], shape: 1 << 40, in: inner) }
  }
}
