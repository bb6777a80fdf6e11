/// Identifies one source text of a compilation: a file, or a `--set` argument.
public struct SourceID: Hashable, Sendable {
  public let index: Int
}

/// A half-open range of UTF-8 offsets in one source text.
public struct SourceSpan: Hashable, Sendable {
  public var source: SourceID
  public var range: Range<Int>

  public init(source: SourceID, range: Range<Int>) {
    self.source = source
    self.range = range
  }
}

/// A position as an editor shows it: both numbers count from one, columns count characters.
public struct SourceLocation: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// The texts that a compilation read, in the order in which it read them.
public struct SourceMap: Sendable {
  public struct Source: Sendable {
    public let name: String
    public let text: [UInt8]
    /// Whether it is a `--set` argument, not a file.
    public let isOverride: Bool
    /// The offset of each line's first byte; the first is zero.
    let lineStarts: [Int]
    /// How many characters begin before each multiple of `stride` bytes: a text may be one line.
    let characterCounts: [Int]

    static let stride = 256

    /// How many characters begin before an offset.
    func characters(before offset: Int) -> Int {
      let block = offset / Self.stride
      return characterCounts[block] + text[block * Self.stride..<offset].count(where: Self.beginsCharacter)
    }

    /// A UTF-8 continuation byte (0b10xxxxxx) begins none.
    static func beginsCharacter(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// The length of the byte order mark that some editors begin a file with, and that none shows.
    var markLength: Int { text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }
  }

  public private(set) var sources: [Source] = []

  public init() {}

  /// Registers a text under the name that diagnostics show (a path, or `--set`).
  public mutating func add(name: String, text: [UInt8], isOverride: Bool = false) -> SourceID {
    var lineStarts = [0]
    var characterCounts: [Int] = []
    var characters = 0
    for (offset, byte) in text.enumerated() {
      if offset % Source.stride == 0 { characterCounts.append(characters) }
      if byte == UInt8(ascii: "\n") { lineStarts.append(offset + 1) }
      if Source.beginsCharacter(byte) { characters += 1 }
    }
    // The text's end is a place, too.
    if text.count % Source.stride == 0 { characterCounts.append(characters) }
    sources.append(
      Source(
        name: name, text: text, isOverride: isOverride, lineStarts: lineStarts,
        characterCounts: characterCounts))
    return SourceID(index: sources.count - 1)
  }

  /// The text that was registered at a place of `sources`.
  public func identifier(at index: Int) -> SourceID {
    precondition(sources.indices.contains(index))
    return SourceID(index: index)
  }

  public func name(of id: SourceID) -> String { sources[id.index].name }

  /// The line and column of a UTF-8 offset. Offsets past the end give the end's location.
  ///
  /// - Complexity: O(log lines).
  public func location(of offset: Int, in id: SourceID) -> SourceLocation {
    let source = sources[id.index]
    let offset = min(max(offset, 0), source.text.count)
    var low = 0
    var high = source.lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if source.lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let start = max(source.lineStarts[low], low == 0 ? source.markLength : 0)
    let characters = source.characters(before: offset) - source.characters(before: min(start, offset))
    return SourceLocation(line: low + 1, column: characters + 1)
  }

  public func start(of span: SourceSpan) -> SourceLocation {
    location(of: span.range.lowerBound, in: span.source)
  }

  public func end(of span: SourceSpan) -> SourceLocation {
    location(of: span.range.upperBound, in: span.source)
  }

  public func lineCount(of id: SourceID) -> Int { sources[id.index].lineStarts.count }

  /// The UTF-8 offsets of a line (counted from one), without its line break and, on the first line, without
  /// a byte order mark; empty where there is no such line.
  public func lineRange(_ number: Int, of id: SourceID) -> Range<Int> {
    let source = sources[id.index]
    guard source.lineStarts.indices.contains(number - 1) else { return source.text.count..<source.text.count }
    let start = max(source.lineStarts[number - 1], number == 1 ? source.markLength : 0)
    var end = number < source.lineStarts.count ? source.lineStarts[number] - 1 : source.text.count
    if end > start, source.text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<max(start, end)
  }

  /// The text of a line (counted from one), without its line break.
  public func line(_ number: Int, of id: SourceID) -> String {
    String(decoding: sources[id.index].text[lineRange(number, of: id)], as: UTF8.self)
  }
}
