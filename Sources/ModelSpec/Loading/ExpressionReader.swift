import Diagnostics

/// Computes the expressions of a model and reports those that cannot be.
final class ExpressionReader {
  let globals = Globals()
  var bag = DiagnosticBag()
  /// The uses and repetitions around the text that is read now, innermost first.
  var expansion: [Diagnostic.Note] = []

  func report(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    diagnostic.notes += expansion
    // A block that is used twice makes the same mistake twice, and one report serves.
    if let span = diagnostic.span,
      bag.diagnostics.contains(where: {
        $0.span == span && $0.kind == diagnostic.kind && $0.message == diagnostic.message
      })
    {
      return
    }
    bag.report(diagnostic)
  }

  /// The number that a scalar stands for, or nil with a report.
  func number(_ node: YAMLNode, in scope: Scope, what: String) -> Number? {
    guard let text = node.scalar, !node.isNull else {
      report(
        Diagnostic(
          .wrongType, at: node.span, ["what": what, "expected": "a number", "actual": node.kindText]))
      return nil
    }
    let trimmed = text.trimmingBlanks
    if let value = YAMLScalar.int(trimmed) { return .int(value) }
    if let value = YAMLScalar.double(trimmed) { return .real(value) }
    let expression: Expression
    do {
      expression = try Expression.parse(text)
    } catch {
      report(
        Diagnostic(.expressionSyntax, at: span(of: error.range, in: node), ["problem": error.problem]))
      return nil
    }
    do {
      return try expression.evaluate { name, range throws(Expression.EvaluationError) in
        try self.value(of: name, range, in: scope)
      }
    } catch {
      if let elsewhere = error.elsewhere {
        report(elsewhere)
      } else if error.kind != .alreadyReported {
        report(evaluationDiagnostic(error, node, scope))
      }
      return nil
    }
  }

  /// `true`, `false`, or a name that stands for one of them.
  func bool(_ node: YAMLNode, in scope: Scope, what: String) -> Bool? {
    if let text = node.plainScalar {
      if let value = YAMLScalar.bool(text) { return value }
      if case .bool(let value)? = scope.lookup(text) { return value }
    }
    report(
      Diagnostic(
        .wrongType, at: node.span,
        ["what": what, "expected": "`true` or `false`", "actual": node.kindText]))
    return nil
  }

  private func value(
    of name: String, _ range: Range<Int>, in scope: Scope
  ) throws(Expression.EvaluationError) -> Number {
    switch scope.lookup(name) {
    case .number(let number): return number
    case .bool: throw .init(.notANumber, ["name": name], range: range)
    case nil: break
    }
    let lookup = globals.lookup(name) { node in
      self.number(node, in: Scope(), what: "`let` `\(name)`")
    }
    switch lookup {
    case .value(let number): return number
    case .missing: throw .init(.unknownVariable, ["name": name], range: range)
    case .cycle: throw .init(.letCycle, ["name": name], range: range)
    case .broken: throw .init(.alreadyReported, range: range)
    }
  }

  private func evaluationDiagnostic(
    _ error: Expression.EvaluationError, _ node: YAMLNode, _ scope: Scope
  ) -> Diagnostic {
    let place = span(of: error.range, in: node)
    var diagnostic = Diagnostic(error.kind, at: place)
    diagnostic.arguments = error.arguments.map { (name: $0.key, value: $0.value) }
    let name = diagnostic.arguments.first { $0.name == "name" }?.value ?? ""
    let candidates: [String]
    switch error.kind {
    case .unknownVariable: candidates = scope.names.reversed() + globals.names
    case .unknownFunction: candidates = Expression.functions
    default: return diagnostic
    }
    if let near = nearestName(to: name, among: candidates) {
      diagnostic.fixes.append(
        FixIt("write `\(near)`", edits: [.init(span: SourceSpan(source: place.source, range: place.range.lowerBound..<min(place.range.upperBound, place.range.lowerBound + name.utf8.count)), replacement: near)]))
    } else if !candidates.isEmpty {
      diagnostic.notes.append(.init("known here: \(candidates.joined(separator: ", "))"))
    }
    return diagnostic
  }

  /// Where a part of a scalar's text stands. Where escapes or folded lines came between, the whole
  /// scalar.
  private func span(of range: Range<Int>, in node: YAMLNode) -> SourceSpan {
    guard let text = node.scalar else { return node.span }
    let quotes = node.plainScalar == nil ? 1 : 0
    guard node.span.range.count == text.utf8.count + 2 * quotes else { return node.span }
    let start = node.span.range.lowerBound + quotes
    return SourceSpan(
      source: node.span.source, range: start + range.lowerBound..<start + range.upperBound)
  }
}

extension DiagnosticKind {
  /// Marks an expression that fails because of a mistake reported elsewhere; never shown.
  static let alreadyReported = DiagnosticKind("internal/already-reported", "")
}

extension String {
  var trimmingBlanks: String {
    var text = Substring(self)
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
