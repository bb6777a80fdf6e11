import CJPEG

extension Image {
  /// Decodes a JPEG file's bytes.
  ///
  /// A grey file gives one channel, any other three; CMYK becomes red, green and blue. The orientation
  /// that a camera notes in the file is not applied.
  ///
  /// - Parameters:
  ///   - path: The file that errors name.
  ///   - minimumSize: Where given, the image is reduced to a half, a quarter or an eighth while it is
  ///     decoded, as far as both sides keep this minimum. Meant for a `resized` that follows: it makes a
  ///     large photograph several times cheaper.
  /// - Throws: `FileError` where the bytes are no JPEG file, a damaged one, or one above `pixelLimit`.
  public init(
    jpeg bytes: [UInt8], path: String, minimumSize: (width: Int, height: Int)? = nil
  ) throws(FileError) {
    func damaged(_ message: [CChar]) -> FileError {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return FileError(path: path, reason: "is not a valid JPEG file: \(text)")
    }
    var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
    var layout = cjpeg_layout()
    let minimumWidth = UInt32(clamping: minimumSize?.width ?? .max)
    let minimumHeight = UInt32(clamping: minimumSize?.height ?? .max)
    guard
      unsafe cjpeg_read_layout(bytes, bytes.count, minimumWidth, minimumHeight, &layout, &message)
    else { throw damaged(message) }
    // The decoder's own memory grows with the size in the file, not with that of the result.
    try Image.checkSize(width: Int(layout.full_width), height: Int(layout.full_height), path: path)

    var isComplete = false
    let size = Int(layout.width) * Int(layout.height) * Int(layout.channels)
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
      isComplete = unsafe cjpeg_decode(bytes, bytes.count, &layout, pixels.baseAddress, &message)
      count = isComplete ? size : 0
    }
    if !isComplete { throw damaged(message) }
    self.init(
      width: Int(layout.width), height: Int(layout.height), channels: Int(layout.channels), pixels: pixels)
  }
}
