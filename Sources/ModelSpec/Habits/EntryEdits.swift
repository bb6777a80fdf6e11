import Diagnostics

/// Edits of the entries of a mapping, in flow style (`{a: 1, b: 2}`) or a line each, that leave all other bytes alone.
struct EntryEdits {
  let sources: SourceMap

  func bytes(_ source: SourceID) -> [UInt8] { sources.sources[source.index].text }

  /// The text that a node stands in, in one line.
  func text(_ span: SourceSpan) -> String {
    let text = String(decoding: bytes(span.source)[span.range], as: UTF8.self)
    return text.split { $0 == " " || $0 == "\n" || $0 == "\r\n" || $0 == "\t" }.joined(separator: " ")
  }

  func isOverride(_ span: SourceSpan) -> Bool { sources.sources[span.source.index].isOverride }

  /// Whether a mapping or a list stands in braces or brackets.
  func isFlow(_ node: YAMLNode) -> Bool {
    let text = bytes(node.span.source)
    guard node.span.range.lowerBound < text.count else { return false }
    return [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(text[node.span.range.lowerBound])
  }

  func hasComment(_ span: SourceSpan) -> Bool {
    bytes(span.source)[span.range].contains(UInt8(ascii: "#"))
  }

  func replace(_ span: SourceSpan, by text: String) -> FixIt.Edit {
    FixIt.Edit(span: span, replacement: text)
  }

  /// Where an entry ends: behind its value, or behind the colon of a value that is left out.
  func end(of entry: YAMLNode.Entry) -> Int {
    let key = entry.keySpan.range.upperBound
    if !entry.value.span.range.isEmpty, entry.value.span.source == entry.keySpan.source,
      entry.value.span.range.lowerBound >= key
    {
      return entry.value.span.range.upperBound
    }
    let text = bytes(entry.keySpan.source)
    var end = key
    while end < text.count, text[end] == 0x20 { end += 1 }
    return end < text.count && text[end] == UInt8(ascii: ":") ? end + 1 : key
  }

  func span(of entry: YAMLNode.Entry) -> SourceSpan {
    SourceSpan(source: entry.keySpan.source, range: entry.keySpan.range.lowerBound..<end(of: entry))
  }

  /// The place of a line's first byte.
  func lineStart(_ offset: Int, _ source: SourceID) -> Int {
    sources.lineRange(sources.location(of: offset, in: source).line, of: source).lowerBound
  }

  func lineEnd(_ offset: Int, _ source: SourceID) -> Int {
    sources.lineRange(sources.location(of: offset, in: source).line, of: source).upperBound
  }

  /// The blanks in front of an offset on its line, or nil where something else stands there.
  func indent(_ offset: Int, _ source: SourceID) -> Int? {
    let start = lineStart(offset, source)
    return bytes(source)[start..<offset].allSatisfy { $0 == 0x20 } ? offset - start : nil
  }

  /// The entries that stand in the mapping's own text, in its order.
  private func own(_ mapping: YAMLNode) -> [YAMLNode.Entry] {
    (mapping.entries ?? []).filter {
      $0.keySpan.source == mapping.span.source && mapping.span.range.contains($0.keySpan.range.lowerBound)
    }
    .sorted { $0.keySpan.range.lowerBound < $1.keySpan.range.lowerBound }
  }

  /// Takes entries out; nil where none would be left, or where one stands in another text than the mapping.
  func remove(_ keys: Set<SourceSpan>, of mapping: YAMLNode) -> [FixIt.Edit]? {
    let source = mapping.span.source
    let own = own(mapping)
    let isRemoved = own.map { keys.contains($0.keySpan) }
    guard !isOverride(mapping.span), isRemoved.count(where: { $0 }) == keys.count, isRemoved.contains(false)
    else {
      return nil
    }
    func start(_ index: Int) -> Int { own[index].keySpan.range.lowerBound }
    var edits: [FixIt.Edit] = []
    var index = 0
    while index < own.count {
      guard isRemoved[index] else {
        index += 1
        continue
      }
      var last = index
      let range: Range<Int>
      if !isFlow(mapping), indent(start(index), source) != nil {
        range = lines(start(index)..<end(of: own[index]), source)
      } else {
        while last + 1 < own.count, isRemoved[last + 1] { last += 1 }
        // The first of a mapping goes up to the next, any other from the one before.
        if last + 1 < own.count {
          range = start(index)..<start(last + 1)
        } else if index > 0 {
          range = end(of: own[index - 1])..<end(of: own[last])
        } else {
          return nil
        }
      }
      edits.append(replace(SourceSpan(source: source, range: range), by: ""))
      index = last + 1
    }
    return edits
  }

  /// The whole lines of a range with a line break: the one behind them, or of the file's last lines the one before.
  private func lines(_ range: Range<Int>, _ source: SourceID) -> Range<Int> {
    let text = bytes(source)
    let start = lineStart(range.lowerBound, source)
    let end = lineEnd(range.upperBound, source)
    if end < text.count { return start..<min(text.count, end + (text[end] == UInt8(ascii: "\r") ? 2 : 1)) }
    return max(0, start - 1)..<end
  }

  /// Adds an entry at the end of a mapping that has some; nil where it does not stand in one text.
  func add(_ text: String, to mapping: YAMLNode) -> FixIt.Edit? {
    guard mapping.entries != nil, !isOverride(mapping.span) else { return nil }
    let source = mapping.span.source
    let own = own(mapping)
    guard let first = own.first, let last = own.last else {
      return isFlow(mapping) ? replace(mapping.span, by: "{\(text)}") : nil
    }
    if isFlow(mapping) {
      let end = end(of: last)
      return replace(SourceSpan(source: source, range: end..<end), by: ", \(text)")
    }
    let column = sources.location(of: first.keySpan.range.lowerBound, in: source).column - 1
    let end = lineEnd(end(of: last), source)
    return replace(
      SourceSpan(source: source, range: end..<end), by: "\n" + String(repeating: " ", count: column) + text)
  }
}
