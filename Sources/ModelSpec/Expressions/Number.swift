/// The value of an expression. Whole numbers stay exact.
public enum Number: Hashable, Sendable {
  case int(Int)
  case real(Double)

  public var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .real(let value): value
    }
  }

  /// The whole number that this is, such as 3 for 6 / 2.
  public var wholeNumber: Int? {
    switch self {
    case .int(let value): value
    case .real(let value): Int(exactly: value)
    }
  }

  public var text: String {
    switch self {
    case .int(let value): "\(value)"
    case .real(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
  }
}
