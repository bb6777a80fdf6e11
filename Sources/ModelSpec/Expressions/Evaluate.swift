import Diagnostics
import Glibc

extension Expression {
  /// Why an expression has no value, and where.
  struct EvaluationError: Error {
    var kind: DiagnosticKind
    var arguments: KeyValuePairs<String, String>
    var range: Range<Int>

    init(_ kind: DiagnosticKind, _ arguments: KeyValuePairs<String, String> = [:], range: Range<Int>) {
      self.kind = kind
      self.arguments = arguments
      self.range = range
    }
  }

  static let functions = ["min", "max", "floor", "ceil", "log2"]

  /// - Parameter lookup: The value of a name; throws when there is none.
  func evaluate(
    _ lookup: (_ name: String, _ range: Range<Int>) throws(EvaluationError) -> Number
  ) throws(EvaluationError) -> Number {
    switch kind {
    case .number(let number): return number
    case .name(let name): return try lookup(name, range)
    case .negate(let operand):
      switch try operand.evaluate(lookup) {
      case .int(let value): return try whole(0.subtractingReportingOverflow(value), "-")
      case .real(let value): return .real(-value)
      }
    case .binary(let op, let left, let right):
      return try apply(op, try left.evaluate(lookup), try right.evaluate(lookup), right.extent)
    case .call(let name, let arguments):
      var values: [Number] = []
      for argument in arguments {
        if let label = argument.label {
          throw EvaluationError(
            .unexpectedLabel, ["name": name, "label": label], range: argument.labelRange)
        }
        values.append(try argument.value.evaluate(lookup))
      }
      return try call(name, values)
    case .member(_, let name):
      throw EvaluationError(
        .unknownVariable, ["name": name], range: range.upperBound - name.utf8.count..<range.upperBound)
    }
  }

  private func whole(_ result: (partialValue: Int, overflow: Bool), _ operation: String)
    throws(EvaluationError) -> Number
  {
    if result.overflow { throw EvaluationError(.overflow, ["operation": operation], range: range) }
    return .int(result.partialValue)
  }

  private func real(_ value: Double, _ operation: String) throws(EvaluationError) -> Number {
    guard value.isFinite else {
      throw EvaluationError(.notFinite, ["operation": operation], range: range)
    }
    return .real(value)
  }

  private func apply(
    _ op: Operator, _ left: Number, _ right: Number, _ rightRange: Range<Int>
  ) throws(EvaluationError) -> Number {
    let text = op.rawValue
    switch op {
    case .divide, .floorDivide, .remainder:
      if right.double == 0 { throw EvaluationError(.divisionByZero, range: rightRange) }
    default: break
    }
    if case .int(let a) = left, case .int(let b) = right {
      switch op {
      case .add: return try whole(a.addingReportingOverflow(b), text)
      case .subtract: return try whole(a.subtractingReportingOverflow(b), text)
      case .multiply: return try whole(a.multipliedReportingOverflow(by: b), text)
      case .divide:
        // Exact where it can be.
        if b != -1, a % b == 0 { return .int(a / b) }
        return try real(Double(a) / Double(b), text)
      case .floorDivide:
        if b == -1 { return try whole(0.subtractingReportingOverflow(a), text) }
        return .int(a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0))
      case .remainder:
        if b == -1 { return .int(0) }
        let rest = a % b
        return .int(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest)
      case .power:
        guard b >= 0 else { return try real(pow(Double(a), Double(b)), text) }
        return try integerPower(a, b)
      }
    }
    let (a, b) = (left.double, right.double)
    switch op {
    case .add: return try real(a + b, text)
    case .subtract: return try real(a - b, text)
    case .multiply: return try real(a * b, text)
    case .divide: return try real(a / b, text)
    case .floorDivide: return try real(Glibc.floor(a / b), text)
    case .remainder: return try real(a - b * Glibc.floor(a / b), text)
    case .power: return try real(pow(a, b), text)
    }
  }

  private func integerPower(_ base: Int, _ exponent: Int) throws(EvaluationError) -> Number {
    if base == 0 || base == 1 { return .int(exponent == 0 ? 1 : base) }
    if base == -1 { return .int(exponent % 2 == 0 ? 1 : -1) }
    var result = 1
    // |base| ≥ 2: more than 63 rounds overflow.
    for _ in 0..<min(exponent, 64) {
      let product = result.multipliedReportingOverflow(by: base)
      if product.overflow { throw EvaluationError(.overflow, ["operation": "**"], range: range) }
      result = product.partialValue
    }
    return .int(result)
  }

  private func call(_ name: String, _ values: [Number]) throws(EvaluationError) -> Number {
    func one() throws(EvaluationError) -> Number {
      guard values.count == 1 else {
        throw EvaluationError(
          .argumentCount, ["name": name, "expected": "one argument", "actual": "\(values.count)"],
          range: range)
      }
      return values[0]
    }
    func rounded(_ function: (Double) -> Double) throws(EvaluationError) -> Number {
      let number = try one()
      if case .int = number { return number }
      let value = function(number.double)
      return Int(exactly: value).map(Number.int) ?? .real(value)
    }
    switch name {
    case "min": return values.min { $0.double < $1.double } ?? .int(0)
    case "max": return values.max { $0.double < $1.double } ?? .int(0)
    case "floor": return try rounded(Glibc.floor)
    case "ceil": return try rounded(Glibc.ceil)
    case "log2":
      let value = try one().double
      let result = try real(Glibc.log2(value), "log2(\(values[0].text))").double
      return Int(exactly: result).map(Number.int) ?? .real(result)
    default: throw EvaluationError(.unknownFunction, ["name": name], range: range)
    }
  }
}
