#if !_endian(little)
  #error("The format is little-endian, and elements are written and read as they lie in memory.")
#endif

extension SafetensorsFile {
  /// Replaces a file, or creates it, in one step. The same contents give the same bytes.
  ///
  /// The header lists the tensors in their order, behind the metadata sorted by key. In the buffer, the
  /// tensors with eight bytes an element come first, so that each begins at a multiple of its element's
  /// size, which readers that map the file into memory need.
  ///
  /// - Throws: `FileError` where the system fails or the header exceeds the format's limit.
  public func write(to path: String) throws(FileError) {
    let order = tensors.indices.sorted {
      (-tensors[$0].tensor.elementType.size, $0) < (-tensors[$1].tensor.elementType.size, $1)
    }
    let header = encodedHeader(bufferOrder: order)
    guard header.count <= SafetensorsHeader.lengthLimit else {
      throw FileError(
        path: path,
        reason: "cannot be written: names and metadata take \(header.count) bytes, more than"
          + " the \(SafetensorsHeader.lengthLimit) that the format allows")
    }
    let writer = try AtomicFileWriter(path: path)
    try writer.write([UInt64(header.count)])
    try writer.write(header)
    for position in order {
      switch tensors[position].tensor.elements {
      case .float32(let values): try writer.write(values)
      case .float64(let values): try writer.write(values)
      case .int64(let values): try writer.write(values)
      }
    }
    try writer.commit()
  }

  private func encodedHeader(bufferOrder: [Int]) -> [UInt8] {
    var ranges = Array(repeating: 0..<0, count: tensors.count)
    var end = 0
    for position in bufferOrder {
      let tensor = tensors[position].tensor
      let start = end
      end += tensor.elementCount * tensor.elementType.size
      ranges[position] = start..<end
    }

    var members: [String] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { $0.key < $1.key }
      let texts = entries.map { "\(jsonLiteral($0.key)):\(jsonLiteral($0.value))" }
      members.append("\"\(SafetensorsHeader.metadataName)\":{\(texts.joined(separator: ","))}")
    }
    for ((name, tensor), range) in zip(tensors, ranges) {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonLiteral(name)):{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    // The format's own padding: the buffer begins at a multiple of eight.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }
}
