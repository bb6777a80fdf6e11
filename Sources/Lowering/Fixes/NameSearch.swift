import Diagnostics

/// For a name that nothing has: names that are much like it and stand in the text but once, where a definition
/// was misspelled, written as it is.
struct NameSearch {
  let diagnostic: Diagnostic
  let sources: SourceMap

  var candidates: [FixIt] {
    guard let name = diagnostic.arguments.first(where: { $0.name == "name" })?.value, isWord(name) else {
      return []
    }
    var fixes: [FixIt] = []
    for (index, source) in sources.sources.enumerated() where !source.isOverride {
      let id = sources.identifier(at: index)
      var places: [String: [Range<Int>]] = [:]
      var order: [String] = []
      for range in words(in: source.text) {
        let word = String(decoding: source.text[range], as: UTF8.self)
        if places[word] == nil { order.append(word) }
        places[word, default: []].append(range)
      }
      let once = order.filter { places[$0]?.count == 1 && $0 != name }
      guard let near = nearestName(to: name, among: once), let range = places[near]?.first else { continue }
      let span = SourceSpan(source: id, range: range)
      fixes.append(
        FixIt(
          "write `\(name)` for `\(near)` in line \(sources.start(of: span).line)",
          edits: [.init(span: span, replacement: name)]))
    }
    return fixes
  }

  private func isWord(_ text: String) -> Bool { words(in: Array(text.utf8)) == [0..<text.utf8.count] }

  /// The names in a text, without those of comments.
  private func words(in text: [UInt8]) -> [Range<Int>] {
    func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) || byte == UInt8(ascii: "_") }
    func isPart(_ byte: UInt8) -> Bool { isLetter(byte) || (48...57).contains(byte) }
    var ranges: [Range<Int>] = []
    var start = 0
    while start < text.count {
      if text[start] == UInt8(ascii: "#") {
        start = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      }
      guard start < text.count, isPart(text[start]) else {
        start += 1
        continue
      }
      var end = start
      while end < text.count, isPart(text[end]) { end += 1 }
      if isLetter(text[start]) { ranges.append(start..<end) }
      start = end
    }
    return ranges
  }
}
