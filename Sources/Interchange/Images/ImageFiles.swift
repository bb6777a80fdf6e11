import Files

extension Image {
  /// Reads a PNG or a JPEG file upright. The file's first bytes tell which one it is, not its name.
  ///
  /// - Parameter minimumSize: The smallest size that the caller can use, which makes large JPEG files
  ///   cheaper to read: they are reduced to a half, a quarter or an eighth while they are decoded, as far as
  ///   both sides keep this minimum.
  /// - Throws: `FileError` where the file cannot be read, is of neither format, or is damaged.
  public init(
    contentsOf path: String, minimumSize: (width: Int, height: Int)? = nil
  ) throws(FileError) {
    let size = minimumSize.map { ImageRequest.Size.atLeast(width: $0.width, height: $0.height) }
    self = try Self.read(path, ImageRequest(size ?? .whole)).image
  }

  /// Reads what is wanted of a PNG or a JPEG file, a row at a time: besides the image that it gives, hardly any
  /// memory is needed, unless the file cannot be decoded from above to below
  /// (`ImageFileFacts.decodingByteCount`).
  ///
  /// Palettes become colours, CMYK becomes red, green and blue, and 16 bits become 8. Colours are taken as they
  /// are stored: profiles and gamma values in a file are passed over, and transparent pixels are laid on their
  /// background in the stored brightness curve, as viewers do.
  ///
  /// - Throws: `FileError` where the file cannot be read, is of neither format, is damaged, claims more than
  ///   `pixelLimit`, or would cost more to decode than its size justifies.
  public static func read(
    _ path: String, _ request: ImageRequest
  ) throws(FileError) -> (image: Image, facts: ImageFileFacts) {
    try decode(path: path, request) { () throws(FileError) in try openDecoder(path) }
  }

  /// Reads as much of a file as stands before its pixels, which is cheap for any number of files.
  ///
  /// - Throws: `FileError` where the file cannot be read, is neither a PNG nor a JPEG file, or begins wrongly.
  public static func facts(ofFileAt path: String) throws(FileError) -> ImageFileFacts {
    let facts = try openDecoder(path).facts
    try checkSize(width: facts.width, height: facts.height, path: path)
    return facts
  }

  /// Decodes a PNG file's bytes, as `init(contentsOf:)` does.
  ///
  /// - Parameter path: The file that errors name.
  public init(png bytes: [UInt8], path: String) throws(FileError) {
    self = try Self.decode(path: path, ImageRequest()) { () throws(FileError) in
      try PNGDecoder(ByteStream(bytes), path: path)
    }.image
  }

  /// Decodes a JPEG file's bytes, as `init(contentsOf:minimumSize:)` does.
  public init(
    jpeg bytes: [UInt8], path: String, minimumSize: (width: Int, height: Int)? = nil
  ) throws(FileError) {
    let size = minimumSize.map { ImageRequest.Size.atLeast(width: $0.width, height: $0.height) }
    self = try Self.decode(path: path, ImageRequest(size ?? .whole)) { () throws(FileError) in
      try JPEGDecoder(ByteStream(bytes), path: path)
    }.image
  }

  /// Creates a PNG file, or replaces one, in one step.
  public func writePNG(to path: String, replacing replacement: Replacement = .file) throws(FileError) {
    try writeFileAtomically(encodedPNG(), to: path, replacing: replacement)
  }
}

private func openDecoder(_ path: String) throws(FileError) -> any RowDecoder {
  let stream = try ByteStream(contentsOf: path)
  let kind = FileKind(beginning: try stream.beginning(FileKind.length))
  switch kind {
  case .png: return try PNGDecoder(stream, path: path)
  case .jpeg: return try JPEGDecoder(stream, path: path)
  case .empty: throw FileError(path: path, reason: "is empty: neither a PNG nor a JPEG file")
  default:
    let explanation = kind.explanation.map { ", but \($0)" } ?? ""
    throw FileError(path: path, reason: "is neither a PNG nor a JPEG file\(explanation)")
  }
}

/// What a file is, as far as its first bytes tell.
///
/// - Throws: `FileError` where the path leads to no regular file that can be read.
public func kind(ofFileAt path: String) throws(FileError) -> FileKind {
  FileKind(beginning: try ByteStream(contentsOf: path).beginning(FileKind.length))
}
