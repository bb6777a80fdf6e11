import CYAML
import Diagnostics

/// Reads one YAML document with libyaml's events, and guards what libyaml does not: depth, size, aliases
/// that multiply, duplicate keys, undefined aliases, other encodings than UTF-8.
struct YAMLParser {
  enum Limit {
    static let bytes = 1 << 20
    static let depth = 64
    static let nodes = 10_000
    static let aliasNodes = 1_000
  }

  private let source: SourceID
  private let text: [UInt8]
  /// The byte offset of each character; empty where the text is ASCII and both are the same.
  private let byteOffsets: [Int]
  private var anchors: [String: YAMLNode] = [:]
  private var nodeCount = 0
  private var aliasNodeCount = 0

  private struct Stop: Error {
    let diagnostic: Diagnostic
  }

  /// The document's root, or nil with a diagnostic in `bag`. An empty document is an empty mapping.
  static func parse(_ text: [UInt8], source: SourceID, into bag: inout DiagnosticBag) -> YAMLNode? {
    let start = SourceSpan(source: source, range: 0..<0)
    if text.count > Limit.bytes {
      bag.report(Diagnostic(.yamlTooLarge, at: start, ["what": "the file is too long", "limit": "1 MiB"]))
      return nil
    }
    guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
      bag.report(Diagnostic(.yamlNotUTF8, at: start))
      return nil
    }
    var parser = YAMLParser(source: source, text: text)
    do {
      let root = try parser.document()
      for duplicate in parser.duplicates { bag.report(duplicate) }
      return root
    } catch let stop as Stop {
      for duplicate in parser.duplicates { bag.report(duplicate) }
      bag.report(stop.diagnostic)
      return nil
    } catch { return nil }
  }

  /// Mistakes after which reading can go on.
  private var duplicates: [Diagnostic] = []

  private init(source: SourceID, text: [UInt8]) {
    self.source = source
    self.text = text
    if text.allSatisfy({ $0 < 0x80 }) {
      byteOffsets = []
    } else {
      byteOffsets = text.indices.filter { text[$0] & 0xC0 != 0x80 } + [text.count]
    }
  }

  private func byteOffset(_ mark: yaml_mark_t) -> Int {
    let index = Int(mark.index)
    if byteOffsets.isEmpty { return min(index, text.count) }
    return byteOffsets[min(index, byteOffsets.count - 1)]
  }

  /// The span between two marks, without the blanks that libyaml counts to the end of a block.
  private func span(_ start: yaml_mark_t, _ end: yaml_mark_t) -> SourceSpan {
    let lower = byteOffset(start)
    var upper = max(lower, byteOffset(end))
    while upper > lower, [0x20, 0x09, 0x0A, 0x0D].contains(text[upper - 1]) { upper -= 1 }
    return SourceSpan(source: source, range: lower..<upper)
  }

  // MARK: Events

  private enum Event {
    case scalar(String, isPlain: Bool, anchor: String?)
    case alias(String)
    case sequenceStart(anchor: String?)
    case mappingStart(anchor: String?)
    case sequenceEnd, mappingEnd, documentStart, documentEnd, streamStart, streamEnd
  }

  private struct Located {
    var event: Event
    var start: yaml_mark_t
    var end: yaml_mark_t
  }

  /// Every event of the stream. libyaml's time is quadratic in the depth of flow collections: reading
  /// stops at the limit.
  private func events() throws -> [Located] {
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else { return [] }
    defer { unsafe yaml_parser_delete(&parser) }
    unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    return try unsafe text.withUnsafeBufferPointer { buffer in
      unsafe yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var located: [Located] = []
      var depth = 0
      while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw unsafe syntaxError(parser) }
        defer { unsafe yaml_event_delete(&event) }
        let item = unsafe Located(event: Self.convert(event), start: event.start_mark, end: event.end_mark)
        located.append(item)
        switch item.event {
        case .sequenceStart, .mappingStart:
          depth += 1
          if depth > Limit.depth {
            throw tooLarge("this nests too deeply", "\(Limit.depth) levels", item)
          }
        case .sequenceEnd, .mappingEnd: depth -= 1
        case .scalar, .alias:
          if located.count > 4 * Limit.nodes {
            throw tooLarge("the file has too many values", "\(Limit.nodes) values", item)
          }
        case .streamEnd: return located
        default: break
        }
      }
    }
  }

  private static func string(_ bytes: UnsafeMutablePointer<UInt8>?, _ length: Int? = nil) -> String? {
    guard let bytes = unsafe bytes else { return nil }
    if let length {
      return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: length), as: UTF8.self)
    }
    return unsafe String(cString: bytes)
  }

  private static func convert(_ event: yaml_event_t) -> Event {
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      return unsafe .scalar(
        string(scalar.value, scalar.length) ?? "", isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
        anchor: string(scalar.anchor))
    case YAML_ALIAS_EVENT: return unsafe .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      return unsafe .sequenceStart(anchor: string(event.data.sequence_start.anchor))
    case YAML_MAPPING_START_EVENT:
      return unsafe .mappingStart(anchor: string(event.data.mapping_start.anchor))
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_START_EVENT: return .streamStart
    default: return .streamEnd
    }
  }

  /// The parser's own error. The reader's errors leave the mark at the start and give a byte offset.
  private func syntaxError(_ parser: yaml_parser_t) -> Stop {
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
    let offset: Int
    if unsafe parser.error == YAML_READER_ERROR {
      offset = unsafe min(Int(parser.problem_offset), text.count)
    } else {
      offset = unsafe byteOffset(parser.problem_mark)
    }
    let end = min(offset + 1, text.count)
    return Stop(
      diagnostic: Diagnostic(
        .yamlSyntax, at: SourceSpan(source: source, range: offset..<max(offset, end)),
        ["problem": problem]))
  }

  private func tooLarge(_ what: String, _ limit: String, _ item: Located) -> Stop {
    Stop(
      diagnostic: Diagnostic(
        .yamlTooLarge, at: span(item.start, item.end), ["what": what, "limit": limit]))
  }

  // MARK: The tree

  private mutating func document() throws -> YAMLNode {
    let events = try events()
    var position = 0
    while position < events.count {
      switch events[position].event {
      case .streamStart, .documentStart: position += 1
      case .streamEnd, .documentEnd:
        return YAMLNode(.mapping([]), span: SourceSpan(source: source, range: 0..<0))
      default:
        let root = try node(events, &position)
        // A second document would be silently lost.
        if position + 1 < events.count, case .documentStart = events[position + 1].event {
          let item = events[position + 1]
          throw Stop(
            diagnostic: Diagnostic(
              .yamlSyntax, at: span(item.start, item.end),
              ["problem": "a model is one document, and a second one begins here"]))
        }
        return root
      }
    }
    return YAMLNode(.mapping([]), span: SourceSpan(source: source, range: 0..<0))
  }

  private mutating func node(_ events: [Located], _ position: inout Int) throws -> YAMLNode {
    let item = events[position]
    position += 1
    nodeCount += 1
    if nodeCount > Limit.nodes {
      throw tooLarge("the file has too many values", "\(Limit.nodes) values", item)
    }
    switch item.event {
    case .scalar(let text, let isPlain, let anchor):
      let node = YAMLNode(.scalar(text, isPlain: isPlain), span: span(item.start, item.end))
      if let anchor { anchors[anchor] = node }
      return node
    case .alias(let name):
      guard let node = anchors[name] else {
        throw Stop(
          diagnostic: Diagnostic(.yamlUndefinedAlias, at: span(item.start, item.end), ["name": name]))
      }
      aliasNodeCount += Self.count(node)
      if aliasNodeCount > Limit.aliasNodes {
        throw tooLarge(
          "the aliases of the file repeat too much", "\(Limit.aliasNodes) values out of aliases", item)
      }
      return node
    case .sequenceStart(let anchor):
      var elements: [YAMLNode] = []
      while true {
        if case .sequenceEnd = events[position].event { break }
        elements.append(try node(events, &position))
      }
      let node = YAMLNode(.sequence(elements), span: span(item.start, events[position].end))
      position += 1
      if let anchor { anchors[anchor] = node }
      return node
    case .mappingStart(let anchor):
      let node = try mapping(events, &position, from: item)
      if let anchor { anchors[anchor] = node }
      return node
    default:
      throw Stop(
        diagnostic: Diagnostic(
          .yamlSyntax, at: span(item.start, item.end), ["problem": "a value is missing here"]))
    }
  }

  private mutating func mapping(
    _ events: [Located], _ position: inout Int, from item: Located
  ) throws -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var merged: [YAMLNode.Entry] = []
    while true {
      if case .mappingEnd = events[position].event { break }
      let key = try node(events, &position)
      let value = try node(events, &position)
      guard let name = key.scalar else {
        duplicates.append(Diagnostic(.yamlKeyNotScalar, at: key.span))
        continue
      }
      if name == "<<", key.plainScalar != nil {
        let sources = value.elements ?? [value]
        if sources.contains(where: { $0.entries == nil }) {
          duplicates.append(Diagnostic(.yamlBadMerge, at: value.span))
        }
        merged += sources.flatMap { $0.entries ?? [] }
        continue
      }
      if let first = entries.first(where: { $0.key == name }) {
        duplicates.append(
          Diagnostic(
            .yamlDuplicateKey, at: key.span, ["key": name],
            notes: [.init("it stands here first", at: first.keySpan)]))
        continue
      }
      entries.append(.init(key: name, keySpan: key.span, value: value))
    }
    // A key of the mapping itself wins over a merged one, an earlier merge over a later.
    for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
    let node = YAMLNode(.mapping(entries), span: span(item.start, events[position].end))
    position += 1
    return node
  }

  private static func count(_ node: YAMLNode) -> Int {
    switch node.content {
    case .scalar: 1
    case .sequence(let elements): elements.reduce(1) { $0 + count($1) }
    case .mapping(let entries): entries.reduce(1) { $0 + 1 + count($1.value) }
    }
  }
}
