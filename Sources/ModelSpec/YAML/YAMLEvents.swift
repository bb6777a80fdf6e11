import CYAML
import Diagnostics

/// One event of a YAML stream and the bytes that it stands in.
struct YAMLEvent {
  enum Kind {
    case scalar(String, isPlain: Bool, anchor: String?)
    case alias(String)
    case sequenceStart(anchor: String?)
    case mappingStart(anchor: String?)
    case sequenceEnd, mappingEnd, documentStart, documentEnd, streamStart, streamEnd
  }

  var kind: Kind
  var range: Range<Int>
}

/// Stops the reading of a text.
struct YAMLStop: Error {
  let diagnostic: Diagnostic

  init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

  /// More of something than the limit allows.
  static func tooLarge(_ what: String, _ limit: String, at span: SourceSpan) -> YAMLStop {
    YAMLStop(Diagnostic(.yamlTooLarge, at: span, ["what": what, "limit": limit]))
  }
}

/// What a text may hold at most: far more than a model needs, and little enough to be read in no time.
enum YAMLLimit {
  static let bytes = 1 << 20
  static let depth = 64
  static let nodes = 100_000
  static let aliasNodes = 1_000
  /// `%YAML` and `%TAG`, which libyaml compares each with each.
  static let directives = 64
}

/// Reads the events of a text with libyaml.
struct YAMLEventReader {
  private let source: SourceID
  private let text: [UInt8]
  /// How many bytes the byte order mark takes, which libyaml does not get to see: it would count as an
  /// indentation of the first line.
  private let markLength: Int
  /// The byte offset of each character, for libyaml counts those; empty where the text is ASCII and both
  /// are the same.
  private let byteOffsets: [Int]

  init(_ text: [UInt8], source: SourceID) throws {
    self.source = source
    self.text = text
    try Self.check(text, source)
    markLength = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if text.allSatisfy({ $0 < 0x80 }) {
      byteOffsets = []
    } else {
      byteOffsets = text.indices[markLength...].filter { text[$0] & 0xC0 != 0x80 } + [text.count]
    }
  }

  /// What libyaml would take without a word, or with a word that helps nobody.
  private static func check(_ text: [UInt8], _ source: SourceID) throws {
    func place(_ offset: Int, length: Int = 0) -> SourceSpan {
      SourceSpan(source: source, range: offset..<min(offset + length, text.count))
    }
    if text.count > YAMLLimit.bytes {
      throw YAMLStop.tooLarge("the file is too long", "1 MiB", at: place(0))
    }
    let mark = text.prefix(4)
    // UTF-16 and UTF-32, with a byte order mark or without.
    if mark.starts(with: [0xFF, 0xFE]) || mark.starts(with: [0xFE, 0xFF]) || mark.prefix(2).contains(0) {
      throw YAMLStop(Diagnostic(.yamlNotUTF8, at: place(0)))
    }
    if let offset = invalidOffset(text) {
      throw YAMLStop(Diagnostic(.yamlNotUTF8, at: place(offset, length: 1)))
    }
    if let offset = text.firstIndex(of: 0) {
      throw YAMLStop(
        Diagnostic(
          .yamlSyntax, at: place(offset, length: 1), ["problem": "a NUL character (zero) stands here"]))
    }
    let lines = text.split(separator: UInt8(ascii: "\n"))
    if lines.count(where: { $0.first == UInt8(ascii: "%") }) > YAMLLimit.directives {
      throw YAMLStop.tooLarge(
        "the file has too many `%` directives", "\(YAMLLimit.directives) directives", at: place(0))
    }
  }

  /// Where a text stops being UTF-8, or nil.
  private static func invalidOffset(_ text: [UInt8]) -> Int? {
    if String(validating: text, as: UTF8.self) != nil { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var bytes = text.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &bytes) {
      case .valid(let scalar): offset += scalar.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }

  /// A warning at the first character that turns the direction of writing around: U+202A to U+202E and U+2066 to
  /// U+2069 (CVE-2021-42574).
  var bidirectionalText: Diagnostic? {
    let offset = text.indices.dropLast(2).first { offset in
      text[offset] == 0xE2
        && (text[offset + 1] == 0x80 && (0xAA...0xAE).contains(text[offset + 2])
          || text[offset + 1] == 0x81 && (0xA6...0xA9).contains(text[offset + 2]))
    }
    guard let offset else { return nil }
    let code =
      text[offset + 1] == 0x80 ? 0x2000 + Int(text[offset + 2]) - 0x80 : 0x2040 + Int(text[offset + 2]) - 0x80
    return Diagnostic(
      .yamlBidirectionalText, at: SourceSpan(source: source, range: offset..<offset + 3),
      ["character": "U+" + String(code, radix: 16, uppercase: true)])
  }

  // MARK: Reading

  /// Every event of the stream. libyaml's time is quadratic in the depth of flow collections: reading
  /// stops at the limit.
  func events() throws -> [YAMLEvent] {
    // libyaml keeps a pointer to its parser, which therefore must not move.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else { throw outOfMemory() }
    defer { unsafe yaml_parser_delete(parser) }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    return try unsafe text[markLength...].withUnsafeBufferPointer { buffer in
      unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      var events: [YAMLEvent] = []
      var depth = 0
      while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe syntaxError(parser) }
        defer { unsafe yaml_event_delete(&event) }
        let item = unsafe YAMLEvent(
          kind: Self.kind(event), range: range(event.start_mark, event.end_mark))
        events.append(item)
        let span = SourceSpan(source: source, range: item.range)
        // It would be lost without a word, and with it what its writer meant by it.
        if unsafe Self.hasTag(event) {
          throw YAMLStop(
            Diagnostic(
              .yamlSyntax, at: span, ["problem": "a model has no tags, and one begins here with `!`"]))
        }
        switch item.kind {
        case .sequenceStart, .mappingStart:
          depth += 1
          if depth > YAMLLimit.depth {
            throw YAMLStop.tooLarge("this nests too deeply", "\(YAMLLimit.depth) levels", at: span)
          }
        case .sequenceEnd, .mappingEnd: depth -= 1
        case .streamEnd: return events
        default: break
        }
        // A value has at most two events, and a few frame the document.
        if events.count > 2 * YAMLLimit.nodes + 8 {
          throw YAMLStop.tooLarge("the file has too many values", "\(YAMLLimit.nodes) values", at: span)
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

  private static func hasTag(_ event: yaml_event_t) -> Bool {
    switch unsafe event.type {
    case YAML_SCALAR_EVENT: unsafe event.data.scalar.tag != nil
    case YAML_SEQUENCE_START_EVENT: unsafe event.data.sequence_start.tag != nil
    case YAML_MAPPING_START_EVENT: unsafe event.data.mapping_start.tag != nil
    default: false
    }
  }

  private static func kind(_ event: yaml_event_t) -> YAMLEvent.Kind {
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

  // MARK: Places

  private func byteOffset(_ mark: yaml_mark_t) -> Int {
    let index = Int(mark.index)
    if byteOffsets.isEmpty { return min(index, text.count) }
    return byteOffsets[min(index, byteOffsets.count - 1)]
  }

  /// The bytes between two marks, without the blanks that libyaml counts to the end of a block.
  private func range(_ start: yaml_mark_t, _ end: yaml_mark_t) -> Range<Int> {
    let lower = byteOffset(start)
    var upper = max(lower, byteOffset(end))
    while upper > lower, [0x20, 0x09, 0x0A, 0x0D].contains(text[upper - 1]) { upper -= 1 }
    return lower..<upper
  }

  // MARK: Mistakes

  private func outOfMemory() -> YAMLStop {
    let start = SourceSpan(source: source, range: 0..<0)
    return YAMLStop(Diagnostic(.yamlSyntax, at: start, ["problem": "there is no memory to read it"]))
  }

  /// The parser's own error. The reader's errors leave the mark at the start and give a byte offset.
  private func syntaxError(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> YAMLStop {
    let state = unsafe parser.pointee
    let offset: Int
    if unsafe state.error == YAML_READER_ERROR {
      offset = unsafe min(markLength + Int(state.problem_offset), text.count)
    } else {
      offset = unsafe byteOffset(state.problem_mark)
    }
    var problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
    var notes: [Diagnostic.Note] = []
    if offset < text.count, text[offset] == UInt8(ascii: "\t") {
      problem = "a tab stands here, where YAML wants blanks"
    } else if let context = unsafe state.context.map({ unsafe String(cString: $0) }) {
      let start = unsafe byteOffset(state.context_mark)
      notes = [.init(Self.plainContext(context), at: SourceSpan(source: source, range: start..<start))]
    }
    return YAMLStop(
      Diagnostic(
        .yamlSyntax, at: SourceSpan(source: source, range: offset..<endOfCharacter(offset)),
        ["problem": Self.plainProblem(problem), Self.parserMark: problem], notes: notes))
  }

  /// The name of an argument that marks the parser's own errors, with its own words: a slip of the text may be
  /// behind them.
  static let parserMark = "parser"

  /// libyaml's words as a person says it; words that are not among them stay.
  private static func plainProblem(_ problem: String) -> String {
    switch problem {
    case "did not find expected key": "a key (`name:`) is expected here"
    case "did not find expected '-' indicator": "an item of the list (`- …`) is expected here"
    case "did not find expected ',' or '}'": "a comma or `}` is expected here"
    case "did not find expected ',' or ']'": "a comma or `]` is expected here"
    case "did not find expected node content": "a value is expected here"
    case "mapping values are not allowed in this context":
      "a colon stands here, where no key can be; a value that has one needs quotes"
    case "could not find expected ':'": "a key is begun here, and no colon follows it"
    case "block sequence entries are not allowed in this context": "an item (`- …`) cannot stand here"
    case "found character that cannot start any token":
      "a value cannot begin with this character; put quotes around it"
    case "found unexpected end of stream": "a quote is not closed"
    case "did not find expected alphabetic or numeric character": "a name is expected behind `&` or `*`"
    case "found unknown escape character": "this is no escape that YAML has; `\\\\` is a backslash"
    default: problem
    }
  }

  private static func plainContext(_ context: String) -> String {
    switch context {
    case "while parsing a block mapping": "in the mapping that begins here"
    case "while parsing a block collection": "in the list that begins here"
    case "while parsing a flow mapping": "in the braces that are opened here"
    case "while parsing a flow sequence": "in the brackets that are opened here"
    case "while scanning a simple key": "in the key that begins here"
    case "while scanning a quoted scalar": "in the quotes that are opened here"
    default: context
    }
  }

  private func endOfCharacter(_ offset: Int) -> Int {
    var end = min(offset + 1, text.count)
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }
}
