import Files

/// What a safetensors file says of itself before its tensors: names, types, shapes, places, metadata.
///
/// The file is eight bytes with the header's length (little-endian), the header (JSON, possibly padded
/// with spaces), and the buffer that holds all tensors. Source: https://github.com/huggingface/safetensors.
public struct SafetensorsHeader: Sendable {
  /// The types that `graphc` reads and writes.
  public enum ElementType: String, Sendable {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"

    /// Bytes an element.
    public var size: Int {
      switch self {
      case .float32: 4
      case .float64, .int64: 8
      }
    }
  }

  public struct Entry: Sendable {
    public var name: String
    public var elementType: ElementType
    public var shape: [Int]
    /// The tensor's bytes within the buffer.
    public var range: Range<Int>

    public var elementCount: Int { range.count / elementType.size }
  }

  /// The tensors in the header's order.
  public var entries: [Entry]
  public var metadata: [String: String]

  /// The most bytes that a header may take: the limit of the reference implementation.
  public static let lengthLimit = 100_000_000

  /// The member of the header that holds the metadata; no tensor may have this name.
  static let metadataName = "__metadata__"

  /// Reads the header of a file, and nothing of its tensors.
  ///
  /// - Throws: `FileError` where the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    self = try Self.read(from: OpenFile(reading: path), path: path)
  }

  /// Reads a header from a file's beginning and leaves the file where the buffer begins.
  static func read(from file: borrowing OpenFile, path: String) throws(FileError) -> SafetensorsHeader {
    func malformed(_ reason: String) -> FileError {
      FileError(path: path, reason: "is not a valid safetensors file: \(reason)")
    }
    let fileSize = try file.regularFileSize()
    guard let length = try file.read(count: 1, of: UInt64.self).first.map(UInt64.init(littleEndian:)) else {
      throw malformed("its \(fileSize) bytes cannot even hold the header's length")
    }
    let refusal = FileError.pickle(
      path, beginning: (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
    guard length <= lengthLimit else {
      if let refusal { throw refusal }
      throw malformed("its header would have \(length) bytes; at most \(lengthLimit) are allowed")
    }
    let text = try file.read(count: min(Int(length), fileSize), of: UInt8.self)
    guard text.count == Int(length) else {
      if let refusal { throw refusal }
      throw malformed("it ends within its header of \(length) bytes")
    }
    do throws(MalformedText) {
      return try SafetensorsHeader(parsing: text, bufferSize: fileSize - 8 - text.count)
    } catch {
      throw malformed(error.reason)
    }
  }

  init(entries: [Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }
}
