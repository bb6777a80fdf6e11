import Files

/// A decoder of one image file that gives its rows from above to below.
protocol RowDecoder: AnyObject {
  /// As far as the file has been read.
  var facts: ImageFileFacts { get }

  /// Begins with the pixels.
  ///
  /// - Parameter minimum: The smallest stored size that serves; nil is the whole.
  /// - Returns: The size of what is delivered, as it is stored, and its channels: 1, 3 or 4.
  func start(
    _ request: ImageRequest, minimum: (width: Int, height: Int)?
  ) throws(FileError) -> (width: Int, height: Int, channels: Int)

  /// Decodes the next row into an array of its size.
  func readRow(into row: inout [UInt8]) throws(FileError)

  /// Ends with the pixels; `facts` is then complete.
  func finish() throws(FileError)
}

/// What decoding a file may cost, so that a small file cannot take hours or all memory: this many bytes may be
/// unpacked out of any, and beyond those so many out of each of its bytes. Photographs have 2 to 30, and what
/// is drawn in few colours up to a few hundred, but is then far smaller.
enum DecodingBudget {
  static let freeBytes = 64 << 20
  static let ratio = 100
}

extension Image {
  /// Decodes a file.
  ///
  /// - Parameter open: Opens the file; is called again where what stands behind the pixels shows that another
  ///   part of them was wanted.
  static func decode(
    path: String, _ request: ImageRequest, open: () throws(FileError) -> any RowDecoder
  ) throws(FileError) -> (image: Image, facts: ImageFileFacts) {
    let decoder = try open()
    try checkSize(width: decoder.facts.width, height: decoder.facts.height, path: path)
    let orientation = decoder.facts.orientation
    let image = try decode(decoder, orientation, path, request)
    if decoder.facts.orientation == orientation { return (image, decoder.facts) }
    // The note on its orientation stands behind the pixels.
    let facts = decoder.facts
    return (try decode(open(), facts.orientation, path, request), facts)
  }

  private static func decode(
    _ decoder: any RowDecoder, _ orientation: Orientation, _ path: String, _ request: ImageRequest
  ) throws(FileError) -> Image {
    func stored(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
      orientation.swapsSides ? (height, width) : (width, height)
    }
    let minimum: (width: Int, height: Int)? =
      switch request.size {
      case .whole: nil
      case .atLeast(let width, let height), .covering(let width, let height): stored(width, height)
      }
    let (width, height, channels) = try decoder.start(request, minimum: minimum)
    var region = ImageRegion(left: 0, top: 0, width: width, height: height)
    var target = (width: width, height: height)
    if case .covering(let newWidth, let newHeight) = request.size {
      let upright = stored(width, height)
      region =
        ImageRegion
        .covering(width: newWidth, height: newHeight, of: upright.width, upright.height)
        .stored(orientation, width: upright.width, height: upright.height)
      target = stored(newWidth, newHeight)
    }
    guard hasMemory(for: target.width * target.height * channels * 2) else {
      throw FileError(path: path, reason: "has \(width)×\(height) pixels, and there is no memory for them")
    }
    var resampler = RowResampler(region, to: target, channels: channels)
    var row = [UInt8](repeating: 0, count: width * channels)
    for y in 0..<height {
      try decoder.readRow(into: &row)
      if y >= region.top, y < region.top + region.height { resampler.add(row[...]) }
    }
    try decoder.finish()
    let image = resampler.finish().turned(orientation)
    return request.channels.map { image.withChannels($0) } ?? image
  }
}
