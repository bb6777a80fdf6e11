import Files
import Interchange
import ModelSpec

/// The images of a file of the MNIST family, grey and all of one size, and their classes from another.
public struct IDXSource: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "idx", "A file of the MNIST family, also gzipped.", primary: "images",
        [
          .init("images", .path, .required, "the file with the images"),
          .init("labels", .path, .optional, "the file with their classes"),
        ] + DataSourceDefinition.commonAttributes),
      fields: { configured in
        let images = DataField("real", .image(channels: nil))
        return configured.path("labels") == nil
          ? [images] : [images, DataField("label", .label(classes: nil))]
      }),
    readsFiles: true,
    open: { context throws(FileError) in
      [try IDXSource(path: context.path("images"), labels: context.configured.path("labels"))]
    })

  private let file: IDXFile
  public let labels: ClassLabels?

  /// - Throws: `FileError` where a file cannot be read, breaks a rule of the format, or holds something else,
  ///   or where there are not as many labels as images.
  public init(path: String, labels: String? = nil) throws(FileError) {
    let images = try IDXFile(contentsOf: path)
    if let labels {
      try self.init(images, path: path, labels: (IDXFile(contentsOf: labels), path: labels))
    } else {
      try self.init(images, path: path, labels: nil)
    }
  }

  init(_ file: IDXFile, path: String, labels: (file: IDXFile, path: String)?) throws(FileError) {
    guard file.shape.count == 3 else {
      throw FileError(
        path: path,
        reason: "holds \(file.shape[0]) labels, not images: name it as `labels`, beside `images`")
    }
    self.file = file
    guard let labels else {
      self.labels = nil
      return
    }
    guard labels.file.shape.count == 1 else {
      throw FileError(path: labels.path, reason: "holds \(labels.file.shape[0]) images, not labels")
    }
    guard labels.file.shape[0] == file.shape[0] else {
      throw FileError(
        path: labels.path,
        reason: "holds \(labels.file.shape[0]) labels, but \(path) holds \(file.shape[0]) images: the two"
          + " files do not belong together")
    }
    let indices = try labels.file.allElements()
    self.labels = ClassLabels(
      names: (0...(indices.max() ?? 0)).map { "\($0)" }, indices: indices.map(Int32.init))
  }

  public var count: Int { file.shape[0] }
  public var byteCount: Int { file.byteCount }
  public func images(at index: Int) throws(FileError) -> [SourceImage] {
    [SourceImage(try file.image(at: index))]
  }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? {
    [height, width, channels] == file.shape[1...] + [1] ? try file.allElements() : nil
  }
}
