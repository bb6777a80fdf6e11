import Diagnostics

/// The lines of a text, with what of each is neither comment nor quoted.
struct TextLines {
  struct Line {
    /// UTF-8 offsets, without the line break.
    var range: Range<Int>
    /// The offset of its first character that is no blank, or its end.
    var start: Int
    /// Where its comment begins, or its end.
    var end: Int

    var isEmpty: Bool { start >= end }
  }

  /// A character that stands in no comment and no quotes.
  struct Character {
    var offset: Int
    var byte: UInt8
  }

  let text: [UInt8]
  private(set) var lines: [Line] = []
  /// The offsets of bytes in quotes.
  private var isQuoted: Set<Int> = []
  /// Quotes that nothing closes on their line.
  private(set) var openQuotes: [Int] = []

  init(_ text: [UInt8]) {
    self.text = text
    var start = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start <= text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      appendLine(start..<(end > start && text[end - 1] == UInt8(ascii: "\r") ? end - 1 : end))
      start = end + 1
    }
  }

  private mutating func appendLine(_ range: Range<Int>) {
    var quote: (byte: UInt8, offset: Int)?
    var end = range.upperBound
    for offset in range {
      let byte = text[offset]
      if let open = quote {
        isQuoted.insert(offset)
        if byte == open.byte, open.byte == UInt8(ascii: "'") || text[offset - 1] != UInt8(ascii: "\\") {
          quote = nil
        }
        continue
      }
      let previous = offset > range.lowerBound ? text[offset - 1] : 0x20
      switch byte {
      case UInt8(ascii: "#") where previous == 0x20 || previous == 0x09:
        end = offset
      // A quote in the middle of a word is an apostrophe.
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        if [
          0x20, 0x09, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "("),
          UInt8(ascii: "="),
        ]
        .contains(previous) {
          quote = (byte, offset)
          isQuoted.insert(offset)
        }
      default: break
      }
      if end == offset { break }
    }
    if let quote { openQuotes.append(quote.offset) }
    while end > range.lowerBound, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    let start = text[range].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? range.upperBound
    lines.append(Line(range: range, start: min(start, end), end: end))
  }

  /// The line that an offset stands in, counted from zero.
  func index(of offset: Int) -> Int {
    var low = 0
    var high = lines.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lines[middle].range.lowerBound <= offset { low = middle } else { high = middle }
    }
    return low
  }

  func indent(_ index: Int) -> Int { lines[index].start - lines[index].range.lowerBound }

  /// What stands in a line in front of its comment.
  func content(_ index: Int) -> String {
    String(decoding: text[lines[index].start..<lines[index].end], as: UTF8.self)
  }

  /// The bytes of a line that stand in no comment and no quotes.
  func plain(_ index: Int) -> [Character] {
    (lines[index].start..<lines[index].end).filter { !isQuoted.contains($0) }.map {
      Character(offset: $0, byte: text[$0])
    }
  }

  /// The line before that holds something, or nil.
  func before(_ index: Int) -> Int? { lines[..<index].lastIndex { !$0.isEmpty } }

  /// The line behind that holds something, or nil.
  func behind(_ index: Int) -> Int? {
    index + 1 < lines.count ? lines[(index + 1)...].firstIndex { !$0.isEmpty } : nil
  }
}
