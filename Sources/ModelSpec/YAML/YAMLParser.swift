import Diagnostics

/// Makes a tree of a YAML document's events, and guards what libyaml does not: aliases that multiply,
/// duplicate keys, undefined aliases, second documents.
struct YAMLParser {
  private let source: SourceID
  private let events: [YAMLEvent]
  private var position = 0
  private var anchors: [String: YAMLNode] = [:]
  private var nodeCount = 0
  private var aliasNodeCount = 0
  /// Where the text that has been read ends.
  private var end = 0
  /// Mistakes after which reading can go on.
  private var mistakes: [Diagnostic] = []

  /// The document's root, or nil with a diagnostic in `bag`. An empty document is an empty mapping.
  static func parse(_ text: [UInt8], source: SourceID, into bag: inout DiagnosticBag) -> YAMLNode? {
    do {
      let reader = try YAMLEventReader(text, source: source)
      if let warning = reader.bidirectionalText { bag.report(warning) }
      var parser = YAMLParser(source: source, events: try reader.events())
      defer { for mistake in parser.mistakes { bag.report(mistake) } }
      return try parser.document()
    } catch let stop as YAMLStop {
      bag.report(stop.diagnostic)
      return nil
    } catch {
      return nil
    }
  }

  private init(source: SourceID, events: [YAMLEvent]) {
    self.source = source
    self.events = events
  }

  private func span(_ event: YAMLEvent) -> SourceSpan { SourceSpan(source: source, range: event.range) }

  private mutating func document() throws -> YAMLNode {
    while position < events.count {
      switch events[position].kind {
      case .streamStart, .documentStart: position += 1
      case .streamEnd, .documentEnd: return emptyMapping
      default:
        let root = try node()
        // A second document would be silently lost.
        if position + 1 < events.count, case .documentStart = events[position + 1].kind {
          throw YAMLStop(
            Diagnostic(
              .yamlSyntax, at: span(events[position + 1]),
              ["problem": "a model is one document, and a second one begins here"]))
        }
        return root
      }
    }
    return emptyMapping
  }

  private var emptyMapping: YAMLNode {
    YAMLNode(.mapping([]), span: SourceSpan(source: source, range: 0..<0))
  }

  private mutating func node() throws -> YAMLNode {
    let event = events[position]
    position += 1
    nodeCount += 1
    if nodeCount > YAMLLimit.nodes {
      throw YAMLStop.tooLarge("the file has too many values", "\(YAMLLimit.nodes) values", at: span(event))
    }
    end = event.range.upperBound
    switch event.kind {
    case .scalar(let text, let isPlain, let anchor):
      let node = YAMLNode(.scalar(text, isPlain: isPlain), span: span(event))
      if let anchor { anchors[anchor] = node }
      return node
    case .alias(let name):
      guard let node = anchors[name] else {
        throw YAMLStop(Diagnostic(.yamlUndefinedAlias, at: span(event), ["name": name]))
      }
      aliasNodeCount += Self.count(node)
      if aliasNodeCount > YAMLLimit.aliasNodes {
        throw YAMLStop.tooLarge(
          "the aliases of the file repeat too much", "\(YAMLLimit.aliasNodes) values out of aliases",
          at: span(event))
      }
      return node
    case .sequenceStart(let anchor):
      var elements: [YAMLNode] = []
      while true {
        if case .sequenceEnd = events[position].kind { break }
        elements.append(try node())
      }
      let node = YAMLNode(.sequence(elements), span: closing(event))
      if let anchor { anchors[anchor] = node }
      return node
    case .mappingStart(let anchor):
      let node = try mapping(from: event)
      if let anchor { anchors[anchor] = node }
      return node
    default:
      throw YAMLStop(Diagnostic(.yamlSyntax, at: span(event), ["problem": "a value is missing here"]))
    }
  }

  /// The span of a collection whose end is the next event, which is taken.
  ///
  /// Only a bracket is an end that stands in the text; libyaml ends a block where the next thing begins,
  /// after comments that do not belong to it.
  private mutating func closing(_ start: YAMLEvent) -> SourceSpan {
    let closing = events[position].range
    position += 1
    if !closing.isEmpty { end = closing.upperBound }
    return SourceSpan(source: source, range: start.range.lowerBound..<max(start.range.lowerBound, end))
  }

  private mutating func mapping(from start: YAMLEvent) throws -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    /// Where each key stands among the entries.
    var places: [String: Int] = [:]
    var merged: [YAMLNode.Entry] = []
    while true {
      if case .mappingEnd = events[position].kind { break }
      let key = try node()
      let value = try node()
      guard let name = key.scalar else {
        mistakes.append(Diagnostic(.yamlKeyNotScalar, at: key.span))
        continue
      }
      if name == "<<", key.plainScalar != nil {
        let sources = value.elements ?? [value]
        if sources.contains(where: { $0.entries == nil }) {
          mistakes.append(Diagnostic(.yamlBadMerge, at: value.span))
        }
        merged += sources.flatMap { $0.entries ?? [] }
        continue
      }
      // The end of a tuple that a comma cut in two (`(4, 4)`) may well stand here twice.
      let isFragment = value.isNull && name.hasSuffix(")") && !name.contains("(")
      if !isFragment, let first = places[name].map({ entries[$0] }) {
        mistakes.append(
          Diagnostic(
            .yamlDuplicateKey, at: key.span, ["key": name],
            notes: [.init("it stands here first", at: first.keySpan)]))
        continue
      }
      places[name] = entries.count
      entries.append(.init(key: name, keySpan: key.span, value: value))
    }
    // A key of the mapping itself wins over a merged one, an earlier merge over a later.
    for entry in merged where places[entry.key] == nil {
      places[entry.key] = entries.count
      entries.append(entry)
    }
    return YAMLNode(.mapping(entries), span: closing(start))
  }

  private static func count(_ node: YAMLNode) -> Int {
    switch node.content {
    case .scalar: 1
    case .sequence(let elements): elements.reduce(1) { $0 + count($1) }
    case .mapping(let entries): entries.reduce(1) { $0 + 1 + count($1.value) }
    }
  }
}
