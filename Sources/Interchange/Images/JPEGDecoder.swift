import CJPEG
import Files

/// Decodes a JPEG file with libjpeg.
@safe final class JPEGDecoder: RowDecoder {
  let facts: ImageFileFacts
  private let stream: ByteStream
  private let path: String
  private let decoder: OpaquePointer
  private var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
  private let layout: cjpeg_layout

  /// Reads the file up to its first pixel.
  ///
  /// - Throws: `FileError` where it is no JPEG file, or a broken one.
  init(_ stream: ByteStream, path: String) throws(FileError) {
    self.stream = stream
    self.path = path
    var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
    var layout = cjpeg_layout()
    guard let decoder = unsafe cjpeg_open(ByteStream.callback, stream.context, &layout, &message) else {
      throw Self.damaged(path, message, stream)
    }
    unsafe self.decoder = decoder
    self.layout = layout
    let orientation = unsafe Self.orientation(decoder)
    let (width, height) = (Int(layout.width), Int(layout.height))
    facts = ImageFileFacts(
      format: .jpeg, width: orientation.swapsSides ? height : width,
      height: orientation.swapsSides ? width : height,
      colors: layout.has_inks ? .inks : layout.channels == 1 ? .grey : .color, depth: 8,
      orientation: orientation, hasTransparency: false, isProgressive: layout.is_progressive)
  }

  deinit { unsafe cjpeg_close(decoder) }

  func start(
    _ request: ImageRequest, minimum: (width: Int, height: Int)?
  ) throws(FileError) -> (width: Int, height: Int, channels: Int) {
    let budget = cjpeg_budget(
      free_bytes: DecodingBudget.freeBytes, ratio: DecodingBudget.ratio, file_bytes: stream.size)
    var (width, height): (UInt32, UInt32) = (0, 0)
    guard
      unsafe cjpeg_start(
        decoder, UInt32(clamping: minimum?.width ?? .max), UInt32(clamping: minimum?.height ?? .max), budget,
        &width, &height, &message)
    else { throw Self.damaged(path, message, stream) }
    return (Int(width), Int(height), Int(layout.channels))
  }

  func readRow(into row: inout [UInt8]) throws(FileError) {
    guard unsafe cjpeg_read_row(decoder, &row, &message) else { throw Self.damaged(path, message, stream) }
  }

  func finish() throws(FileError) {
    guard unsafe cjpeg_finish(decoder, &message) else { throw Self.damaged(path, message, stream) }
  }

  private static func orientation(_ decoder: OpaquePointer) -> Orientation {
    var size = 0
    guard let block = unsafe cjpeg_exif(decoder, &size) else { return .upright }
    return Orientation(exif: unsafe Array(UnsafeBufferPointer(start: block, count: size)))
  }

  private static func damaged(_ path: String, _ message: [CChar], _ stream: ByteStream) -> FileError {
    stream.failure
      ?? FileError(path: path, reason: "is not a valid JPEG file: \(decoderMessage(message))")
  }
}
