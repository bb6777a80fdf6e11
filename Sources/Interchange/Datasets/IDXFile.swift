import Files

/// An array of unsigned bytes in the format of MNIST: labels `[N]` or images `[N, height, width]`.
///
/// The file is two zeros, the type (8: unsigned bytes), the rank, the extents (big-endian, four bytes
/// each) and the elements in row-major order. It may be compressed with gzip, which its first bytes tell.
/// Source: http://yann.lecun.com/exdb/mnist/.
///
/// The elements of a plain file are left where they are until somebody asks for them. Those of a compressed
/// one, no part of which can be read without all before it, are kept in memory.
public struct IDXFile: Sendable {
  private enum Elements {
    case inMemory([UInt8])
    case inFile(RandomAccessFile, offset: Int)
  }

  /// One extent or three.
  public let shape: [Int]
  private let elements: Elements

  /// The most bytes of a file after decompression: some fifty times those of MNIST.
  private static let sizeLimit = 1 << 31
  /// What any compressed file may unpack to.
  private static let freeSize = 1 << 28
  /// How many bytes too many are counted before a file is refused.
  private static let countedRest = 1 << 20

  /// Opens a file.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    let size = try file.regularFileSize()
    let start = try file.read(count: FileKind.length, of: UInt8.self)
    if isGzip(start) {
      try self.init(GzipReader(file, firstBytes: start), compressedSize: size, path: path)
    } else {
      let header = try IDXHeader(start, path: path)
      try header.check(elementCount: size - header.size)
      self.init(shape: header.shape, elements: .inFile(RandomAccessFile(file), offset: header.size))
    }
  }

  /// Decompresses a file whose bytes lie in memory.
  ///
  /// - Parameter path: The file that errors name.
  /// - Throws: `FileError` where the bytes are no sound gzip file, or hold something that breaks a rule of
  ///   the format.
  public init(gzip bytes: [UInt8], path: String) throws(FileError) {
    try self.init(GzipReader(bytes, path: path), compressedSize: bytes.count, path: path)
  }

  private init(_ reader: GzipReader, compressedSize: Int, path: String) throws(FileError) {
    var start = try reader.read(count: FileKind.length)
    let header = try IDXHeader(start, path: path)
    start.removeFirst(header.size)
    // What a header claims is no reason to ask the system for memory: as much must be able to follow. Where
    // it cannot, what follows is only counted.
    let possible = min(Self.sizeLimit, compressedSize * GzipReader.greatestRatio)
    let isPossible = header.elementCount <= possible
    guard !isPossible || header.elementCount <= max(Self.freeSize, compressedSize * DecodingBudget.ratio)
    else {
      throw FileError(
        path: path,
        reason:
          "would unpack to \(header.elementCount) bytes, far more than its own \(compressedSize) justify:"
          + " refused for its cost; unpacked with `gunzip`, it can be read")
    }
    var bytes = try reader.read(count: isPossible ? max(header.elementCount - start.count, 0) : 0)
    let rest = try reader.skipRest(limit: Self.countedRest)
    try header.check(
      elementCount: start.count + bytes.count + rest, isAtLeast: rest > Self.countedRest)
    // Those that were read with the header.
    if !start.isEmpty { bytes.insert(contentsOf: start, at: 0) }
    self.init(shape: header.shape, elements: .inMemory(bytes))
  }

  private init(shape: [Int], elements: Elements) {
    (self.shape, self.elements) = (shape, elements)
  }

  /// The memory that it keeps, in bytes.
  public var byteCount: Int {
    switch elements {
    case .inMemory(let bytes): bytes.count
    case .inFile: 0
    }
  }

  /// All elements.
  ///
  /// - Throws: `FileError` where the file cannot be read any more.
  public func allElements() throws(FileError) -> [UInt8] {
    switch elements {
    case .inMemory(let bytes): bytes
    case .inFile(let file, let offset): try file.read(count: shape.reduce(1, *), at: offset)
    }
  }

  /// One image of a file of images.
  ///
  /// - Precondition: The rank is 3, and `index` is below the first extent.
  /// - Throws: `FileError` where the file cannot be read any more.
  public func image(at index: Int) throws(FileError) -> Image {
    precondition(shape.count == 3, "a file of labels has no images")
    precondition((0..<shape[0]).contains(index), "the file has no such image")
    let size = shape[1] * shape[2]
    let pixels =
      switch elements {
      case .inMemory(let bytes): Array(bytes[index * size..<(index + 1) * size])
      case .inFile(let file, let offset): try file.read(count: size, at: offset + index * size)
      }
    return Image(width: shape[2], height: shape[1], channels: 1, pixels: pixels)
  }
}

/// What an idx file's first bytes say of it.
private struct IDXHeader {
  let shape: [Int]
  private let path: String

  /// - Parameter start: The file's first bytes: `FileKind.length`, or all where it has fewer.
  init(_ start: [UInt8], path: String) throws(FileError) {
    self.path = path
    guard start.count >= 4, start[0] == 0, start[1] == 0 else {
      if start.count >= 4, let kind = FileKind(beginning: start).explanation {
        throw FileError(path: path, reason: "is not an idx file, but \(kind)")
      }
      throw Self.malformed(path, "it does not begin with two zeros, a type and a rank")
    }
    guard start[2] == 8 else {
      throw Self.malformed(path, "its elements are of type \(start[2]); only unsigned bytes, 8, can be read")
    }
    let rank = Int(start[3])
    guard rank == 1 || rank == 3 else {
      throw Self.malformed(
        path, "its rank is \(rank); only labels, of rank 1, and images, of rank 3, can be read")
    }
    let size = 4 + 4 * rank
    guard start.count >= size else { throw Self.malformed(path, "it ends within its header") }
    shape = stride(from: 4, to: size, by: 4).map { position in
      start[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    if rank == 3, !Image.canHold(width: shape[2], height: shape[1]) {
      throw Self.malformed(path, "its images would be \(shape[2])×\(shape[1]) pixels")
    }
  }

  /// In bytes.
  var size: Int { 4 + 4 * shape.count }

  /// 2³² images of 2²⁸ pixels: the product cannot overflow.
  var elementCount: Int { shape.reduce(1, *) }

  /// Holds what follows the header against what it claims.
  ///
  /// - Parameter isAtLeast: Whether more may follow than were counted.
  func check(elementCount count: Int, isAtLeast: Bool = false) throws(FileError) {
    if count == elementCount, !isAtLeast { return }
    throw Self.malformed(
      path,
      "its shape \(shape) takes \(elementCount) bytes, \(count)\(isAtLeast ? " or more" : "") follow the header"
    )
  }

  private static func malformed(_ path: String, _ reason: String) -> FileError {
    FileError(path: path, reason: "is not a valid idx file: \(reason)")
  }
}
