import Diagnostics

/// A parsed expression. Ranges are UTF-8 offsets in its text.
///
///     sum     = product (("+" | "-") product)*
///     product = unary (("*" | "/" | "//" | "%") unary)*
///     unary    = "-" unary | power
///     power    = postfix ("**" unary)?
///     postfix  = atom ("." name)*
///     atom     = number | name ("." name)* | name "(" argument ("," argument)* ")" | "(" sum ")"
///     argument = (name (":" | "="))? sum
public struct Expression: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    case number(Number)
    case name(String)
    case negate(Expression)
    case binary(Operator, Expression, Expression)
    case call(String, [Argument])
    /// A result of a call by its name: `discriminator(real).features`.
    case member(Expression, String)
  }

  /// What a call is given, by place or by name.
  public struct Argument: Hashable, Sendable {
    public var label: String?
    /// The range of the label, or that of the value where there is none.
    public var labelRange: Range<Int>
    public var value: Expression
  }

  public enum Operator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
  }

  public var kind: Kind
  public var range: Range<Int>
  /// The range with the parentheses around it.
  public var extent: Range<Int>

  /// Longer than any formula that a person writes, and short enough for its tree to be walked.
  static let longest = 1_000

  public init(_ kind: Kind, range: Range<Int>) {
    self.kind = kind
    self.range = range
    extent = range
  }

  /// Why a text is not an expression, and where.
  public struct SyntaxError: Error {
    public var problem: String
    public var range: Range<Int>
    /// Whether a parenthesis is open where the text ends.
    var isUnclosed = false
  }

  public static func parse(_ text: String) throws(SyntaxError) -> Expression {
    guard text.utf8.count <= longest else {
      throw SyntaxError(problem: "it is longer than \(longest) characters", range: 0..<text.utf8.count)
    }
    var parser = Parser(bytes: Array(text.utf8))
    parser.skipBlanks()
    let expression = try parser.sum(depth: 0)
    if parser.peek != nil { throw parser.unexpected() }
    return expression
  }

  /// Whether a text is a name alone, as a variable, a parameter or an index may have it.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, Parser.isLetter(first) else { return false }
    return text.utf8.allSatisfy { Parser.isLetter($0) || (48...57).contains($0) }
  }

  private struct Parser {
    let bytes: [UInt8]
    var position = 0

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipBlanks() {
      while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    func error(_ problem: String) -> SyntaxError {
      var end = min(position + 1, bytes.count)
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      return SyntaxError(problem: problem, range: min(position, bytes.count)..<end)
    }

    /// The next character is none that may stand here.
    func unexpected() -> SyntaxError {
      var error = error("")
      error.problem = "`\(String(decoding: bytes[error.range], as: UTF8.self))` is not expected here"
      return error
    }

    func unclosed() -> SyntaxError {
      var error = error("a `)` is missing")
      error.isUnclosed = peek == nil
      return error
    }

    func isNext(_ token: String) -> Bool { bytes[position...].starts(with: token.utf8) }

    mutating func take(_ token: String) -> Bool {
      guard isNext(token) else { return false }
      position += token.utf8.count
      skipBlanks()
      return true
    }

    mutating func sum(depth: Int) throws(SyntaxError) -> Expression {
      var left = try product(depth: depth)
      while true {
        let op: Operator
        if take("+") { op = .add } else if take("-") { op = .subtract } else { return left }
        let right = try product(depth: depth)
        left = combine(op, left, right)
      }
    }

    mutating func product(depth: Int) throws(SyntaxError) -> Expression {
      var left = try unary(depth: depth)
      while true {
        let op: Operator
        if take("//") {
          op = .floorDivide
        } else if take("/") {
          op = .divide
        } else if take("%") {
          op = .remainder
        } else if !isNext("**"), take("*") {
          op = .multiply
        } else {
          return left
        }
        let right = try unary(depth: depth)
        left = combine(op, left, right)
      }
    }

    mutating func unary(depth: Int) throws(SyntaxError) -> Expression {
      // Deeper than any formula that a person writes, and well within the stack.
      if depth > 100 { throw error("this nests too deeply") }
      let start = position
      if take("-") {
        let operand = try unary(depth: depth + 1)
        return Expression(.negate(operand), range: start..<operand.extent.upperBound)
      }
      let base = try postfix(depth: depth)
      guard take("**") else { return base }
      return combine(.power, base, try unary(depth: depth + 1))
    }

    func combine(_ op: Operator, _ left: Expression, _ right: Expression) -> Expression {
      Expression(.binary(op, left, right), range: left.extent.lowerBound..<right.extent.upperBound)
    }

    mutating func postfix(depth: Int) throws(SyntaxError) -> Expression {
      var base = try atom(depth: depth)
      // `5 .x` would be written out as `5.x`, which is no number.
      if case .number = base.kind, isNext(".") { throw unexpected() }
      while take(".") {
        guard let byte = peek, Self.isLetter(byte) else { throw unexpected() }
        let start = position
        while let next = peek, Self.isPartOfName(next) { position += 1 }
        let end = position
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        skipBlanks()
        base = Expression(.member(base, name), range: base.extent.lowerBound..<end)
      }
      return base
    }

    /// `value`, `label: value` or `label=value`.
    mutating func argument(depth: Int) throws(SyntaxError) -> Argument {
      let start = position
      while let next = peek, Self.isPartOfName(next) { position += 1 }
      let end = position
      skipBlanks()
      if end > start, Self.isLetter(bytes[start]), take(":") || take("=") {
        let label = String(decoding: bytes[start..<end], as: UTF8.self)
        return Argument(label: label, labelRange: start..<end, value: try sum(depth: depth))
      }
      position = start
      let value = try sum(depth: depth)
      return Argument(label: nil, labelRange: value.extent, value: value)
    }

    mutating func atom(depth: Int) throws(SyntaxError) -> Expression {
      guard let byte = peek else { throw error("a value is missing at the end") }
      let start = position
      if take("(") {
        var inner = try sum(depth: depth + 1)
        let close = position
        guard take(")") else { throw unclosed() }
        inner.extent = start..<close + 1
        return inner
      }
      if (48...57).contains(byte) || byte == UInt8(ascii: ".") { return try number() }
      guard Self.isLetter(byte) else { throw unexpected() }
      while let next = peek, Self.isPartOfName(next) || next == UInt8(ascii: ".") { position += 1 }
      let name = String(decoding: bytes[start..<position], as: UTF8.self)
      let end = position
      skipBlanks()
      guard take("(") else { return Expression(.name(name), range: start..<end) }
      var arguments: [Argument] = []
      repeat { arguments.append(try argument(depth: depth + 1)) } while take(",")
      let close = position
      guard take(")") else { throw unclosed() }
      return Expression(.call(name, arguments), range: start..<close + 1)
    }

    mutating func number() throws(SyntaxError) -> Expression {
      let start = position
      while let byte = peek {
        let isSign = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        let afterExponent = position > start && (bytes[position - 1] | 0x20) == UInt8(ascii: "e")
        let isExponent = (byte | 0x20) == UInt8(ascii: "e")
        guard (48...57).contains(byte) || byte == UInt8(ascii: ".") || isExponent || (isSign && afterExponent)
        else { break }
        position += 1
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      let range = start..<position
      skipBlanks()
      if let value = YAMLScalar.int(text) { return Expression(.number(.int(value)), range: range) }
      if let value = YAMLScalar.double(text) { return Expression(.number(.real(value)), range: range) }
      throw SyntaxError(problem: "`\(text)` is not a number", range: range)
    }

    static func isPartOfName(_ byte: UInt8) -> Bool { isLetter(byte) || (48...57).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
      (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
  }
}
