import Files

extension SafetensorsFile {
  /// Reads a file whole. The tensors come in the header's order.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    let header = try SafetensorsHeader.read(from: file, path: path)
    // The header covers the buffer without holes, so reading on from its end meets every tensor in turn.
    var tensors: [String: Tensor] = [:]
    for entry in header.entriesByOffset {
      guard let tensor = try Tensor(readingNext: entry, from: file) else {
        throw FileError(path: path, reason: "became shorter while it was read", category: .inputOutput)
      }
      tensors[entry.name] = tensor
    }
    self.init(tensors: header.entries.map { ($0.name, tensors[$0.name]!) }, metadata: header.metadata)
  }
}

extension SafetensorsFile.Tensor {
  /// Reads a tensor's elements, which stand next in the file; nil where the file ends before.
  fileprivate init?(
    readingNext entry: SafetensorsHeader.Entry, from file: borrowing OpenFile
  ) throws(FileError) {
    let count = entry.elementCount
    switch entry.elementType {
    case .float32:
      let values = try file.read(count: count, of: Float.self)
      guard values.count == count else { return nil }
      self.init(shape: entry.shape, floats: values)
    case .float64:
      let values = try file.read(count: count, of: Double.self)
      guard values.count == count else { return nil }
      self.init(shape: entry.shape, doubles: values)
    case .int64:
      let values = try file.read(count: count, of: Int64.self)
      guard values.count == count else { return nil }
      self.init(shape: entry.shape, int64s: values)
    }
  }
}
