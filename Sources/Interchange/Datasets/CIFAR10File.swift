/// A batch of CIFAR-10's binary version: images of 32×32 pixels in ten classes.
///
/// The file is a sequence of records, each a label and the image's red, green and blue plane.
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html.
public struct CIFAR10File: Sendable {
  /// One label an image, below 10.
  public let labels: [UInt8]
  /// `[N, 3, 32, 32]`.
  public let planes: [UInt8]

  private static let side = 32
  private static let planeSize = side * side
  private static let imageSize = 3 * planeSize
  private static let classCount = 10

  /// Reads a file such as `data_batch_1.bin`.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    let bytes = try readFile(at: path)
    let recordSize = 1 + Self.imageSize
    guard bytes.count % recordSize == 0 else {
      throw FileError(
        path: path,
        reason: "is not a valid CIFAR-10 file: its \(bytes.count) bytes are no whole number of"
          + " records of \(recordSize)")
    }
    var labels: [UInt8] = []
    var planes: [UInt8] = []
    planes.reserveCapacity(bytes.count)
    for start in stride(from: 0, to: bytes.count, by: recordSize) {
      guard bytes[start] < Self.classCount else {
        throw FileError(
          path: path,
          reason: "is not a valid CIFAR-10 file: image \(labels.count) has the label"
            + " \(bytes[start]), where there are \(Self.classCount) classes")
      }
      labels.append(bytes[start])
      planes += bytes[start + 1..<start + recordSize]
    }
    self.labels = labels
    self.planes = planes
  }

  /// One image, its channels together.
  ///
  /// - Precondition: `index` is below the number of images.
  public func image(at index: Int) -> Image {
    let start = index * Self.imageSize
    let pixels = (0..<Self.imageSize).map { planes[start + $0 % 3 * Self.planeSize + $0 / 3] }
    return Image(width: Self.side, height: Self.side, channels: 3, pixels: pixels)
  }
}
