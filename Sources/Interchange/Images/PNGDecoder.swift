import CPNG
import Files

/// Decodes a PNG file with libpng.
@safe final class PNGDecoder: RowDecoder {
  private(set) var facts: ImageFileFacts
  private let stream: ByteStream
  private let path: String
  private let decoder: OpaquePointer
  private var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_SIZE))
  private let layout: cpng_layout

  /// Reads the file up to its first pixel.
  ///
  /// - Throws: `FileError` where it is no PNG file, or a broken one.
  init(_ stream: ByteStream, path: String) throws(FileError) {
    self.stream = stream
    self.path = path
    var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_SIZE))
    var layout = cpng_layout()
    guard let decoder = unsafe cpng_open(ByteStream.callback, stream.context, &layout, &message) else {
      throw Self.damaged(path, message, stream)
    }
    unsafe self.decoder = decoder
    self.layout = layout
    let orientation = unsafe Self.orientation(decoder)
    let (width, height) = (Int(layout.width), Int(layout.height))
    facts = ImageFileFacts(
      format: .png, width: orientation.swapsSides ? height : width,
      height: orientation.swapsSides ? width : height,
      colors: layout.has_palette ? .palette : layout.has_color ? .color : .grey, depth: Int(layout.depth),
      orientation: orientation, hasTransparency: layout.has_alpha, isProgressive: layout.is_interlaced)
  }

  deinit { unsafe cpng_close(decoder) }

  func start(
    _ request: ImageRequest, minimum: (width: Int, height: Int)?
  ) throws(FileError) -> (width: Int, height: Int, channels: Int) {
    let background = request.background
    let isGrey = Set(background).count == 1
    let channels =
      if request.channels == 4, layout.has_alpha { 4 } else if !layout.has_color, !layout.has_alpha || isGrey
      { 1 } else { 3 }
    var delivery = cpng_delivery()
    delivery.channels = UInt8(channels)
    delivery.background = (background[0], background[1], background[2])
    delivery.white = UInt16(request.white)
    let budget = cpng_budget(
      free_bytes: DecodingBudget.freeBytes, ratio: DecodingBudget.ratio, file_bytes: stream.size)
    guard unsafe cpng_start(decoder, delivery, budget, &message) else {
      throw Self.damaged(path, message, stream)
    }
    return (Int(layout.width), Int(layout.height), channels)
  }

  func readRow(into row: inout [UInt8]) throws(FileError) {
    guard unsafe cpng_read_row(decoder, &row, &message) else { throw Self.damaged(path, message, stream) }
  }

  func finish() {
    let findings = unsafe cpng_finish(decoder)
    let orientation = unsafe Self.orientation(decoder)
    if orientation.swapsSides != facts.orientation.swapsSides {
      (facts.width, facts.height) = (facts.height, facts.width)
    }
    facts.orientation = orientation
    facts.hasTransparency = findings.least_alpha < 255
    if layout.depth == 16 { facts.greatestSample = Int(findings.greatest) }
  }

  private static func orientation(_ decoder: OpaquePointer) -> Orientation {
    var size = 0
    guard let block = unsafe cpng_exif(decoder, &size) else { return .upright }
    return Orientation(exif: unsafe Array(UnsafeBufferPointer(start: block, count: size)))
  }

  private static func damaged(_ path: String, _ message: [CChar], _ stream: ByteStream) -> FileError {
    stream.failure
      ?? FileError(path: path, reason: "is not a valid PNG file: \(decoderMessage(message))")
  }
}

/// The text that a decoder in C left.
func decoderMessage(_ characters: [CChar]) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
