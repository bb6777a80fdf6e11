import Files

extension ONNXTensor {
  /// Reads a `TensorProto`, whose elements may lie in one of six fields, packed or not, or in another file.
  init(reading bytes: ArraySlice<UInt8>) throws(MalformedText) {
    var name = ""
    var shape: [Int] = []
    var typeNumber = 0
    var parts = Parts()
    var external: [(key: String, value: String)] = []
    var isExternal = false
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        for extent in try field.integers(limit: ONNXLimits.rank) {
          guard extent >= 0, extent <= Int64(Int32.max) << 16 else {
            throw MalformedText(reason: "has a tensor with the extent \(extent), at byte \(field.offset)")
          }
          shape.append(Int(extent))
        }
        guard shape.count <= ONNXLimits.rank else {
          throw MalformedText(
            reason: "has a tensor of more than \(ONNXLimits.rank) axes, at byte \(field.offset)")
        }
      case 2: typeNumber = try field.count()
      case 3:
        throw MalformedText(reason: "has a tensor in segments, which nothing writes, at byte \(field.offset)")
      case 4, 5, 7, 9, 10, 11: try parts.take(field)
      case 6: parts.hasStrings = true
      case 8: name = try field.name()
      case 13:
        external.append(try ONNXModel.entry(field.bytes(), limit: 4096))
        guard external.count <= 16 else {
          throw MalformedText(reason: "has a tensor with more than can be meant, at byte \(field.offset)")
        }
      case 14: isExternal = try field.integer() == 1
      default: break
      }
    }
    guard let type = ONNXElementType(rawValue: typeNumber) else {
      throw MalformedText(
        reason: "has the tensor \(quotedForDisplay(name)) of element type \(typeNumber), which is unknown")
    }
    self.init(name: name, elementType: type, shape: shape, contents: .strings)
    if type == .string { return }
    func wrong(_ reason: String) -> MalformedText {
      MalformedText(reason: "has the tensor \(quotedForDisplay(name)) of shape \(shape), which \(reason)")
    }
    guard let expected = byteCount else { throw wrong("has too many elements to count") }
    if isExternal {
      guard parts.isEmpty else { throw wrong("holds elements and says that they lie in another file") }
      contents = .external(try ExternalData(external, wrong))
      return
    }
    guard external.isEmpty else {
      throw wrong("names another file and does not say that its elements lie there")
    }
    let elements = try parts.elements(of: type, expected: expected, wrong)
    guard elements.count == expected else {
      throw wrong("takes \(expected) bytes, and has \(elements.count)")
    }
    contents = .bytes(elements)
  }

  /// The fields that may hold elements.
  private struct Parts {
    var raw: ArraySlice<UInt8>?
    /// `float_data` and `double_data`, whose packed form is that of the elements in memory.
    var packed: [UInt8] = []
    var packedField: Int?
    /// `int32_data`, `int64_data` and `uint64_data`, as they lie in the file.
    var numbers: [Int64] = []
    var numberField: Int?
    var hasStrings = false

    var isEmpty: Bool { raw == nil && packedField == nil && numberField == nil && !hasStrings }

    mutating func take(_ field: ProtobufReader.Field) throws(MalformedText) {
      switch field.number {
      case 9: raw = try field.bytes()
      case 4:
        packedField = 4
        if case .fixed32(let bits) = field.value {
          packed += bytes(of: [bits])
        } else {
          packed += try field.bytes()
        }
      case 10:
        packedField = 10
        if case .fixed64(let bits) = field.value {
          packed += bytes(of: [bits])
        } else {
          packed += try field.bytes()
        }
      default:
        numberField = field.number
        // No longer than the bytes that it was read from.
        numbers += try field.integers(limit: Int.max)
      }
    }

    func elements(
      of type: ONNXElementType, expected: Int, _ wrong: (String) -> MalformedText
    ) throws(MalformedText) -> ArraySlice<UInt8> {
      let filled = [raw != nil, packedField != nil, numberField != nil, hasStrings].count { $0 }
      guard filled <= 1 else { throw wrong("holds its elements in more than one field") }
      if let raw { return raw }
      func fits(_ field: Int) -> Bool {
        switch field {
        case 4: type == .float || type == .complex64
        case 10: type == .double || type == .complex128
        case 5: [.int32, .int16, .int8, .uint16, .uint8, .bool, .float16, .bfloat16].contains(type)
        case 7: type == .int64
        default: type == .uint64 || type == .uint32
        }
      }
      if let field = packedField ?? numberField, !fits(field) {
        throw wrong("holds its elements in the field of another type")
      }
      if packedField != nil { return packed[...] }
      guard let size = type.size else { throw wrong("holds strings") }
      var bytes: [UInt8] = []
      for number in numbers {
        for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> Int64(8 * index))) }
      }
      return bytes[...]
    }
  }
}

extension ONNXTensor.ExternalData {
  fileprivate init(
    _ entries: [(key: String, value: String)], _ wrong: (String) -> MalformedText
  ) throws(MalformedText) {
    var values: [String: String] = [:]
    for (key, value) in entries {
      guard ["location", "offset", "length", "checksum"].contains(key) else {
        throw wrong("lies in another file by the unknown key \(quotedForDisplay(key))")
      }
      guard values.updateValue(value, forKey: key) == nil else {
        throw wrong("names its file's `\(key)` twice")
      }
    }
    func count(_ key: String) throws(MalformedText) -> Int? {
      guard let text = values[key] else { return nil }
      guard let count = Int(text), count >= 0 else {
        throw wrong("has the \(key) \(quotedForDisplay(text)) in its file")
      }
      return count
    }
    guard let location = values["location"] else { throw wrong("lies in another file that is not named") }
    self.init(location: location, offset: try count("offset") ?? 0, length: try count("length"))
  }
}

extension ONNXModel {
  /// Reads the tensors that lie in other files.
  ///
  /// - Parameter folder: What locations are relative to, and may not leave.
  mutating func loadExternalData(from folder: String, model path: String) throws(FileError) {
    for index in graph.initializers.indices {
      let tensor = graph.initializers[index]
      guard case .external(let place) = tensor.contents, let size = tensor.byteCount else { continue }
      let name = quotedForDisplay(tensor.name)
      guard place.length == nil || place.length == size else {
        throw FileError(
          path: path,
          reason: "has the tensor \(name), which takes \(size) bytes by its shape and \(place.length ?? 0) by"
            + " its length in \(quotedForDisplay(place.location))")
      }
      let file = try OpenFile(beneath: folder, location: place.location, namedBy: path)
      let fileSize = try file.regularFileSize()
      guard size <= fileSize, place.offset <= fileSize - size else {
        throw FileError(
          path: path,
          reason: "has the tensor \(name) in \(quotedForDisplay(place.location)), which ends before it")
      }
      let bytes = try file.read(count: size, of: UInt8.self, at: place.offset)
      guard bytes.count == size else {
        throw FileError(path: path, reason: "has data that became shorter while it was read")
      }
      graph.initializers[index].contents = .bytes(bytes[...])
    }
  }
}
