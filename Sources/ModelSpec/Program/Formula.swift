import Diagnostics

/// An expression over tensors, with the place of its text.
public struct Formula: Sendable {
  public var expression: Expression
  /// The text; of a formula that a table holds, what chose it, or nothing where a default did.
  public var span: SourceSpan?
  /// Where the text's first byte stands; nil where offsets in the text are none in the source.
  private var start: Int?

  /// - Parameter start: Where offsets in the expression's text begin to count in the source.
  public init(_ expression: Expression, span: SourceSpan?, start: Int? = nil) {
    self.expression = expression
    self.span = span
    self.start = start
  }

  /// Where a part of the text stands; where that cannot be told, the whole.
  public func span(of range: Range<Int>) -> SourceSpan? {
    guard let span, let start else { return span }
    return SourceSpan(source: span.source, range: start + range.lowerBound..<start + range.upperBound)
  }

  /// Whether the user wrote it, and not a table of losses.
  public var isWritten: Bool { start != nil }

  public var text: String { expression.text }
}

extension Expression {
  /// The expression as it may be written, with no parentheses but those that it needs.
  public var text: String { text(inside: 0) }

  /// How strongly an operator binds.
  private var strength: Int {
    switch kind {
    case .binary(.add, _, _), .binary(.subtract, _, _): 1
    case .binary(.power, _, _): 4
    case .binary: 2
    case .negate: 3
    case .number(let number): number.double < 0 ? 3 : 5
    case .name, .call, .member: 5
    }
  }

  private func text(inside outer: Int) -> String {
    let text: String
    switch kind {
    case .number(let number): text = number.text
    case .name(let name): text = name
    case .negate(let operand): text = "-" + operand.text(inside: 3)
    case .binary(.power, let base, let exponent):
      text = base.text(inside: 5) + " ** " + exponent.text(inside: 3)
    case .binary(let op, let left, let right):
      // Operators of one strength are read from the left.
      text = "\(left.text(inside: strength)) \(op.rawValue) \(right.text(inside: strength + 1))"
    case .call(let name, let arguments):
      let parts = arguments.map { ($0.label.map { "\($0)=" } ?? "") + $0.value.text }
      text = "\(name)(\(parts.joined(separator: ", ")))"
    case .member(let value, let name): text = "\(value.text(inside: 5)).\(name)"
    }
    return strength < outer ? "(\(text))" : text
  }

  /// The expression with some names replaced.
  public func replacing(_ replacement: (String, Range<Int>) -> Expression?) -> Expression {
    var copy = self
    switch kind {
    case .number: break
    case .name(let name): if let other = replacement(name, range) { copy = other }
    case .negate(let operand): copy.kind = .negate(operand.replacing(replacement))
    case .binary(let op, let left, let right):
      copy.kind = .binary(op, left.replacing(replacement), right.replacing(replacement))
    case .call(let name, let arguments):
      copy.kind = .call(
        name,
        arguments.map {
          Argument(label: $0.label, labelRange: $0.labelRange, value: $0.value.replacing(replacement))
        })
    case .member(let value, let name): copy.kind = .member(value.replacing(replacement), name)
    }
    return copy
  }

  /// What `fake.large` means where no number of the model has that name: a result of `fake`. Nil for a name
  /// without dots.
  static func members(_ name: String, range: Range<Int>) -> Expression? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, !parts.contains("") else { return nil }
    let first = parts.removeFirst()
    var end = range.lowerBound + first.utf8.count
    var expression = Expression(.name(String(first)), range: range.lowerBound..<end)
    for part in parts {
      end += 1 + part.utf8.count
      expression = Expression(.member(expression, String(part)), range: range.lowerBound..<end)
    }
    return expression
  }

  /// The names that it reads, those of calls among them.
  public var names: Set<String> {
    switch kind {
    case .number: []
    case .name(let name): [name]
    case .negate(let operand): operand.names
    case .binary(_, let left, let right): left.names.union(right.names)
    case .call(let name, let arguments): arguments.reduce(into: [name]) { $0.formUnion($1.value.names) }
    case .member(let value, _): value.names
    }
  }
}
