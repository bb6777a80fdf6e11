import Files

/// A text in one line, each character of which shows itself: what a terminal would obey, what turns the order of
/// a line around and what nobody would see stand there as escapes, as `\u{1B}`.
///
/// The bytes of a file's name that are no UTF-8 (`FileName`) stand there as `\xE9`.
public func visibleText(_ text: String) -> String {
  text.unicodeScalars.allSatisfy({ $0.visibleEscape == nil })
    ? text : text.unicodeScalars.reduce(into: "") { $0 += $1.visibleEscape ?? String($1) }
}

extension Unicode.Scalar {
  /// The escape that is shown in a character's place; nil where the character shows itself.
  ///
  /// Source: the Unicode Character Database: the controls of category Cc, the line and paragraph separators, the
  /// bidirectional controls of UAX 9, and the characters without a width that join nothing.
  public var visibleEscape: String? {
    switch value {
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0x09: return "\\t"
    case 0x10FF80...0x10FFFF:
      return FileName.escapedByte(self).map { "\\x" + String($0, radix: 16, uppercase: true) }
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: break
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: break
    case 0xAD, 0x180E, 0x200B, 0x2060...0x2065, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
      break
    default: return nil
    }
    return "\\u{" + String(value, radix: 16, uppercase: true) + "}"
  }
}

/// Text that may be shown: what the program says as it is, what was put into it as `visibleText`.
///
/// Every text that leaves the program for a person's eyes is one of these, so that what a model, a data set or
/// a path holds can neither command a terminal nor forge a line.
public struct DisplayText: ExpressibleByStringInterpolation, Sendable {
  public let text: String

  private init(trusted text: String) { self.text = text }

  public init(stringLiteral value: String) { text = value }

  public init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

  /// A text from elsewhere, in one line.
  public init(_ text: String) { self.text = visibleText(text) }

  /// A text of several lines, whose line breaks and tabs stay.
  public init(lines text: String) {
    let isPlain = text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || $0.visibleEscape == nil }
    self.text =
      isPlain
      ? text
      : text.unicodeScalars.reduce(into: "") { shown, scalar in
        shown += scalar == "\n" || scalar == "\t" ? String(scalar) : scalar.visibleEscape ?? String(scalar)
      }
  }

  /// A text that was made to be shown, colours and all.
  public init(rendered text: String) { self.text = text }

  public static func + (first: DisplayText, second: DisplayText) -> DisplayText {
    DisplayText(trusted: first.text + second.text)
  }

  public static func += (first: inout DisplayText, second: DisplayText) { first = first + second }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    public mutating func appendLiteral(_ literal: String) { text += literal }

    public mutating func appendInterpolation(_ value: DisplayText) { text += value.text }

    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += visibleText(value.description)
    }
  }
}
