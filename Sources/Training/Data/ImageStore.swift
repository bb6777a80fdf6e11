import Interchange

/// The images of a source at a model's size and number of channels.
///
/// Where all of them together are small enough they are decoded at once and kept; else each is decoded
/// whenever it is asked for.
struct ImageStore: Sendable {
  /// The size that every image is brought to.
  struct Shape: Hashable, Sendable {
    var height: Int
    var width: Int
    /// 1 or 3.
    var channels: Int

    /// Bytes of an image, one a channel of a pixel.
    var count: Int { height * width * channels }
  }

  /// What is done about an image that cannot be decoded.
  enum BrokenImages: Sendable {
    /// The error is thrown: on opening, where a header shows it or all images are decoded to be kept, else
    /// when the image is asked for.
    case stop
    /// The image is left out. To know which ones those are, all are decoded on opening.
    case skip
  }

  private enum Images {
    /// All of them one after another. Their source is let go of.
    case kept([UInt8])
    /// Each is read when it is asked for. The indices are the source's, where some of them are left out.
    case inSource(any ImageSource, indices: [Int]?)
  }

  let shape: Shape
  let count: Int
  /// Why images were left out, in the source's order.
  let skipped: [FileError]
  /// The memory that the images take, or where they are not kept, what their source holds, in bytes.
  let byteCount: Int
  /// About how much memory decoding one of them takes while training, in bytes: the most for any of them,
  /// and nothing where they are kept.
  let decodingByteCount: Int
  private let images: Images

  private init(
    shape: Shape, count: Int, skipped: [FileError], images: Images, decodingByteCount: Int = 0
  ) {
    (self.shape, self.count, self.skipped, self.images) = (shape, count, skipped, images)
    self.decodingByteCount = decodingByteCount
    byteCount =
      switch images {
      case .kept(let pixels): pixels.count
      case .inSource(let source, let indices):
        source.byteCount + (indices?.count ?? 0) * MemoryLayout<Int>.stride
      }
  }

  /// Opens a source.
  ///
  /// - Parameters:
  ///   - limit: The most images to use; those left out do not count.
  ///   - memoryLimit: In bytes, the most that decoded images may take for them to be kept.
  ///   - threads: How many threads decode.
  /// - Throws: `FileError`, that of the first image which has one.
  init(
    _ source: any ImageSource, shape: Shape, limit: Int?, broken: BrokenImages, memoryLimit: Int,
    threads: Int
  ) throws(FileError) {
    let wanted = min(limit ?? source.count, source.count)
    let keeps = wanted <= min(memoryLimit, source.keepingLimit) / shape.count

    if keeps, wanted == source.count,
      let pixels = try source.allPixels(width: shape.width, height: shape.height, channels: shape.channels)
    {
      self.init(shape: shape, count: wanted, skipped: [], images: .kept(pixels))
      return
    }

    if !keeps && broken == .stop {
      var largest = 0
      for index in 0..<wanted { largest = max(largest, try source.checkHeader(at: index)) }
      self.init(
        shape: shape, count: wanted, skipped: [], images: .inSource(source, indices: nil),
        decodingByteCount: largest)
      return
    }

    let survey = ImageSurvey(source, shape: shape, capacity: keeps ? wanted : nil)
    var start = 0
    var indices: [Int] = []
    // Images beyond the limit take the places of those that are left out.
    while start < source.count, indices.count < wanted {
      let range = start..<min(start + wanted - indices.count, source.count)
      indices += try survey.decode(range, stopsAtError: broken == .stop, threads: threads)
      start = range.upperBound
    }
    let findings = survey.finish()
    var largest = 0
    if !keeps { for index in indices { largest = max(largest, try source.checkHeader(at: index)) } }
    self.init(
      shape: shape, count: indices.count, skipped: findings.errors,
      images: keeps
        ? .kept(findings.pixels) : .inSource(source, indices: findings.errors.isEmpty ? nil : indices),
      decodingByteCount: largest)
  }

  /// Calls the body with an image's bytes: rows from the top, the channels of a pixel together.
  ///
  /// - Throws: `FileError` where the image is not kept and cannot be decoded.
  func withPixels(of index: Int, _ body: (Span<UInt8>) -> Void) throws(FileError) {
    switch images {
    case .kept(let pixels): body(pixels.span.extracting(index * shape.count..<(index + 1) * shape.count))
    case .inSource(let source, let indices):
      let image = try source.image(at: indices?[index] ?? index, shape: shape)
      body(image.pixels.span)
    }
  }
}

extension ImageSource {
  /// An image that fills the shape without distortion; what stands out is cut off, half on each side.
  func image(at index: Int, shape: ImageStore.Shape) throws(FileError) -> Image {
    let image = try image(at: index).resizedToCover(width: shape.width, height: shape.height)
    return shape.channels == 1 ? image.grayscale() : image.rgb()
  }
}
