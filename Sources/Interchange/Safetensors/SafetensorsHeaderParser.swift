extension SafetensorsHeader {
  /// The most tensors of a file: hundreds of times those of a large model.
  private static let tensorLimit = 1 << 16

  /// Parses a header's JSON and checks that its tensors cover the buffer: every byte belongs to exactly
  /// one tensor, and each tensor has as many as its type and shape take.
  init(parsing text: [UInt8], bufferSize: Int) throws(MalformedText) {
    // The format reserves white space in front of the header, which JSON would allow.
    guard text.first == UInt8(ascii: "{") else {
      throw MalformedText(reason: "its header does not begin with `{`")
    }
    self.init(entries: [], metadata: [:])
    do throws(MalformedText) {
      try parseMembers(of: JSONCursor(text))
    } catch {
      throw MalformedText(reason: "in its header, \(error.reason)")
    }
    try checkCoverage(ofBufferWithSize: bufferSize)
  }

  private mutating func parseMembers(of text: JSONCursor) throws(MalformedText) {
    var cursor = text
    var entries: [Entry] = []
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    try cursor.readObject { cursor, name throws(MalformedText) in
      guard names.insert(name).inserted else {
        throw MalformedText(reason: "\(quotedForDisplay(name)) occurs twice")
      }
      if name == Self.metadataName {
        metadata = try Self.parseMetadata(&cursor)
      } else {
        entries.append(try Self.parseEntry(&cursor, name: name))
        guard entries.count <= Self.tensorLimit else {
          throw MalformedText(reason: "more than \(Self.tensorLimit) tensors are listed")
        }
      }
    }
    try cursor.expectEnd()
    self.entries = entries
    self.metadata = metadata
  }

  private static func parseMetadata(_ cursor: inout JSONCursor) throws(MalformedText) -> [String: String] {
    var metadata: [String: String] = [:]
    try cursor.readObject { cursor, key throws(MalformedText) in
      guard metadata.updateValue(try cursor.readString(), forKey: key) == nil else {
        throw MalformedText(reason: "the metadata's key \(quotedForDisplay(key)) occurs twice")
      }
    }
    return metadata
  }

  private static func parseEntry(_ cursor: inout JSONCursor, name: String) throws(MalformedText) -> Entry {
    func wrong(_ reason: String) -> MalformedText {
      MalformedText(reason: "the tensor \(quotedForDisplay(name)) \(reason)")
    }
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.readObject { cursor, member throws(MalformedText) in
      switch member {
      case "dtype" where typeName == nil: typeName = try cursor.readString()
      case "shape" where shape == nil: shape = try readNaturalNumbers(&cursor)
      case "data_offsets" where offsets == nil: offsets = try readNaturalNumbers(&cursor)
      case "dtype", "shape", "data_offsets": throw wrong("has the member `\(member)` twice")
      default: throw wrong("has the unknown member \(quotedForDisplay(member))")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw wrong("lacks one of the members `dtype`, `shape` and `data_offsets`")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw wrong("has the type \(quotedForDisplay(typeName)); only F32, F64 and I64 can be read")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw wrong("has `data_offsets` that are not a beginning and an end")
    }
    let range = offsets[0]..<offsets[1]
    guard let size = byteCount(of: shape, type: type) else {
      throw wrong("has a shape whose size exceeds 2^63 bytes")
    }
    guard size == range.count else {
      throw wrong("takes \(size) bytes by its type and shape, but \(range.count) by its offsets")
    }
    return Entry(name: name, elementType: type, shape: shape, range: range)
  }

  private static func readNaturalNumbers(_ cursor: inout JSONCursor) throws(MalformedText) -> [Int] {
    var numbers: [Int] = []
    try cursor.readArray { cursor throws(MalformedText) in
      numbers.append(try cursor.readNaturalNumber())
    }
    return numbers
  }

  /// The bytes that a tensor takes, or nil where they exceed `Int`.
  private static func byteCount(of shape: [Int], type: ElementType) -> Int? {
    var size = type.size
    for extent in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: extent)
      if overflows { return nil }
      size = product
    }
    return size
  }

  private func checkCoverage(ofBufferWithSize bufferSize: Int) throws(MalformedText) {
    var end = 0
    for entry in entriesByOffset {
      let name = quotedForDisplay(entry.name)
      if entry.range.lowerBound < end {
        throw MalformedText(reason: "the tensor \(name) overlaps with another one")
      }
      if entry.range.lowerBound > end {
        let gap = entry.range.lowerBound - end
        throw MalformedText(reason: "\(gap) bytes in front of the tensor \(name) belong to none")
      }
      end = entry.range.upperBound
    }
    if bufferSize < end {
      throw MalformedText(reason: "it is cut short: its tensors take \(end) bytes, \(bufferSize) are there")
    }
    if bufferSize > end {
      throw MalformedText(reason: "\(bufferSize - end) bytes at its end belong to no tensor")
    }
  }

  /// The entries as their bytes follow each other in the buffer.
  var entriesByOffset: [Entry] {
    entries.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
  }
}
