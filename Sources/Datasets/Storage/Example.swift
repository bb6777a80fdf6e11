import Files
import Interchange

/// An example's images at the sizes that are wanted.
struct Example {
  /// The bytes of all images one after another: rows from the top, the channels of a pixel together.
  let pixels: [UInt8]
  private let shapes: [ExampleStore.Shape]
  /// The files that images have of their own.
  private let files: [SourceFile?]

  fileprivate init(_ images: [SourceImage], shapes: [ExampleStore.Shape]) {
    let fitted = zip(images, shapes).map { source, shape in
      source.image.resizedToCover(width: shape.width, height: shape.height).withChannels(shape.channels)
    }
    pixels = fitted.count == 1 ? fitted[0].pixels : fitted.flatMap(\.pixels)
    self.shapes = shapes
    files = images.map(\.file)
  }

  /// About how much memory it took to decode, in bytes.
  var decodingByteCount: Int {
    Self.decodingByteCount(zip(files, shapes).compactMap { file, shape in file.map { ($0, shape) } })
  }

  /// About how much memory it takes to decode files, in bytes.
  static func decodingByteCount(_ files: [(file: SourceFile, shape: ExampleStore.Shape)]) -> Int {
    files.reduce(0) { $0 + $1.file.facts.decodingByteCount(minimum: ($1.shape.width, $1.shape.height)) }
  }

  /// Counts its files in.
  ///
  /// - Parameter order: The example's place in its source.
  func add(to statistics: inout DataStatistics, order: Int) {
    var start = 0
    for (file, shape) in zip(files, shapes) {
      if let file {
        statistics.add(file, order: order, shape: shape, pixels: pixels[start..<start + shape.count])
      }
      start += shape.count
    }
  }
}

extension ExampleSource {
  /// Reads an example; each image fills its shape without distortion, and what stands out is cut off, half on
  /// each side.
  func example(at index: Int, shapes: [ExampleStore.Shape]) throws(FileError) -> Example {
    Example(try images(at: index), shapes: shapes)
  }
}

/// What the headers of examples' files say, of files that are decoded only when they are needed.
struct ExampleHeaders {
  private(set) var statistics = DataStatistics()
  /// About how much memory decoding one example takes at the most, in bytes.
  private(set) var largestDecoding = 0

  /// - Throws: `FileError`, that of the first example which has one.
  init(_ source: any ExampleSource, shapes: [ExampleStore.Shape], count: Int) throws(FileError) {
    var errors: [FileError] = []
    for index in 0..<count {
      do throws(FileError) {
        let files = try source.files(at: index)
        largestDecoding = max(largestDecoding, Example.decodingByteCount(zip(files, shapes).map { ($0, $1) }))
        for (file, shape) in zip(files, shapes) {
          statistics.add(file, order: index, shape: shape, pixels: nil)
        }
      } catch { errors.append(error) }
    }
    if let first = errors.first { throw first.counting(errors.count, of: count) }
  }
}

extension FileError {
  /// The same with what can be done about it.
  func adding(_ wayOut: String?) -> FileError {
    wayOut.map { FileError(path: path, reason: "\(reason); \($0)", category: category) } ?? self
  }

  /// The same with how many of the files have one.
  func counting(_ broken: Int, of count: Int) -> FileError {
    adding("\(broken) of \(count) files cannot be read")
  }
}
