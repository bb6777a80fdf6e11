import CLibPNG

extension Image {
  /// The image as a PNG file's bytes. The same image gives the same bytes.
  public func encodedPNG() -> [UInt8] {
    var encoder = unsafe png_image()
    unsafe encoder.version = png_uint_32(PNG_IMAGE_VERSION)
    unsafe encoder.width = png_uint_32(width)
    unsafe encoder.height = png_uint_32(height)
    unsafe encoder.format =
      switch channels {
      case 1: png_uint_32(PNG_FORMAT_GRAY)
      case 3: PNG_FORMAT_RGB
      default: PNG_FORMAT_RGB | png_uint_32(PNG_FORMAT_FLAG_ALPHA)
      }
    let limit = Int(unsafe clibpng_maximum_size(&encoder))
    var isWritten = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
      var size = png_alloc_size_t(limit)
      isWritten =
        unsafe png_image_write_to_memory(&encoder, bytes.baseAddress, &size, 0, pixels, 0, nil) != 0
      count = isWritten ? Int(size) : 0
    }
    // An image's size is one that libpng takes, and the buffer is large enough: only memory can lack.
    precondition(isWritten, "libpng failed: \(unsafe message(of: encoder))")
    return bytes
  }
}

/// The text that libpng left in its structure.
private func message(of codec: png_image) -> String {
  unsafe withUnsafeBytes(of: codec.message) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
