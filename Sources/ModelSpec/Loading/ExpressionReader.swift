import Diagnostics

/// Computes the expressions of a model and reports those that cannot be.
final class ExpressionReader {
  let globals = Globals()
  /// The names of `train.draw`, which a network's input may have the shape of.
  var draws: Set<String> = []
  /// What formulas may name: networks, draws, values and the data's fields.
  var tensors: Set<String> = []
  /// The folder that paths in each text are relative to.
  let bases: [SourceID: String]
  var bag = DiagnosticBag()
  /// The uses and repetitions around the text that is read now, innermost first.
  var expansion: [Diagnostic.Note] = []

  init(bases: [SourceID: String]) { self.bases = bases }

  func isDraw(_ name: String) -> Bool { draws.contains(name) }

  func report(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    diagnostic.notes += expansion
    // A block that is used twice makes the same mistake twice, and one report serves.
    bag.reportOnce(diagnostic)
  }

  /// - Parameter meant: What was most likely meant, as the file would have it.
  func reportWrongType(_ node: YAMLNode, _ what: String, _ expected: String, meant: String? = nil) {
    report(
      Diagnostic(
        .wrongType, at: node.span, ["what": what, "expected": expected, "actual": node.kindText],
        fixes: meant.map { [FixIt("write `\($0)`", edits: [.init(span: node.span, replacement: $0)])] } ?? [])
    )
  }

  // MARK: Values

  /// The number that a scalar stands for, or nil with a report.
  func number(_ node: YAMLNode, in scope: Scope, what: String) -> Number? {
    guard let text = node.scalar, !node.isNull, YAMLScalar.bool(text) == nil else {
      reportWrongType(node, what, "a number")
      return nil
    }
    let trimmed = text.trimmingBlanks
    if let value = YAMLScalar.int(trimmed) { return .int(value) }
    if let value = YAMLScalar.double(trimmed) { return .real(value) }
    let expression: Expression
    do {
      expression = try Expression.parse(text)
    } catch {
      var diagnostic = self.diagnostic(error, text, node)
      if error.isUnclosed, node.plainScalar != nil {
        diagnostic.notes = [
          .init("between braces or brackets a comma ends a value: put quotes around the expression")
        ]
      }
      report(diagnostic)
      return nil
    }
    do {
      return try expression.evaluate { name, range throws(Expression.EvaluationError) in
        try self.number(named: name, range, in: scope)
      }
    } catch {
      if error.kind != .alreadyReported { report(diagnostic(error, node, scope)) }
      return nil
    }
  }

  /// A text that is no expression, with the edits that make it one.
  func diagnostic(_ error: Expression.SyntaxError, _ text: String, _ node: YAMLNode) -> Diagnostic {
    var diagnostic = Diagnostic(
      .expressionSyntax, at: span(of: error.range, in: node), ["problem": error.problem])
    if node.textStart != nil, let repair = error.repair(of: text) {
      let edit = FixIt.Edit(span: span(of: repair.range, in: node), replacement: repair.text)
      diagnostic.fixes = [FixIt(repair.title, edits: [edit])]
    }
    return diagnostic
  }

  /// `true`, `false`, or a name that stands for one of them.
  func bool(_ node: YAMLNode, in scope: Scope, what: String) -> Bool? {
    if let text = node.plainScalar {
      if let value = YAMLScalar.bool(text) { return value }
      switch value(named: text, in: scope) {
      case .value(.bool(let value)): return value
      case .broken: return nil
      default: break
      }
    }
    reportWrongType(node, what, "`true` or `false`")
    return nil
  }

  /// What a variable or a parameter is given: `true`, `false`, a name that stands for one of them, or a
  /// number.
  func value(_ node: YAMLNode, in scope: Scope, what: String) -> Scope.Value? {
    if let text = node.plainScalar {
      if let flag = YAMLScalar.bool(text) { return .bool(flag) }
      if Expression.isName(text), case .value(.bool(let flag)) = value(named: text, in: scope) {
        return .bool(flag)
      }
    }
    return number(node, in: scope, what: what).map(Scope.Value.number)
  }

  private func value(named name: String, in scope: Scope) -> Globals.Lookup {
    if let value = scope.lookup(name) { return .value(value) }
    return globals.lookup(name) { node in
      // A variable means the same wherever it is read.
      let outer = expansion
      expansion = []
      defer { expansion = outer }
      return value(node, in: .global, what: "`\(name)`")
    }
  }

  private func number(
    named name: String, _ range: Range<Int>, in scope: Scope
  ) throws(Expression.EvaluationError) -> Number {
    switch value(named: name, in: scope) {
    case .value(.number(let number)): return number
    case .value(.bool): throw .init(.notANumber, ["name": name], range: range)
    case .missing: throw .init(.unknownVariable, ["name": name], range: range)
    case .cycle: throw .init(.letCycle, ["name": name], range: range)
    case .tooDeep:
      throw .init(.letChain, ["name": name, "limit": "\(Globals.chainLimit)"], range: range)
    case .broken: throw .init(.alreadyReported, range: range)
    }
  }

  // MARK: Names

  /// Whether a variable, a parameter or an index may be called that; a report where it may not.
  func isVariableName(_ name: String, at span: SourceSpan) -> Bool {
    guard Expression.isName(name) else {
      report(
        Diagnostic(
          .badName, at: span, ["name": name, "allowed": "letters, digits and `_`, with a letter first"]))
      return false
    }
    if (Expression.functions + ["image", "latent", "true", "false"]).contains(name) {
      report(Diagnostic(.reservedName, at: span, ["name": name]))
      return false
    }
    return true
  }

  /// Whether a network may be called that; a report where it may not.
  func isNetworkName(_ name: String, at span: SourceSpan) -> Bool {
    guard Expression.isName(name) else {
      report(
        Diagnostic(
          .badName, at: span, ["name": name, "allowed": "letters, digits and `_`, with a letter first"]))
      return false
    }
    return true
  }

  // MARK: Mistakes

  private func diagnostic(_ error: Expression.EvaluationError, _ node: YAMLNode, _ scope: Scope) -> Diagnostic
  {
    var diagnostic = Diagnostic(error.kind, at: span(of: error.range, in: node))
    diagnostic.arguments = error.arguments.map { (name: $0.key, value: $0.value) }
    if bag.isCrowded { return diagnostic }
    let name = diagnostic.arguments.first { $0.name == "name" }?.value ?? ""
    let candidates: [String]
    switch error.kind {
    case .unknownVariable: candidates = scope.names.reversed() + globals.names
    case .unknownFunction: candidates = Expression.functions
    default: return diagnostic
    }
    if error.kind == .unknownVariable, let known = KeyHabit.variable(name) {
      let place = span(of: error.range, in: node)
      if place != node.span || node.scalar == name {
        diagnostic.fixes = [FixIt("write `\(known)`", edits: [.init(span: place, replacement: known)])]
      } else {
        diagnostic.fixes = [FixIt("write `\(known)`")]
      }
    } else if let near = nearestName(to: name, among: candidates) {
      globals.markUsed(near)
      // A call's range goes on to its parenthesis; its name is what is wrong.
      let start = error.range.lowerBound
      let place = span(of: start..<start + name.utf8.count, in: node)
      if place != node.span || node.scalar == name {
        diagnostic.fixes = [FixIt("write `\(near)`", edits: [.init(span: place, replacement: near)])]
      } else {
        diagnostic.fixes = [FixIt("write `\(near)`")]
      }
    } else if !candidates.isEmpty {
      diagnostic.notes.append(.init("known here: \(listedNames(candidates))"))
      if error.kind == .unknownVariable, Expression.isName(name) {
        diagnostic.notes.append(.init("a name for a number is written as `let: {\(name): 64}`"))
      }
    }
    return diagnostic
  }

  /// Where a part of a scalar's text stands. Where escapes or folded lines came between, the whole
  /// scalar.
  func span(of range: Range<Int>, in node: YAMLNode) -> SourceSpan {
    guard let start = node.textStart else { return node.span }
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
