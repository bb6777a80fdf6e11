extension ONNXModel {
  /// The file's bytes: the same model gives the same bytes.
  public var bytes: [UInt8] {
    var model = ProtobufWriter()
    model.varint(1, Int64(irVersion))
    model.string(2, producerName)
    model.string(3, producerVersion)
    if modelVersion != 0 { model.varint(5, Int64(modelVersion)) }
    if !docString.isEmpty { model.string(6, docString) }
    model.message(7) { graph.write(to: &$0) }
    for (domain, version) in operatorSets { model.message(8) { Self.write(domain, version, to: &$0) } }
    for (key, value) in metadata {
      model.message(14) { entry in
        entry.string(1, key)
        entry.string(2, value)
      }
    }
    return model.bytes
  }

  static func write(_ domain: String, _ version: Int, to entry: inout ProtobufWriter) {
    entry.string(1, domain)
    entry.varint(2, Int64(version))
  }
}

extension ONNXGraph {
  func write(to message: inout ProtobufWriter) {
    for node in nodes { message.message(1) { node.write(to: &$0) } }
    message.string(2, name)
    for tensor in initializers { message.message(5) { tensor.write(to: &$0) } }
    if !docString.isEmpty { message.string(10, docString) }
    for (field, values) in [(11, inputs), (12, outputs), (13, valueInfos)] {
      for value in values { message.message(field) { value.write(to: &$0) } }
    }
  }
}

extension ONNXNode {
  func write(to message: inout ProtobufWriter) {
    for input in inputs { message.string(1, input) }
    for output in outputs { message.string(2, output) }
    message.string(3, name)
    message.string(4, operation)
    for attribute in attributes { message.message(5) { attribute.write(to: &$0) } }
    if !domain.isEmpty { message.string(7, domain) }
  }
}

extension ONNXAttribute {
  func write(to message: inout ProtobufWriter) {
    message.string(1, name)
    // As `AttributeProto.AttributeType` numbers them.
    let type: Int64
    switch value {
    case .float(let value):
      message.float(2, value)
      type = 1
    case .integer(let value):
      message.varint(3, value)
      type = 2
    case .string(let value):
      message.string(4, value)
      type = 3
    case .tensor(let value):
      message.message(5) { value.write(to: &$0) }
      type = 4
    case .graph(let value):
      message.message(6) { value.write(to: &$0) }
      type = 5
    case .floats(let values):
      for value in values { message.float(7, value) }
      type = 6
    case .integers(let values):
      for value in values { message.varint(8, value) }
      type = 7
    case .strings(let values):
      for value in values { message.string(9, value) }
      type = 8
    case .other(let number): preconditionFailure("an attribute of type \(number) was read, not made")
    }
    message.varint(20, type)
  }
}

extension ONNXTensor {
  func write(to message: inout ProtobufWriter) {
    for extent in shape { message.varint(1, Int64(extent)) }
    message.varint(2, Int64(elementType.rawValue))
    message.string(8, name)
    guard case .bytes(let bytes) = contents else {
      preconditionFailure("a tensor that is written lies in memory")
    }
    message.data(9, bytes)
  }
}

extension ONNXValueInfo {
  func write(to message: inout ProtobufWriter) {
    guard let elementType, let shape else { preconditionFailure("a value that is written has a type") }
    message.string(1, name)
    message.message(2) { type in
      type.message(1) { tensor in
        tensor.varint(1, Int64(elementType.rawValue))
        tensor.message(2) { message in
          for extent in shape {
            message.message(1) { dimension in
              switch extent {
              case .fixed(let extent): dimension.varint(1, Int64(extent))
              case .symbol(let symbol): dimension.string(2, symbol)
              case .unknown: break
              }
            }
          }
        }
      }
    }
  }
}
