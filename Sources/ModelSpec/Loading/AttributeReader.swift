import Diagnostics

extension ExpressionReader {
  /// Reads what stands after a layer's, loss's, optimiser's or data source's name.
  ///
  /// Nothing, the primary attribute's value alone, or a mapping of attributes. Every mistake is reported;
  /// nil when one of them leaves the attributes without meaning.
  func attributes(
    _ node: YAMLNode?, of schema: Schema, named nameSpan: SourceSpan, in scope: Scope
  ) -> [String: Spanned<AttributeValue>]? {
    var values: [String: Spanned<AttributeValue>] = [:]
    var isWhole = true
    var misspelled: [String] = []
    let given: YAMLNode? = node.flatMap { $0.isNull ? nil : $0 }
    if let entries = given?.entries {
      for entry in entries {
        guard let attribute = schema.attributes.first(where: { $0.name == entry.key }) else {
          misspelled += unknownKey(
            entry, among: schema.attributes.map(\.name), context: "`\(schema.name)`")
          isWhole = false
          continue
        }
        if let value = value(entry.value, attribute, of: schema, in: scope) {
          values[attribute.name] = Spanned(value, span: entry.value.span)
        } else {
          isWhole = false
        }
      }
    } else if let given, let attribute = schema.attributes.first(where: { $0.name == schema.primary }) {
      guard let value = value(given, attribute, of: schema, in: scope) else { return nil }
      values[attribute.name] = Spanned(value, span: given.span)
    } else if let given {
      let expected = schema.attributes.first.map { "a mapping such as {\($0.name): …}" } ?? "left out"
      reportWrongType(given, "what follows `\(schema.name)`", expected)
      return nil
    }
    for attribute in schema.attributes where values[attribute.name] == nil {
      switch attribute.requirement {
      case .defaultsTo(let value): values[attribute.name] = Spanned(value)
      case .optional: break
      case .required:
        // A mistake in it is already reported.
        if given?.entry(attribute.name) != nil || misspelled.contains(attribute.name) { continue }
        report(
          Diagnostic(
            .missingKey, at: nameSpan, ["context": "`\(schema.name)`", "key": attribute.name],
            notes: [.init("`\(attribute.name)`: \(attribute.summary)")]))
        isWhole = false
      }
    }
    let alternatives = schema.alternatives
    let chosen = alternatives.filter { values[$0] != nil }
    if isWhole, !alternatives.isEmpty, chosen.count != 1 {
      let names = alternatives.map { "`\($0)`" }.joined(separator: " or ")
      report(
        Diagnostic(
          .wrongType, at: given?.span ?? nameSpan,
          [
            "what": "`\(schema.name)`", "expected": "a mapping with \(names), and not both",
            "actual": chosen.isEmpty ? "neither" : "both",
          ]))
      isWhole = false
    }
    return isWhole ? values : nil
  }

  /// Reports a key that none knows. Returns the key that was meant, if it can be guessed, whose absence is
  /// then no second mistake.
  @discardableResult
  func unknownKey(_ entry: YAMLNode.Entry, among names: [String], context: String) -> [String] {
    var diagnostic = Diagnostic(.unknownKey, at: entry.keySpan, ["key": entry.key, "context": context])
    // What is more than a name would be lost with it.
    let near =
      bag.isCrowded || !Expression.isName(entry.key) ? nil : nearestName(to: entry.key, among: names)
    if let near {
      diagnostic.fixes = [
        FixIt("write `\(near)`", edits: [.init(span: entry.keySpan, replacement: near)])
      ]
    } else if !names.isEmpty, !bag.isCrowded {
      diagnostic.notes = [.init("it may have: \(listedNames(names))")]
    }
    report(diagnostic)
    return near.map { [$0] } ?? []
  }

  private func value(
    _ node: YAMLNode, _ attribute: AttributeSchema, of schema: Schema, in scope: Scope
  ) -> AttributeValue? {
    let what = "`\(attribute.name)` of `\(schema.name)`"
    switch attribute.kind {
    case .int(let range): return int(node, range, in: scope, what: what).map(AttributeValue.int)
    case .number(let range, let isOpen):
      return number(node, range, isOpen: isOpen, in: scope, what: what).map(AttributeValue.number)
    case .bool: return bool(node, in: scope, what: what).map(AttributeValue.bool)
    case .choice(let choices): return choice(node, choices, what: what).map(AttributeValue.string)
    case .size(let range):
      guard let elements = node.elements else {
        return int(node, range, in: scope, what: what).map { .size(height: $0, width: $0) }
      }
      guard elements.count == 2 else {
        return wrongType(node, what, "one whole number, or two: [height, width]")
      }
      let both = elements.compactMap { int($0, range, in: scope, what: what) }
      return both.count == 2 ? .size(height: both[0], width: both[1]) : nil
    case .ints(let range):
      // One number is a list of one.
      guard let elements = node.elements ?? (node.scalar == nil || node.isNull ? nil : [node]) else {
        return wrongType(node, what, "a list of whole numbers")
      }
      let values = elements.compactMap { int($0, range, in: scope, what: what) }
      return values.count == elements.count ? .ints(values) : nil
    case .numbers(let count, let range):
      guard let elements = node.elements, elements.count == count else {
        return wrongType(node, what, "a list of \(count) numbers")
      }
      let values = elements.compactMap { number($0, range, isOpen: false, in: scope, what: what) }
      return values.count == count ? .numbers(values) : nil
    case .choices(let schemas):
      let choices = (node.elements ?? [node]).map { choice($0, schemas, what: what, in: scope) }
      return choices.contains { $0 == nil } ? nil : .choices(choices.compactMap { $0 })
    case .string, .path:
      guard let text = node.scalar, !node.isNull else { return wrongType(node, what, "a text") }
      if case .path = attribute.kind { return .path(text, base: bases[node.span.source] ?? "") }
      return .string(text)
    }
  }

  /// `cosine`, or `{cosine: {steps: 1000}}`.
  private func choice(
    _ node: YAMLNode, _ schemas: [Schema], what: String, in scope: Scope
  ) -> AttributeValue.Choice? {
    let entry: YAMLNode.Entry
    if let text = node.scalar, !node.isNull {
      entry = .init(
        key: text, keySpan: node.span, value: YAMLNode(.scalar("", isPlain: true), span: node.span))
    } else if let entries = node.entries, entries.count == 1 {
      entry = entries[0]
    } else {
      reportWrongType(node, what, "one of \(schemas.map { "`\($0.name)`" }.joined(separator: ", "))")
      return nil
    }
    guard let schema = schemas.first(where: { $0.name == entry.key }) else {
      unknownKey(entry, among: schemas.map(\.name), context: what)
      return nil
    }
    return attributes(entry.value, of: schema, named: entry.keySpan, in: scope).map {
      .init(name: schema.name, attributes: $0.mapValues(\.value))
    }
  }

  private func wrongType(_ node: YAMLNode, _ what: String, _ expected: String) -> AttributeValue? {
    reportWrongType(node, what, expected)
    return nil
  }

  func int(_ node: YAMLNode, _ range: ClosedRange<Int>, in scope: Scope, what: String) -> Int? {
    guard let number = number(node, in: scope, what: what) else { return nil }
    guard let value = number.wholeNumber else {
      // A whole number that no word holds is out of every range.
      if number.double.rounded() == number.double {
        reportRange(
          node, what, Self.text(range, showsUpper: number.double > 0), number.text)
        return nil
      }
      report(
        Diagnostic(
          .wrongType, at: node.span,
          ["what": what, "expected": "a whole number", "actual": number.text]))
      return nil
    }
    guard range.contains(value) else {
      reportRange(node, what, Self.text(range, showsUpper: value > range.upperBound), "\(value)")
      return nil
    }
    return value
  }

  private func reportRange(_ node: YAMLNode, _ what: String, _ expected: String, _ actual: String) {
    report(
      Diagnostic(.outOfRange, at: node.span, ["what": what, "expected": expected, "actual": actual]))
  }

  func number(
    _ node: YAMLNode, _ range: ClosedRange<Double>, isOpen: Bool, in scope: Scope, what: String
  ) -> Double? {
    guard let value = number(node, in: scope, what: what)?.double else { return nil }
    let isInside = isOpen ? value > range.lowerBound && value < range.upperBound : range.contains(value)
    guard isInside else {
      let expected = Self.text(range, isOpen: isOpen, showsUpper: value >= range.upperBound)
      reportRange(node, what, expected, Number.real(value).text)
      return nil
    }
    return value
  }

  func choice(_ node: YAMLNode, _ choices: [String], what: String) -> String? {
    guard let text = node.scalar, choices.contains(text) else {
      var diagnostic = Diagnostic(
        .wrongType, at: node.span,
        [
          "what": what, "expected": choices.map { "`\($0)`" }.joined(separator: " or "),
          "actual": node.kindText,
        ])
      if let text = node.scalar, let near = nearestName(to: text, among: choices) {
        diagnostic.fixes = [FixIt("write `\(near)`", edits: [.init(span: node.span, replacement: near)])]
      }
      report(diagnostic)
      return nil
    }
    return text
  }

  /// - Parameter showsUpper: Whether to name an upper end that is so far away that hardly anybody comes
  ///   near it.
  private static func text(_ range: ClosedRange<Int>, showsUpper: Bool) -> String {
    range.upperBound >= 1 << 30 && !showsUpper
      ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func text(_ range: ClosedRange<Double>, isOpen: Bool, showsUpper: Bool) -> String {
    let lower = Number.real(range.lowerBound).text
    if range.upperBound > 1e29, !showsUpper { return isOpen ? "above \(lower)" : "at least \(lower)" }
    let upper = Number.real(range.upperBound).text
    return isOpen ? "between \(lower) and \(upper), both excluded" : "from \(lower) to \(upper)"
  }
}
