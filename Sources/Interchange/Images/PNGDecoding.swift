import CPNG

extension Image {
  /// Decodes a PNG file's bytes.
  ///
  /// Palettes become colours, 16 bits a channel become 8, and what is transparent shows white. A file
  /// without colour gives one channel, any other three.
  ///
  /// - Parameter path: The file that errors name.
  /// - Throws: `FileError` where the bytes are no PNG file, a damaged one, or one above `pixelLimit`.
  public init(png bytes: [UInt8], path: String) throws(FileError) {
    self = try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      // libpng keeps the structure's address between its calls.
      var decoder = unsafe png_image()
      return try unsafe withUnsafeMutablePointer(to: &decoder) { decoder throws(FileError) in
        try unsafe decodePNG(bytes, using: decoder, path: path)
      }
    }
  }
}

private func decodePNG(
  _ bytes: UnsafeBufferPointer<UInt8>, using decoder: UnsafeMutablePointer<png_image>, path: String
) throws(FileError) -> Image {
  func damaged() -> FileError {
    FileError(path: path, reason: "is not a valid PNG file: \(unsafe message(of: decoder.pointee))")
  }
  unsafe decoder.pointee.version = png_uint_32(PNG_IMAGE_VERSION)
  defer { unsafe png_image_free(decoder) }
  guard unsafe png_image_begin_read_from_memory(decoder, bytes.baseAddress, bytes.count) != 0 else {
    throw damaged()
  }
  let width = unsafe Int(decoder.pointee.width)
  let height = unsafe Int(decoder.pointee.height)
  try Image.checkSize(width: width, height: height, path: path)

  let hasColor = unsafe decoder.pointee.format & PNG_FORMAT_FLAG_COLOR != 0
  let channels = hasColor ? 3 : 1
  unsafe decoder.pointee.format = hasColor ? PNG_FORMAT_RGB : png_uint_32(PNG_FORMAT_GRAY)
  // Without it, libpng takes 16 bits a channel for linear light, which hardly any program writes.
  unsafe decoder.pointee.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)

  var white = png_color(red: 255, green: 255, blue: 255)
  var isComplete = false
  let size = width * height * channels
  let pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
    isComplete = unsafe png_image_finish_read(decoder, &white, pixels.baseAddress, 0, nil) != 0
    count = isComplete ? size : 0
  }
  if !isComplete { throw damaged() }
  return Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// The text that libpng left in its structure.
func message(of codec: png_image) -> String {
  unsafe withUnsafeBytes(of: codec.message) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
