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

  let shape: Shape
  let count: Int
  /// Why images were left out, in the source's order.
  let skipped: [FileError]
  private let source: any ImageSource
  /// The source's index of each image, where some of the source's are left out.
  private let sourceIndices: [Int]?
  /// All images one after another, where they are kept.
  private let kept: [UInt8]?

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
    self.source = source
    self.shape = shape
    let wanted = min(limit ?? source.count, source.count)
    let keeps = wanted <= memoryLimit / shape.count

    if !keeps && broken == .stop {
      for index in 0..<wanted { try source.checkHeader(at: index) }
      (count, skipped, sourceIndices, kept) = (wanted, [], nil, nil)
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
    count = indices.count
    skipped = findings.errors
    sourceIndices = skipped.isEmpty ? nil : indices
    kept = keeps ? findings.pixels : nil
  }

  /// The memory that the images take, with what the source itself holds, in bytes.
  var byteCount: Int { source.byteCount + (kept?.count ?? 0) }

  /// Calls the body with an image's bytes: rows from the top, the channels of a pixel together.
  ///
  /// - Throws: `FileError` where the image is not kept and cannot be decoded.
  func withPixels(of index: Int, _ body: (Span<UInt8>) -> Void) throws(FileError) {
    if let kept {
      body(kept.span.extracting(index * shape.count..<(index + 1) * shape.count))
    } else {
      let image = try source.image(at: sourceIndices?[index] ?? index, shape: shape)
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
