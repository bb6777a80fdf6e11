import Files
import Interchange

/// The images of a source's examples at a model's size, with their classes.
///
/// Where all of them together are small enough they are decoded at once and kept; else each is decoded
/// whenever it is asked for.
struct ExampleStore: Sendable {
  /// The size that an image is brought to.
  struct Shape: Hashable, Sendable {
    var height: Int
    var width: Int
    /// 1 or 3.
    var channels: Int

    /// Bytes of an image, one a channel of a pixel.
    var count: Int { height * width * channels }
  }

  /// What is done about an example of which an image cannot be decoded.
  enum BrokenExamples: Sendable {
    /// The error is thrown: on opening, where a header shows it or all images are decoded to be kept, else
    /// when the example is asked for.
    case stop
    /// The example is left out. To know which ones those are, all are decoded on opening.
    case skip
  }

  private enum Images {
    /// Those of all examples one after another. Their source is let go of.
    case kept([UInt8])
    /// Each example is read when it is asked for. The indices are the source's, where some of them are left
    /// out.
    case inSource(any ExampleSource, indices: [Int]?)
  }

  /// Of each of an example's images.
  let shapes: [Shape]
  let count: Int
  /// The class of each example, where the source knows it.
  let labels: ClassLabels?
  /// Why examples were left out, in the source's order.
  let skipped: [FileError]
  /// What was seen of the examples' files.
  let statistics: DataStatistics
  /// What lies among them and is none.
  let passedOver: PassedOver
  /// The memory that images and labels take, or where images are not kept, what their source holds, in bytes.
  let byteCount: Int
  /// About how much memory decoding one example takes while training, in bytes: the most for any of them,
  /// and nothing where they are kept.
  let decodingByteCount: Int
  private let images: Images
  /// The bytes of an example's images, one after another.
  private let exampleSize: Int

  private init(
    _ source: any ExampleSource, shapes: [Shape], count: Int, labels: ClassLabels?, images: Images,
    skipped: [FileError] = [], statistics: DataStatistics = DataStatistics(), decodingByteCount: Int = 0
  ) {
    (self.shapes, self.count, self.labels) = (shapes, count, labels)
    (self.skipped, self.images, self.decodingByteCount) = (skipped, images, decodingByteCount)
    (self.statistics, passedOver) = (statistics, source.passedOver)
    exampleSize = shapes.reduce(0) { $0 + $1.count }
    let imageBytes =
      switch images {
      case .kept(let pixels): pixels.count
      case .inSource(let source, let indices):
        source.byteCount + (indices?.count ?? 0) * MemoryLayout<Int>.stride
      }
    byteCount = imageBytes + (labels?.byteCount ?? 0)
  }

  /// Opens a source.
  ///
  /// - Parameters:
  ///   - shapes: What each of the source's `imageFields` is brought to.
  ///   - limit: The most examples to use; those left out do not count.
  ///   - memoryLimit: In bytes, the most that decoded images may take for them to be kept.
  ///   - threads: How many threads decode.
  /// - Throws: `FileError`, that of the first example which has one.
  init(
    _ source: any ExampleSource, shapes: [Shape], limit: Int?, broken: BrokenExamples, memoryLimit: Int,
    threads: Int
  ) throws(FileError) {
    precondition(shapes.count == source.imageFields.count, "each image has a shape")
    let exampleSize = shapes.reduce(0) { $0 + $1.count }
    let wanted = min(limit ?? source.count, source.count)
    let keeps = wanted <= min(memoryLimit, source.keepingLimit) / exampleSize
    let labels = source.labels

    if keeps, wanted == source.count, let shape = shapes.first, shapes.count == 1,
      let pixels = try source.allPixels(width: shape.width, height: shape.height, channels: shape.channels)
    {
      self.init(source, shapes: shapes, count: wanted, labels: labels, images: .kept(pixels))
      return
    }

    if !keeps && broken == .stop {
      let headers = try ExampleHeaders(source, shapes: shapes, count: wanted)
      self.init(
        source, shapes: shapes, count: wanted, labels: labels?.first(wanted),
        images: .inSource(source, indices: nil), statistics: headers.statistics,
        decodingByteCount: headers.largestDecoding)
      return
    }

    let survey = ExampleSurvey(source, shapes: shapes, capacity: keeps ? wanted : nil)
    var start = 0
    var indices: [Int] = []
    // Examples beyond the limit take the places of those that are left out.
    while start < source.count, indices.count < wanted {
      let range = start..<min(start + wanted - indices.count, source.count)
      indices += try survey.decode(range, stopsAtError: broken == .stop, threads: threads)
      start = range.upperBound
    }
    let findings = survey.finish()
    self.init(
      source, shapes: shapes, count: indices.count, labels: labels?.selecting(indices),
      images: keeps
        ? .kept(findings.pixels) : .inSource(source, indices: findings.errors.isEmpty ? nil : indices),
      skipped: findings.errors, statistics: findings.statistics,
      decodingByteCount: keeps ? 0 : findings.largestDecoding)
  }

  /// Calls the body with the bytes of an example's images one after another: rows from the top, the channels
  /// of a pixel together.
  ///
  /// - Throws: `FileError` where they are not kept and cannot be decoded.
  func withPixels(of index: Int, _ body: (Span<UInt8>) -> Void) throws(FileError) {
    switch images {
    case .kept(let pixels): body(pixels.span.extracting(index * exampleSize..<(index + 1) * exampleSize))
    case .inSource(let source, let indices):
      let pixels = try source.example(at: indices?[index] ?? index, shapes: shapes).pixels
      body(pixels.span)
    }
  }
}

extension ClassLabels {
  /// The memory that they take, in bytes.
  var byteCount: Int { indices.count * MemoryLayout<Int32>.stride }

  func first(_ count: Int) -> ClassLabels { ClassLabels(names: names, indices: Array(indices.prefix(count))) }

  func selecting(_ places: [Int]) -> ClassLabels {
    ClassLabels(names: names, indices: places.map { indices[$0] })
  }
}
