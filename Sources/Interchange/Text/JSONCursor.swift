/// A text that does not say what its reader expects.
public struct MalformedText: Error {
  public var reason: String

  public init(reason: String) { self.reason = reason }
}

/// Reads a JSON text from front to back and builds no tree, so that a text of 100 MB costs no more than
/// what its reader keeps of it.
///
/// The reader asks for the value that it expects at the cursor; anything else is an error.
/// Source: RFC 8259.
public struct JSONCursor {
  private let text: [UInt8]
  private var offset = 0

  public init(_ text: [UInt8]) { self.text = text }

  /// Reads an object; the closure reads the value of each member.
  public mutating func readObject(
    _ readMember: (inout JSONCursor, _ name: String) throws(MalformedText) -> Void
  ) throws(MalformedText) {
    try expect("{")
    if skip("}") { return }
    repeat {
      let name = try readString()
      try expect(":")
      try readMember(&self, name)
    } while skip(",")
    try expect("}")
  }

  /// Reads an array; the closure reads each element.
  public mutating func readArray(
    _ readElement: (inout JSONCursor) throws(MalformedText) -> Void
  ) throws(MalformedText) {
    try expect("[")
    if skip("]") { return }
    repeat { try readElement(&self) } while skip(",")
    try expect("]")
  }

  /// Reads a number without sign, fraction and exponent.
  public mutating func readNaturalNumber() throws(MalformedText) -> Int {
    skipWhitespace()
    let start = offset
    var value = 0
    while offset < text.count, case let digit = text[offset] &- UInt8(ascii: "0"), digit < 10 {
      let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflows) = product.addingReportingOverflow(Int(digit))
      if productOverflows || sumOverflows { throw mismatch("a number below 2^63", at: start) }
      value = sum
      offset += 1
    }
    let hasLeadingZero = offset - start > 1 && text[start] == UInt8(ascii: "0")
    if offset == start || hasLeadingZero { throw mismatch("a whole number", at: start) }
    return value
  }

  /// Reads a number, rounded to the nearest that `Double` has; nil where `null` stands.
  public mutating func readNumberOrNull() throws(MalformedText) -> Double? {
    skipWhitespace()
    let start = offset
    if skip("n") {
      guard skipExactly("ull") else { throw mismatch("a number or `null`", at: start) }
      return nil
    }
    _ = skipExactly("-")
    let whole = skipDigits()
    let hasLeadingZero = whole.count > 1 && text[whole.lowerBound] == UInt8(ascii: "0")
    let fraction = skipExactly(".") ? skipDigits() : nil
    var exponent: Range<Int>?
    if skipExactly("e") || skipExactly("E") {
      if !skipExactly("-") { _ = skipExactly("+") }
      exponent = skipDigits()
    }
    let isComplete =
      !whole.isEmpty && !hasLeadingZero && fraction?.isEmpty != true && exponent?.isEmpty != true
    guard isComplete, let number = Double(String(decoding: text[start..<offset], as: UTF8.self)) else {
      throw mismatch("a number or `null`", at: start)
    }
    return number
  }

  public mutating func readString() throws(MalformedText) -> String {
    skipWhitespace()
    let start = offset
    guard skip("\"") else { throw mismatch("a string", at: start) }
    var bytes: [UInt8] = []
    while let byte = nextByte() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw mismatch("a string of valid UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): bytes += try readEscape()
      case 0..<0x20: throw mismatch("no bare control character in a string", at: offset - 1)
      default: bytes.append(byte)
      }
    }
    throw mismatch("the string's end", at: offset)
  }

  /// Demands that only white space follows.
  public mutating func expectEnd() throws(MalformedText) {
    skipWhitespace()
    if offset < text.count { throw mismatch("nothing more", at: offset) }
  }

  /// What an escape sequence stands for, in UTF-8; the cursor stands behind its backslash.
  private mutating func readEscape() throws(MalformedText) -> [UInt8] {
    let start = offset - 1
    switch nextByte() {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      let unit = try readCodeUnit()
      // A character beyond the basic plane is written as a pair of surrogates.
      let units = UTF16.isLeadSurrogate(unit) ? try [unit, readTrailingUnit()] : [unit]
      guard let character = String(validating: units, as: UTF16.self) else {
        throw mismatch("a pair of surrogates", at: start)
      }
      return Array(character.utf8)
    default: throw mismatch("an escape sequence", at: start)
    }
  }

  private mutating func readTrailingUnit() throws(MalformedText) -> UInt16 {
    let start = offset
    guard nextByte() == UInt8(ascii: "\\"), nextByte() == UInt8(ascii: "u") else {
      throw mismatch("the second of a pair of surrogates", at: start)
    }
    return try readCodeUnit()
  }

  private mutating func readCodeUnit() throws(MalformedText) -> UInt16 {
    let start = offset
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = nextByte(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw mismatch("four hexadecimal digits", at: start)
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(MalformedText) {
    if !skip(character) { throw mismatch("`\(character)`", at: offset) }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipWhitespace()
    guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  /// Skips characters that stand right here, without white space in front.
  private mutating func skipExactly(_ characters: String) -> Bool {
    guard text[offset...].starts(with: characters.utf8) else { return false }
    offset += characters.utf8.count
    return true
  }

  private mutating func skipDigits() -> Range<Int> {
    let start = offset
    while offset < text.count, text[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
    return start..<offset
  }

  private mutating func skipWhitespace() {
    while offset < text.count, Self.isWhitespace(text[offset]) { offset += 1 }
  }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func nextByte() -> UInt8? {
    guard offset < text.count else { return nil }
    defer { offset += 1 }
    return text[offset]
  }

  private func mismatch(_ expected: String, at offset: Int) -> MalformedText {
    let place = offset < text.count ? "at byte \(offset)" : "at its end"
    return MalformedText(reason: "expected \(expected) \(place)")
  }
}
