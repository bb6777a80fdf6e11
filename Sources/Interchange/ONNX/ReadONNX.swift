import Files

/// What a file may hold at most: hundreds of times what large models do.
enum ONNXLimits {
  /// Protobuf's own.
  static let fileSize = Int(Int32.max)
  static let nodes = 100_000
  static let tensors = 1 << 16
  static let values = 1 << 18
  static let rank = 8
  static let attributes = 64
  static let listLength = 1024
  static let nameLength = 1024
  static let textLength = 1 << 20
  /// Graphs in attributes of nodes in graphs.
  static let depth = 16
}

extension ONNXModel {
  /// Reads a file whole; tensors that lie in other files are read where they lie beneath the model's folder.
  ///
  /// - Throws: `FileError` where a file cannot be read, or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(structureOf: path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    try loadExternalData(from: folder, model: path)
  }

  /// Reads a file, and nothing of tensors that lie in other files.
  public init(structureOf path: String) throws(FileError) {
    let bytes = try readFile(at: path, limit: ONNXLimits.fileSize)
    do throws(MalformedText) {
      try self.init(bytes)
    } catch {
      if let refusal = FileError.pickle(path, beginning: Array(bytes.prefix(8))) { throw refusal }
      throw FileError(path: path, reason: "is not a valid ONNX file: it \(error.reason)")
    }
  }

  /// - Throws: `MalformedText`, whose reason is the rest of a sentence that begins with the file.
  public init(_ bytes: [UInt8]) throws(MalformedText) {
    self.init()
    var hasGraph = false
    irVersion = 0
    var reader = ProtobufReader(bytes[...])
    while let field = try reader.next() {
      switch field.number {
      case 1: irVersion = try field.count()
      case 2: producerName = try field.string(limit: ONNXLimits.textLength)
      case 3: producerVersion = try field.string(limit: ONNXLimits.textLength)
      case 5: modelVersion = Int(try field.integer())
      case 6: docString = try field.string(limit: ONNXLimits.textLength)
      case 7:
        // Given twice, a message is the sum of its parts.
        try graph.read(field.bytes(), depth: 0)
        hasGraph = true
      case 8: operatorSets.append(try Self.operatorSet(field.bytes()))
      case 14: metadata.append(try Self.entry(field.bytes(), limit: ONNXLimits.textLength))
      case 25: functions.append(try Self.functionName(field.bytes()))
      default: break
      }
      guard operatorSets.count <= 64, metadata.count <= 1024, functions.count <= 4096 else {
        throw MalformedText(reason: "lists more than can be meant, at byte \(field.offset)")
      }
    }
    guard hasGraph else { throw MalformedText(reason: "holds no graph") }
    guard (3...14).contains(irVersion) else {
      throw MalformedText(reason: "is of IR version \(irVersion); 3 to 14 can be read")
    }
    guard operatorSets.contains(where: { $0.domain == "" || $0.domain == "ai.onnx" }) else {
      throw MalformedText(reason: "does not say which version of the standard operators it uses")
    }
  }

  private static func operatorSet(_ bytes: ArraySlice<UInt8>) throws(MalformedText) -> (String, Int) {
    var (domain, version) = ("", 0)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try field.string(limit: ONNXLimits.nameLength)
      case 2: version = try field.count()
      default: break
      }
    }
    return (domain, version)
  }

  static func entry(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) throws(MalformedText) -> (key: String, value: String) {
    var (key, value) = ("", "")
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: key = try field.string(limit: ONNXLimits.nameLength)
      case 2: value = try field.string(limit: limit)
      default: break
      }
    }
    return (key, value)
  }

  private static func functionName(_ bytes: ArraySlice<UInt8>) throws(MalformedText) -> String {
    var name = ""
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 1 { name = try field.string(limit: ONNXLimits.nameLength) }
    }
    return name
  }
}

extension ProtobufReader.Field {
  /// A number that is not negative.
  func count() throws(MalformedText) -> Int {
    let value = try integer()
    guard value >= 0 else {
      throw MalformedText(reason: "has the number \(value) where none is negative, at byte \(offset)")
    }
    return Int(value)
  }

  func name() throws(MalformedText) -> String { try string(limit: ONNXLimits.nameLength) }
}

extension ONNXGraph {
  mutating func read(_ bytes: ArraySlice<UInt8>, depth: Int) throws(MalformedText) {
    guard depth < ONNXLimits.depth else {
      throw MalformedText(reason: "nests graphs more than \(ONNXLimits.depth) deep")
    }
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try ONNXNode(reading: field.bytes(), depth: depth))
      case 2: name = try field.name()
      case 5: initializers.append(try ONNXTensor(reading: field.bytes()))
      case 10: docString = try field.string(limit: ONNXLimits.textLength)
      case 11: inputs.append(try ONNXValueInfo(reading: field.bytes()))
      case 12: outputs.append(try ONNXValueInfo(reading: field.bytes()))
      case 13: valueInfos.append(try ONNXValueInfo(reading: field.bytes()))
      case 15: throw MalformedText(reason: "holds a sparse tensor, which graphc does not read")
      default: break
      }
      guard nodes.count <= ONNXLimits.nodes, initializers.count <= ONNXLimits.tensors,
        max(inputs.count, outputs.count, valueInfos.count) <= ONNXLimits.values
      else { throw MalformedText(reason: "lists more than can be meant, at byte \(field.offset)") }
    }
  }
}

extension ONNXNode {
  init(reading bytes: ArraySlice<UInt8>, depth: Int) throws(MalformedText) {
    self.init("", [], [])
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try field.name())
      case 2: outputs.append(try field.name())
      case 3: name = try field.name()
      case 4: operation = try field.name()
      case 5: attributes.append(try ONNXAttribute(reading: field.bytes(), depth: depth))
      case 7: domain = try field.name()
      default: break
      }
      guard attributes.count <= ONNXLimits.attributes,
        max(inputs.count, outputs.count) <= ONNXLimits.listLength
      else { throw MalformedText(reason: "has a node with more than can be meant, at byte \(field.offset)") }
    }
    if domain == "ai.onnx" { domain = "" }
  }
}

extension ONNXAttribute {
  init(reading bytes: ArraySlice<UInt8>, depth: Int) throws(MalformedText) {
    self.init("", .other(0))
    var (float, integer, string) = (Float(0), Int64(0), "")
    var (floats, integers, strings) = ([Float](), [Int64](), [String]())
    var tensor: ONNXTensor?
    var graph: ONNXGraph?
    var type: Int?
    // The case of the value where the attribute does not say its type, as files of the first IR version do.
    var seen = 0
    let limit = ONNXLimits.listLength
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.name()
      case 2: (float, seen) = (try field.float(), 1)
      case 3: (integer, seen) = (try field.integer(), 2)
      case 4: (string, seen) = (try field.string(limit: ONNXLimits.textLength), 3)
      case 5: (tensor, seen) = (try ONNXTensor(reading: field.bytes()), 4)
      case 6:
        var inner = graph ?? ONNXGraph()
        try inner.read(field.bytes(), depth: depth + 1)
        (graph, seen) = (inner, 5)
      case 7:
        floats += try field.floats(limit: limit)
        seen = 6
      case 8:
        integers += try field.integers(limit: limit)
        seen = 7
      case 9:
        strings.append(try field.string(limit: ONNXLimits.nameLength))
        seen = 8
      case 20: type = try field.count()
      case 21:
        throw MalformedText(reason: "has an attribute outside of a function that refers to the function's")
      default: break
      }
      guard max(floats.count, integers.count, strings.count) <= limit else {
        throw MalformedText(
          reason: "has an attribute with more than \(limit) values, at byte \(field.offset)")
      }
    }
    switch type ?? seen {
    case 1: value = .float(float)
    case 2: value = .integer(integer)
    case 3: value = .string(string)
    case 4:
      guard let tensor else { throw MalformedText(reason: "has the attribute `\(name)` without its tensor") }
      value = .tensor(tensor)
    case 5:
      guard let graph else { throw MalformedText(reason: "has the attribute `\(name)` without its graph") }
      value = .graph(graph)
    case 6: value = .floats(floats)
    case 7: value = .integers(integers)
    case 8: value = .strings(strings)
    case let number: value = .other(number)
    }
  }
}

extension ONNXValueInfo {
  init(reading bytes: ArraySlice<UInt8>) throws(MalformedText) {
    self.init("", nil, nil)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.name()
      case 2: try readType(field.bytes())
      default: break
      }
    }
  }

  private mutating func readType(_ bytes: ArraySlice<UInt8>) throws(MalformedText) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var tensor = ProtobufReader(try field.bytes())
      while let field = try tensor.next() {
        switch field.number {
        case 1: elementType = ONNXElementType(rawValue: try field.count())
        case 2: shape = try Self.shape(field.bytes())
        default: break
        }
      }
    }
  }

  private static func shape(_ bytes: ArraySlice<UInt8>) throws(MalformedText) -> [Dimension] {
    var shape: [Dimension] = []
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var extent = Dimension.unknown
      var dimension = ProtobufReader(try field.bytes())
      while let field = try dimension.next() {
        switch field.number {
        case 1:
          // −1 and 0 stand in files for a size that is not known.
          let size = try field.integer()
          extent = size > 0 ? .fixed(Int(size)) : .unknown
        case 2: extent = .symbol(try field.name())
        default: break
        }
      }
      shape.append(extent)
      guard shape.count <= ONNXLimits.listLength else {
        throw MalformedText(reason: "has a value of more than \(ONNXLimits.listLength) axes")
      }
    }
    return shape
  }
}
