extension Image {
  /// Reads a PNG or a JPEG file. The file's first bytes tell which one it is, not its name.
  ///
  /// - Parameter minimumSize: The smallest size that the caller can use, which makes large JPEG files
  ///   cheaper to read (`init(jpeg:path:minimumSize:)`).
  /// - Throws: `FileError` where the file cannot be read, is of neither format, or is damaged.
  public init(
    contentsOf path: String, minimumSize: (width: Int, height: Int)? = nil
  ) throws(FileError) {
    let bytes = try readFile(at: path)
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      try self.init(png: bytes, path: path)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      try self.init(jpeg: bytes, path: path, minimumSize: minimumSize)
    } else {
      throw FileError(path: path, reason: "is neither a PNG nor a JPEG file")
    }
  }

  /// Replaces a PNG file, or creates it, in one step.
  public func writePNG(to path: String) throws(FileError) {
    try writeFileAtomically(encodedPNG(), to: path)
  }
}
