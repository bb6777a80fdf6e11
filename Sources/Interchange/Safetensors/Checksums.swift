import Files

/// Checksums among a safetensors file's metadata: `crc32.<tensor>` of each tensor's bytes, and `crc32` of all
/// other metadata, each key and value with a zero byte behind it, in the order of the keys.
public enum SafetensorsChecksums {
  static let key = "crc32"
  static let prefix = "crc32."

  /// The metadata with its own checksum and those of tensors.
  public static func adding(
    _ tensors: [(name: String, checksum: CRC32)], to metadata: [String: String]
  ) -> [String: String] {
    var metadata = metadata
    for (name, checksum) in tensors { metadata[prefix + name] = checksum.text }
    metadata[key] = ofMetadata(metadata).text
    return metadata
  }

  static func ofMetadata(_ metadata: [String: String]) -> CRC32 {
    var bytes: [UInt8] = []
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where name != key {
      bytes += Array(name.utf8) + [0] + Array(value.utf8) + [0]
    }
    return CRC32(bytes)
  }
}

extension SafetensorsHeader {
  /// Compares the metadata with its checksum, where there is one.
  ///
  /// - Throws: `FileError` where it has changed since it was written.
  public func checkMetadata(path: String) throws(FileError) {
    guard let saved = metadata[SafetensorsChecksums.key],
      saved != SafetensorsChecksums.ofMetadata(metadata).text
    else { return }
    throw FileError(
      path: path, reason: "has changed since it was written: its metadata is not what was saved")
  }
}

extension SafetensorsFile {
  /// Compares what the file holds with the checksums that it holds; a file that has none is taken as it is.
  ///
  /// - Parameter path: The file that errors name.
  /// - Throws: `FileError` that names the tensors which have changed since the file was written.
  public func checkContents(path: String) throws(FileError) {
    try SafetensorsHeader(entries: [], metadata: metadata).checkMetadata(path: path)
    let changed = tensors.filter { name, tensor in
      guard let saved = metadata[SafetensorsChecksums.prefix + name] else { return false }
      return saved != tensor.checksum.text
    }.map(\.name)
    if changed.isEmpty { return }
    let named = changed.prefix(3).map(quotedForDisplay).joined(separator: ", ")
    let more = changed.count > 3 ? " and \(changed.count - 3) more" : ""
    throw FileError(
      path: path,
      reason: "has changed since it was written: the contents of \(named)\(more) are not what was saved")
  }
}

extension SafetensorsFile.Tensor {
  /// Of the elements as the file holds them.
  public var checksum: CRC32 {
    var checksum = CRC32()
    switch elements {
    case .float32(let values): checksum.update(values)
    case .float64(let values): checksum.update(values)
    case .int64(let values): checksum.update(values)
    }
    return checksum
  }
}
