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

    /// The length of the byte order mark that some editors begin a file with, and that none shows.
    var markLength: Int { text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }
  }

  public private(set) var sources: [Source] = []

  public init() {}

  /// Registers a text under the name that diagnostics show (a path, or `--set`).
  public mutating func add(name: String, text: [UInt8], isOverride: Bool = false) -> SourceID {
    var lineStarts = [0]
    for (offset, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
      lineStarts.append(offset + 1)
    }
    sources.append(Source(name: name, text: text, isOverride: isOverride, lineStarts: lineStarts))
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
  /// - Complexity: O(log lines + length of the line).
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
    // A UTF-8 continuation byte (0b10xxxxxx) starts no character.
    let characters = source.text[min(start, offset)..<offset].count { $0 & 0xC0 != 0x80 }
    return SourceLocation(line: low + 1, column: characters + 1)
  }

  public func start(of span: SourceSpan) -> SourceLocation {
    location(of: span.range.lowerBound, in: span.source)
  }

  public func end(of span: SourceSpan) -> SourceLocation {
    location(of: span.range.upperBound, in: span.source)
  }

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
