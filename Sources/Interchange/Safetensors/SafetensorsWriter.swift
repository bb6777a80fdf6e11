import Diagnostics
import Files

#if !_endian(little)
  #error("The format is little-endian, and elements are written and read as they lie in memory.")
#endif

extension SafetensorsFile {
  /// Replaces a file, or creates it, in one step. The same contents give the same bytes.
  ///
  /// - Throws: `FileError` where the system fails or the header exceeds the format's limit.
  public func write(
    to path: String, replacing replacement: Replacement = .file
  ) throws(FileError) {
    let header = SafetensorsHeader(
      placing: tensors.map { ($0.name, $0.tensor.elementType, $0.tensor.shape) }, metadata: metadata)
    try header.write(to: path, replacing: replacement) { position, file throws(FileError) in
      switch tensors[position].tensor.elements {
      case .float32(let values): try file.write(values)
      case .float64(let values): try file.write(values)
      case .int64(let values): try file.write(values)
      }
    }
  }
}

extension SafetensorsHeader {
  /// Gives tensors their places in the buffer.
  ///
  /// The header lists them in their order. In the buffer, those with eight bytes an element come first, so
  /// that each begins at a multiple of its element's size, which readers that map the file into memory need.
  ///
  /// - Precondition: The names are distinct, and none is `__metadata__`.
  public init(
    placing tensors: [(name: String, elementType: ElementType, shape: [Int])],
    metadata: [String: String] = [:]
  ) {
    entries = tensors.map { Entry(name: $0.name, elementType: $0.elementType, shape: $0.shape, range: 0..<0) }
    self.metadata = metadata
    var end = 0
    for position in bufferOrder {
      let start = end
      end += entries[position].shape.reduce(entries[position].elementType.size, *)
      entries[position].range = start..<end
    }
  }

  /// Replaces a file, or creates it, in one step, without holding all tensors at once.
  ///
  /// - Parameter writeTensor: Appends the elements of the entry at a position; called once for each, in the
  ///   buffer's order.
  /// - Throws: `FileError` where the system fails or the header exceeds the format's limit.
  public func write(
    to path: String, replacing replacement: Replacement = .file,
    writeTensor: (_ position: Int, borrowing AtomicFileWriter) throws(FileError) -> Void
  ) throws(FileError) {
    let header = encoded()
    guard header.count <= Self.lengthLimit else {
      throw FileError(
        path: path,
        reason: "cannot be written: names and metadata take \(header.count) bytes, more than"
          + " the \(Self.lengthLimit) that the format allows")
    }
    let writer = try AtomicFileWriter(path: path, replacing: replacement)
    try writer.write([UInt64(header.count)])
    try writer.write(header)
    for position in bufferOrder { try writeTensor(position, writer) }
    try writer.commit()
  }

  private var bufferOrder: [Int] {
    entries.indices.sorted { (-entries[$0].elementType.size, $0) < (-entries[$1].elementType.size, $1) }
  }

  /// As JSON, the metadata sorted by key.
  private func encoded() -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { $0.key < $1.key }
      let texts = entries.map { "\(jsonLiteral($0.key)):\(jsonLiteral($0.value))" }
      members.append("\"\(Self.metadataName)\":{\(texts.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonLiteral(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    // The format's own padding: the buffer begins at a multiple of eight.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }
}
