import Diagnostics

/// One word of the text form.
struct GraphToken: Hashable {
  enum Kind: Hashable {
    /// `conv2d`, `generator.0`: letters, digits, `_`, `.` and inner `-`.
    case word(String)
    /// `%x` without its sign: a word or a whole number.
    case value(String)
    case integer(Int)
    case number(Double)
    case string(String)
    /// One of `( ) [ ] { } , : = @`.
    case punctuation(Character)
    case arrow
    case end
  }

  var kind: Kind
  var location: SourceLocation

  /// The token as an error message shows it.
  var text: String {
    switch kind {
    case .word(let word): "`\(word)`"
    case .value(let name): "`%\(name)`"
    case .integer(let value): "`\(value)`"
    case .number(let value): "`\(value.graphText)`"
    case .string(let string): string.quoted
    case .punctuation(let character): "`\(character)`"
    case .arrow: "`->`"
    case .end: "the end"
    }
  }
}

/// Cuts the text form of a graph into tokens. `//` begins a comment, and lines mean nothing.
struct GraphScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var column = 1

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func next() throws(GraphSyntaxError) -> GraphToken {
    skipBlanks()
    let location = SourceLocation(line: line, column: column)
    return GraphToken(kind: try kind(at: location), location: location)
  }

  private mutating func kind(at location: SourceLocation) throws(GraphSyntaxError) -> GraphToken.Kind {
    guard let byte = peek() else { return .end }
    switch byte {
    case UInt8(ascii: "%"):
      advance()
      return .value(try valueName(at: location))
    case UInt8(ascii: "\""):
      advance()
      return .string(try string(from: location))
    case UInt8(ascii: "-") where peek(1) == UInt8(ascii: ">"):
      advance(2)
      return .arrow
    case _ where "()[]{},:=@".utf8.contains(byte):
      advance()
      return .punctuation(Character(Unicode.Scalar(byte)))
    case _ where byte.isNameStart: return .word(name())
    case _ where byte.isDigit || byte == UInt8(ascii: "-"): return try number(at: location)
    default: throw GraphSyntaxError(.unexpectedCharacter(character()), at: location)
    }
  }

  private mutating func valueName(at location: SourceLocation) throws(GraphSyntaxError) -> String {
    if peek()?.isNameStart == true { return name() }
    let digits = take { $0.isDigit }
    if digits.isEmpty || peek()?.isNamePart == true {
      throw GraphSyntaxError(.expected("a value's name", found: "`%\(digits)`"), at: location)
    }
    return digits
  }

  private mutating func name() -> String {
    let start = position
    while let byte = peek() {
      let isInnerDash = byte == UInt8(ascii: "-") && peek(1)?.isNamePart == true
      guard byte.isNamePart || isInnerDash else { break }
      advance()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func number(at location: SourceLocation) throws(GraphSyntaxError) -> GraphToken.Kind {
    var text = ""
    if peek() == UInt8(ascii: "-") {
      advance()
      text = "-"
      if peek()?.isNameStart == true {
        let word = name()
        if word == "inf" { return .number(-.infinity) }
        throw GraphSyntaxError(.expected("a number", found: "`-\(word)`"), at: location)
      }
    }
    text += take { $0.isDigit }
    guard text.utf8.last?.isDigit == true else {
      throw GraphSyntaxError(.expected("a number", found: "`\(text)`"), at: location)
    }
    var isWhole = true
    if peek() == UInt8(ascii: "."), peek(1)?.isDigit == true {
      isWhole = false
      advance()
      text += "." + take { $0.isDigit }
    }
    if peek() == UInt8(ascii: "e") {
      isWhole = false
      advance()
      text += "e"
      if let sign = peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        advance()
        text.unicodeScalars.append(Unicode.Scalar(sign))
      }
      text += take { $0.isDigit }
    }
    if isWhole, let value = Int(text) { return .integer(value) }
    guard !isWhole, let value = Double(text) else {
      throw GraphSyntaxError(.numberOutOfRange(text), at: location)
    }
    guard value.isFinite else { throw GraphSyntaxError(.numberOutOfRange(text), at: location) }
    return .number(value)
  }

  private mutating func string(from start: SourceLocation) throws(GraphSyntaxError) -> String {
    var content: [UInt8] = []
    while let byte = peek(), byte != UInt8(ascii: "\n") {
      let location = SourceLocation(line: line, column: column)
      advance()
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        switch peek() {
        case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(bytes[position])
        case nil: throw GraphSyntaxError(.unterminatedString, at: start)
        default: throw GraphSyntaxError(.unknownEscape(character()), at: location)
        }
        advance()
      default: content.append(byte)
      }
    }
    throw GraphSyntaxError(.unterminatedString, at: start)
  }

  private mutating func skipBlanks() {
    while let byte = peek() {
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        while let next = peek(), next != UInt8(ascii: "\n") { advance() }
      } else if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
        advance()
      } else {
        return
      }
    }
  }

  private mutating func take(while belongs: (UInt8) -> Bool) -> String {
    let start = position
    while let byte = peek(), belongs(byte) { advance() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  /// The character at the current position, whose UTF-8 sequence has at most four bytes.
  private func character() -> Character {
    String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self).first ?? "?"
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count {
      if bytes[position] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if position + 1 >= bytes.count || bytes[position + 1] & 0xC0 != 0x80 {
        // A UTF-8 continuation byte (0b10xxxxxx) starts no character, hence no column.
        column += 1
      }
      position += 1
    }
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isNameStart: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_")
  }

  var isNamePart: Bool { isNameStart || isDigit || self == UInt8(ascii: ".") }
}
