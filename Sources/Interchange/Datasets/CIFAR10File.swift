import Files

/// A batch of CIFAR-10's binary version: images of 32×32 pixels in ten classes.
///
/// The file is a sequence of records, each a label and the image's red, green and blue plane. The images
/// are left where they are until somebody asks for one.
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html.
public struct CIFAR10File: Sendable {
  /// One label an image, below 10.
  public let labels: [UInt8]
  private let file: RandomAccessFile

  private static let side = 32
  private static let planeSize = side * side
  private static let imageSize = 3 * planeSize
  private static let recordSize = 1 + imageSize
  private static let classCount = 10

  /// Opens a file such as `data_batch_1.bin`, and reads its labels.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    let size = try file.regularFileSize()
    guard size % Self.recordSize == 0 else {
      if let kind = FileKind(beginning: try file.read(count: FileKind.length, of: UInt8.self)).explanation {
        throw FileError(path: path, reason: "is not a file of CIFAR-10's binary version, but \(kind)")
      }
      throw FileError(
        path: path,
        reason: "is not a valid CIFAR-10 file: its \(size) bytes are no whole number of"
          + " records of \(Self.recordSize)")
    }
    self.file = RandomAccessFile(file)
    var labels: [UInt8] = []
    for offset in stride(from: 0, to: size, by: Self.recordSize) {
      let label = try self.file.read(count: 1, at: offset)[0]
      guard label < Self.classCount else {
        throw FileError(
          path: path,
          reason: "is not a valid CIFAR-10 file: image \(labels.count) has the label"
            + " \(label), where there are \(Self.classCount) classes")
      }
      labels.append(label)
    }
    self.labels = labels
  }

  /// One image, its channels together.
  ///
  /// - Precondition: `index` is below the number of images.
  /// - Throws: `FileError` where the file cannot be read any more.
  public func image(at index: Int) throws(FileError) -> Image {
    precondition(labels.indices.contains(index), "the file has no such image")
    let planes = try file.read(count: Self.imageSize, at: index * Self.recordSize + 1)
    let pixels = (0..<Self.imageSize).map { planes[$0 % 3 * Self.planeSize + $0 / 3] }
    return Image(width: Self.side, height: Self.side, channels: 3, pixels: pixels)
  }
}
