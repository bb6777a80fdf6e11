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
    switch try ImageFormat(ofFileBeginningWith: bytes, path: path) {
    case .png: try self.init(png: bytes, path: path)
    case .jpeg: try self.init(jpeg: bytes, path: path, minimumSize: minimumSize)
    }
  }

  /// Checks as much of a file as its first bytes show, which is cheap for any number of files: that it
  /// can be read, is a PNG or a JPEG file, and, for a PNG, claims a size that can be read.
  ///
  /// - Parameter minimumSize: That of `init(contentsOf:minimumSize:)`.
  /// - Returns: About how much memory `init(contentsOf:minimumSize:)` takes with the file, in bytes.
  /// - Throws: `FileError` where one of this does not hold.
  @discardableResult public static func checkHeader(
    ofFileAt path: String, minimumSize: (width: Int, height: Int)? = nil
  ) throws(FileError) -> Int {
    let file = try OpenFile(reading: path)
    let size = try file.regularFileSize()
    // The signature, then the first chunk's length, name, width and height, four bytes each.
    let bytes = try file.read(count: 24, of: UInt8.self)
    guard try ImageFormat(ofFileBeginningWith: bytes, path: path) == .png else {
      // Where a JPEG's size stands depends on what its camera wrote before; it is reduced as far as the
      // minimum allows, which leaves less than twice that on each side.
      return size + 4 * 3 * (minimumSize.map { min($0.width * $0.height, pixelLimit) } ?? 0)
    }
    guard bytes.count == 24, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw FileError(path: path, reason: "is not a valid PNG file: it does not begin with its size")
    }
    func number(at start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(at: 16), number(at: 20))
    try checkSize(width: width, height: height, path: path)
    return size + 3 * width * height
  }

  /// Replaces a PNG file, or creates it, in one step.
  public func writePNG(to path: String) throws(FileError) {
    try writeFileAtomically(encodedPNG(), to: path)
  }
}

private enum ImageFormat {
  case png, jpeg

  init(ofFileBeginningWith bytes: [UInt8], path: String) throws(FileError) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      throw FileError(path: path, reason: "is neither a PNG nor a JPEG file")
    }
  }
}
