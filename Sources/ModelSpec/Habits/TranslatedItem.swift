import Diagnostics

/// A name with attributes while it is translated: what is different, and the edits that make it so.
struct TranslatedItem {
  struct Change {
    var span: SourceSpan
    var written: String
    /// Nil where it is left out.
    var here: String?
    /// Why it is left out.
    var why = ""
  }

  let schema: Schema
  /// The whole item.
  let node: YAMLNode
  /// The name with what follows it.
  let key: YAMLNode.Entry
  /// What follows the name once it is translated.
  var value: YAMLNode
  var changes: [Change] = []
  var edits: [FixIt.Edit] = []
  /// The keys of the entries that are left out.
  var removed: Set<SourceSpan> = []
  /// Attributes that nobody wrote and that are needed to say the same.
  var added: [(name: String, value: PythonValue)] = []
  /// Layers behind this one.
  var after: [(text: String, node: YAMLNode)] = []
  /// Edits that put something in, after all others.
  var insertions: [FixIt.Edit] = []

  init(schema: Schema, node: YAMLNode, key: YAMLNode.Entry) {
    self.schema = schema
    self.node = node
    self.key = key
    value = key.value
  }

  var entries: [YAMLNode.Entry] { value.entries ?? [] }

  mutating func record(_ span: SourceSpan, _ written: String, _ here: String, _ edit: FixIt.Edit) {
    changes.append(Change(span: span, written: written, here: here))
    edits.append(edit)
  }

  mutating func remove(_ entry: YAMLNode.Entry, _ why: String) {
    changes.append(Change(span: entry.keySpan, written: entry.key, here: nil, why: why))
    removed.insert(entry.keySpan)
    value.content = .mapping(entries.filter { $0.keySpan != entry.keySpan })
  }
}

extension Translator {
  /// A YAML value as Python would have it.
  static func value(_ node: YAMLNode) -> PythonValue {
    let range = node.span.range
    if let elements = node.elements {
      return PythonValue(content: .list(elements.map(value)), range: range)
    }
    guard let text = node.scalar else { return PythonValue(content: .formula(""), range: range) }
    if node.isNull { return PythonValue(content: .none, range: range) }
    // Quotes around a tuple are no text.
    if let value = PythonReader.value(text), node.plainScalar != nil || value.list != nil {
      return PythonValue(content: value.content, range: range)
    }
    return PythonValue(content: node.plainScalar == nil ? .text(text) : .formula(text), range: range)
  }

  /// Translates the attributes of an item. Returns the activations that stand among them.
  mutating func translate(
    _ entries: [YAMLNode.Entry], origin: LayerHabit.Origin?, isLayer: Bool, _ item: inout TranslatedItem
  ) -> [AttributeTranslator.Given] {
    let given = entries.map { entry in
      AttributeTranslator.Given(name: entry.key, value: Self.value(entry.value), entry: entry)
    }
    item.value.content = .mapping(entries)
    let result = AttributeTranslator(schema: item.schema, isLayer: isLayer, origin: origin).translate(given)
    var activations: [AttributeTranslator.Given] = []
    for (argument, outcome) in zip(given, result.outcomes) {
      guard let entry = argument.entry else { continue }
      switch outcome {
      case .kept:
        // A tuple is a list with other brackets.
        if case .list = argument.value.content, entry.value.elements == nil {
          set(entry, entry.key, argument.value, &item)
        } else if let text = entry.value.plainScalar, Self.isJoined(entry.value, edits) {
          // A comma between braces ends a value.
          let quoted = "\"\(text)\""
          item.record(
            entry.value.span, "\(entry.key): \(text)", "\(entry.key): \(quoted)",
            edits.replace(entry.value.span, by: quoted))
        }
      case .attribute(let name, let value): set(entry, name, value, &item)
      case .leftOut(let why): item.remove(entry, why)
      case .activation: activations.append(argument)
      case .refused(let what):
        let names = item.schema.attributes.map(\.name).joined(separator: ", ")
        report(
          Diagnostic(
            .noCounterpart, at: entry.keySpan, ["what": what],
            notes: names.isEmpty
              ? [] : [.init("leave it out, or say it with what `\(item.schema.name)` may have: \(names)")]))
        item.value.content = .mapping(item.entries.filter { $0.keySpan != entry.keySpan })
      case .unknown: break
      }
    }
    item.added += result.added
    return activations
  }

  /// Whether a value was put together of pieces that YAML takes for several.
  private static func isJoined(_ node: YAMLNode, _ edits: EntryEdits) -> Bool {
    guard let text = node.plainScalar, text.contains(","), text.contains("(") else { return false }
    return !edits.isOverride(node.span)
  }

  private func set(
    _ entry: YAMLNode.Entry, _ name: String, _ value: PythonValue, _ item: inout TranslatedItem
  ) {
    guard let yaml = value.yaml else { return }
    let old = Self.value(entry.value)
    let isSame = old.yaml == yaml && (value.list == nil || entry.value.elements != nil)
    let valueText = isSame ? edits.text(entry.value.span) : yaml
    if entry.key != name || !isSame {
      let written = "\(entry.key): \(edits.text(entry.value.span))"
      if isSame {
        item.record(entry.keySpan, entry.key, name, edits.replace(entry.keySpan, by: name))
      } else {
        let span = edits.span(of: entry)
        let isOnlyValue = entry.key == name
        // `key=value` on the command line.
        let colon = edits.isOverride(entry.keySpan) ? "=" : ": "
        item.record(
          isOnlyValue ? entry.value.span : span, written, "\(name): \(valueText)",
          edits.replace(
            isOnlyValue ? entry.value.span : span, by: isOnlyValue ? yaml : "\(name)\(colon)\(yaml)"))
      }
    }
    var new = entry
    new.key = name
    if !isSame { new.value = Self.node(value, entry.value.span) }
    item.value.content = .mapping(item.entries.map { $0.keySpan == entry.keySpan ? new : $0 })
  }

  /// Reports what is different, if anything is, and returns the item as it is written here.
  mutating func finish(_ item: TranslatedItem, _ name: String) -> YAMLNode {
    var entries = item.entries
    for (key, value) in item.added {
      entries.append(.init(key: key, keySpan: item.key.keySpan, value: Self.node(value, item.key.keySpan)))
    }
    var value = item.value
    if value.entries != nil || !entries.isEmpty { value.content = .mapping(entries) }
    var result = item.node
    result.content = .mapping(
      (item.node.entries ?? [item.key]).map { entry in
        entry.keySpan == item.key.keySpan ? .init(key: name, keySpan: entry.keySpan, value: value) : entry
      })
    guard let first = item.changes.first else { return result }

    let made = allEdits(item)
    let here = Self.text(name, value, edits)
    var diagnostic: Diagnostic
    if item.changes.count == 1, item.after.isEmpty, item.added.isEmpty {
      if let text = first.here {
        diagnostic = Diagnostic(.otherSpelling, at: first.span, ["written": first.written, "here": text])
        diagnostic.fixes = [FixIt("write `\(text)`", edits: made)]
      } else {
        diagnostic = Diagnostic(
          .needlessKey, at: first.span, ["key": first.written, "context": "`\(name)`", "why": first.why])
        diagnostic.fixes = [FixIt("leave `\(first.written)` out", edits: made)]
      }
    } else {
      let all = ([here] + item.after.map(\.text)).joined(separator: "`, `")
      diagnostic = Diagnostic(
        .otherSpelling, at: item.key.keySpan, ["written": edits.text(edits.span(of: item.key)), "here": all])
      diagnostic.notes = item.changes.map { change in
        .init(
          change.here.map { "`\(change.written)` is `\($0)`" }
            ?? "`\(change.written)` is left out: \(change.why)")
      }
      diagnostic.fixes = [FixIt("write `\(all)`", edits: made)]
    }
    report(diagnostic)
    return result
  }

  /// The edits of an item; none where it does not stand in one text.
  private func allEdits(_ item: TranslatedItem) -> [FixIt.Edit] {
    var all = item.edits
    let mapping = item.key.value
    let added = item.added.compactMap { added in added.value.yaml.map { "\(added.name): \($0)" } }
    if let entries = mapping.entries, !item.removed.isEmpty || !added.isEmpty {
      if entries.allSatisfy({ item.removed.contains($0.keySpan) }) {
        // Nothing of it is left.
        let span = SourceSpan(
          source: mapping.span.source,
          range: item.key.keySpan.range
            .upperBound..<max(item.key.keySpan.range.upperBound, mapping.span.range.upperBound))
        all = all.filter { !span.range.contains($0.span.range.lowerBound) || $0.span == item.key.keySpan }
        all.append(edits.replace(span, by: added.isEmpty ? "" : ": {\(added.joined(separator: ", "))}"))
      } else {
        if !item.removed.isEmpty {
          guard let removals = edits.remove(item.removed, of: mapping) else { return [] }
          all += removals
        }
        if !added.isEmpty {
          let separator =
            edits.isFlow(mapping)
            ? ", "
            : "\n"
              + String(
                repeating: " ", count: edits.sources.start(of: mapping.span).column - 1)
          guard let addition = edits.add(added.joined(separator: separator), to: mapping) else { return [] }
          all.append(addition)
        }
      }
    } else if !added.isEmpty {
      let end = max(item.key.keySpan.range.upperBound, mapping.span.range.upperBound)
      guard mapping.isNull else { return [] }
      all.append(
        edits.replace(
          SourceSpan(source: item.key.keySpan.source, range: item.key.keySpan.range.upperBound..<end),
          by: ": {\(added.joined(separator: ", "))}"))
    }
    return all + item.insertions
  }

  /// A name with its attributes in flow style.
  static func text(_ name: String, _ value: YAMLNode, _ edits: EntryEdits) -> String {
    guard let entries = value.entries else {
      return value.isNull ? name : "\(name): \(flow(value))"
    }
    if entries.isEmpty { return name }
    return "\(name): {\(entries.map { "\($0.key): \(flow($0.value))" }.joined(separator: ", "))}"
  }

  /// An item of a list of layers.
  static func itemText(_ node: YAMLNode) -> String {
    guard let entries = node.entries else { return flow(node) }
    if entries.count == 1 {
      let value = entries[0].value
      if value.isNull || value.entries?.isEmpty == true { return entries[0].key }
      return "\(entries[0].key): \(flow(value))"
    }
    return flow(node)
  }

  private static func flow(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, let isPlain): isPlain ? text : "\"\(text)\""
    case .sequence(let elements): "[\(elements.map(flow).joined(separator: ", "))]"
    case .mapping(let entries):
      "{\(entries.map { "\($0.key): \(flow($0.value))" }.joined(separator: ", "))}"
    }
  }
}
