import Files
import Interchange
import ModelSpec

/// The images of CIFAR-10's binary version, 32×32 pixels in colour, with their classes.
public struct CIFAR10Source: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "cifar10", "The binary files of CIFAR-10.", primary: "path",
        [.init("path", .path, .required, "a data_batch file, or the folder with them")]
          + DataSourceDefinition.commonAttributes),
      fields: { _ in
        [DataField("real", .image(channels: nil)), DataField("label", .label(classes: classNames))]
      }),
    readsFiles: true,
    open: { context throws(FileError) in [try CIFAR10Source(path: context.path("path"))] })

  /// As `batches.meta.txt` has them.
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  private var batches: [(file: CIFAR10File, images: Range<Int>)] = []

  /// - Parameter path: A file such as `data_batch_1.bin`, or the folder with them. Of a folder, the
  ///   training images are read, not those of `test_batch.bin`.
  /// - Throws: `FileError` where a file cannot be read or breaks a rule of the format, or where the folder
  ///   holds none.
  public init(path: String) throws(FileError) {
    for path in isFolder(path) ? try Self.batchPaths(in: path) : [path] {
      let file = try CIFAR10File(contentsOf: path)
      batches.append((file, count..<count + file.labels.count))
    }
  }

  private static func batchPaths(in folder: String) throws(FileError) -> [String] {
    let paths = try listFiles(in: folder).filter { path in
      let name = path.split(separator: "/").last ?? ""
      return name.hasPrefix("data_batch_") && name.hasSuffix(".bin")
    }
    if paths.isEmpty {
      throw FileError(
        path: folder, reason: "holds no file data_batch_*.bin; the binary version of CIFAR-10 has them")
    }
    return paths
  }

  public var count: Int { batches.last?.images.upperBound ?? 0 }
  public var byteCount: Int { batches.reduce(0) { $0 + $1.file.labels.count } }

  public var labels: ClassLabels? {
    ClassLabels(names: Self.classNames, indices: batches.flatMap { $0.file.labels.map(Int32.init) })
  }

  public func images(at index: Int) throws(FileError) -> [SourceImage] {
    guard let batch = batches.first(where: { $0.images.contains(index) }) else {
      preconditionFailure("there are \(count) images, and none has the index \(index)")
    }
    return [SourceImage(try batch.file.image(at: index - batch.images.lowerBound))]
  }
}
