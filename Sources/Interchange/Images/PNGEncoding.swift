import CPNG

extension Image {
  /// The image as a PNG file's bytes. The same image gives the same bytes.
  public func encodedPNG() -> [UInt8] {
    var encoder = unsafe png_image()
    unsafe encoder.version = png_uint_32(PNG_IMAGE_VERSION)
    unsafe encoder.width = png_uint_32(width)
    unsafe encoder.height = png_uint_32(height)
    unsafe encoder.format = channels == 1 ? png_uint_32(PNG_FORMAT_GRAY) : PNG_FORMAT_RGB
    let limit = Int(unsafe cpng_maximum_size(&encoder))
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
