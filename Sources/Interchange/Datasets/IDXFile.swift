/// An array of unsigned bytes in the format of MNIST: labels `[N]` or images `[N, height, width]`.
///
/// The file is two zeros, the type (8: unsigned bytes), the rank, the extents (big-endian, four bytes
/// each) and the elements in row-major order. It may be compressed with gzip, which its first bytes tell.
/// Source: http://yann.lecun.com/exdb/mnist/.
public struct IDXFile: Sendable {
  /// One extent or three.
  public let shape: [Int]
  public let elements: [UInt8]

  /// The most bytes of a file after decompression: some fifty times those of MNIST.
  private static let sizeLimit = 1 << 31

  /// Reads a file.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(readFile(at: path), path: path)
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter path: The file that errors name.
  /// - Throws: `FileError` where the bytes break a rule of the format.
  public init(_ file: [UInt8], path: String) throws(FileError) {
    let bytes = isGzip(file) ? try gunzip(file, path: path, limit: Self.sizeLimit) : file
    func malformed(_ reason: String) -> FileError {
      FileError(path: path, reason: "is not a valid idx file: \(reason)")
    }
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
      throw malformed("it does not begin with two zeros, a type and a rank")
    }
    guard bytes[2] == 8 else {
      throw malformed("its elements are of type \(bytes[2]); only unsigned bytes, 8, can be read")
    }
    let rank = Int(bytes[3])
    guard rank == 1 || rank == 3 else {
      throw malformed("its rank is \(rank); only labels, of rank 1, and images, of rank 3, can be read")
    }
    let headerSize = 4 + 4 * rank
    guard bytes.count >= headerSize else { throw malformed("it ends within its header") }
    let shape = stride(from: 4, to: headerSize, by: 4).map { start in
      bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    if rank == 3, !Image.canHold(width: shape[2], height: shape[1]) {
      throw malformed("its images would be \(shape[2])×\(shape[1]) pixels")
    }
    // 2³² images of 2²⁸ pixels: the product cannot overflow.
    let size = shape.reduce(1, *)
    guard bytes.count - headerSize == size else {
      throw malformed("its shape \(shape) takes \(size) bytes, \(bytes.count - headerSize) follow the header")
    }
    self.shape = shape
    elements = Array(bytes[headerSize...])
  }

  /// One image of a file of images.
  ///
  /// - Precondition: The rank is 3, and `index` is below the first extent.
  public func image(at index: Int) -> Image {
    precondition(shape.count == 3, "a file of labels has no images")
    let size = shape[1] * shape[2]
    return Image(
      width: shape[2], height: shape[1], channels: 1,
      pixels: Array(elements[index * size..<(index + 1) * size]))
  }
}
