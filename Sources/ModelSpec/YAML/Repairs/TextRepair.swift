import Diagnostics

/// A guess at a slip of the text: what is wrong in plain words, and the edits that mend it. Whether it is right shows
/// when the mended text is read.
struct TextRepair {
  var diagnostic: Diagnostic
  var edits: [FixIt.Edit]
  /// Where the slip stands.
  let start: Int

  init(
    _ kind: DiagnosticKind, at range: Range<Int>, in source: SourceID,
    _ arguments: KeyValuePairs<String, String>, _ title: String, _ edits: [(range: Range<Int>, text: String)],
    notes: [Diagnostic.Note] = []
  ) {
    start = range.lowerBound
    self.edits = edits.map {
      FixIt.Edit(span: SourceSpan(source: source, range: $0.range), replacement: $0.text)
    }
    diagnostic = Diagnostic(
      kind, at: SourceSpan(source: source, range: range), arguments, notes: notes,
      fixes: [FixIt(title, edits: self.edits)])
  }

  /// A text with several repairs made; nil where they overlap.
  static func text(_ text: [UInt8], with repairs: [TextRepair]) -> [UInt8]? {
    var text = text
    var end = text.count
    for edit in repairs.flatMap(\.edits).sorted(by: { $0.span.range.lowerBound > $1.span.range.lowerBound }) {
      guard edit.span.range.upperBound <= end else { return nil }
      text.replaceSubrange(edit.span.range, with: Array(edit.replacement.utf8))
      end = edit.span.range.lowerBound
    }
    return text
  }
}

extension TextRepair {
  /// Where an offset of the mended text lies in the text as it was.
  static func offset(_ offset: Int, before repairs: [TextRepair]) -> Int {
    var moved = offset
    for edit in repairs.flatMap(\.edits).sorted(by: { $0.span.range.lowerBound < $1.span.range.lowerBound }) {
      guard edit.span.range.lowerBound < moved else { break }
      moved = max(edit.span.range.lowerBound, moved - edit.replacement.utf8.count + edit.span.range.count)
    }
    return moved
  }
}

/// Guesses at the slips of a text that has mistakes, the likeliest first.
struct TextRepairs {
  let lines: TextLines
  let source: SourceID
  var text: [UInt8] { lines.text }

  /// More guesses than that are not worth the time that it takes to try them.
  static let limit = 72

  init(_ text: [UInt8], source: SourceID) {
    lines = TextLines(text)
    self.source = source
  }

  /// Of a text that is not YAML. The line of the mistake is where the parser gave up, mostly below the slip.
  ///
  /// - Parameter offsets: Where it gave up, and where what it was reading began.
  func ofSyntax(at offsets: [Int]) -> [TextRepair] {
    let places = offsets.map(lines.index)
    var near: [Int] = []
    for place in places {
      for index in [place, lines.before(place), lines.behind(place)] {
        if let index, !near.contains(index) { near.append(index) }
      }
    }
    var repairs = [tabs(2), tabs(4), tabs(8), lookAlikes(), comments()].compactMap { $0 }
    repairs += brackets()
    for index in near {
      repairs += [
        missingBlanks(index), missingDashBlank(index), equalsSigns(index), missingColon(index),
        missingComma(index), strayEnd(index), openQuote(index), colonInValue(index), strangeStart(index),
      ].compactMap { $0 }
    }
    for index in near { repairs += indentations(index) }
    return Array(repairs.prefix(Self.limit))
  }

  /// Of a text that is YAML, but not the model that was meant.
  ///
  /// - Parameter offsets: Where its mistakes are.
  func ofStructure(at offsets: [Int]) -> [TextRepair] {
    var repairs = [lookAlikes(), comments()].compactMap { $0 }
    var seen: Set<Int> = []
    for index in offsets.map(lines.index) where seen.insert(index).inserted {
      repairs += [missingBlanks(index), equalsSigns(index), strayEnd(index)].compactMap { $0 }
    }
    return Array(repairs.prefix(8))
  }

  // MARK: Characters

  private func tabs(_ width: Int) -> TextRepair? {
    var edits: [(Range<Int>, String)] = []
    for line in lines.lines {
      let leading = line.range.lowerBound..<line.start
      guard text[leading].contains(UInt8(ascii: "\t")) else { continue }
      var blanks = ""
      for byte in text[leading] {
        blanks += byte == UInt8(ascii: "\t") ? String(repeating: " ", count: width) : " "
      }
      edits.append((leading, blanks))
    }
    guard let first = edits.first, let tab = text[first.0].firstIndex(of: UInt8(ascii: "\t")) else {
      return nil
    }
    return TextRepair(
      .yamlSyntax, at: tab..<tab + 1, in: source, ["problem": "a tab stands here, where YAML wants blanks"],
      "write \(width) blanks in place of each tab of \(count(edits.count, "line"))", edits)
  }

  private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  /// Characters that word processors, chat programs and other keyboards write in place of those that are meant.
  private static let likenesses: [(scalars: String, meant: String)] = [
    ("\u{00A0}\u{2007}\u{202F}\u{2002}\u{2003}\u{2009}\u{3000}", " "),
    ("\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{00AD}", ""),
    ("“”„‟«»＂", "\""), ("‘’‚‛＇`´", "'"), ("–—−‐‑‒﹣－", "-"), ("：﹕꞉", ":"), ("，、", ","), ("（", "("),
    ("）", ")"), ("［【", "["), ("］】", "]"), ("｛", "{"), ("｝", "}"), ("＃", "#"), ("×", "*"), ("÷", "/"),
    ("＝", "="),
    ("＿", "_"), ("．", "."), ("＊∗", "*"), ("•", "-"),
  ]

  private static func meant(_ scalar: Unicode.Scalar) -> String? {
    if (0xFF10...0xFF19).contains(scalar.value) { return "\(scalar.value - 0xFF10)" }
    return likenesses.first { $0.scalars.unicodeScalars.contains(scalar) }?.meant
  }

  private func lookAlikes() -> TextRepair? {
    var edits: [(range: Range<Int>, text: String)] = []
    var first: Unicode.Scalar?
    for index in lines.lines.indices {
      let line = lines.lines[index]
      guard text[line.range.lowerBound..<line.end].contains(where: { $0 >= 0x80 || $0 == UInt8(ascii: "`") })
      else { continue }
      var offset = line.range.lowerBound
      for scalar in String(decoding: text[line.range.lowerBound..<line.end], as: UTF8.self).unicodeScalars {
        let length = UTF8.width(scalar)
        defer { offset += length }
        guard let meant = Self.meant(scalar) else { continue }
        if first == nil { first = scalar }
        // YAML's colon needs a blank behind it.
        let next = offset + length < line.end ? text[offset + length] : 0x20
        let isColon = meant == ":" && scalar.value > 0x80 && next != 0x20
        edits.append((offset..<offset + length, isColon ? ": " : meant))
      }
    }
    guard let place = edits.first, let scalar = first else { return nil }
    let hex = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    let meant = place.text.trimmingBlanks
    let name = meant.isEmpty ? "a blank" : "`\(meant)`"
    return TextRepair(
      .yamlLookAlike, at: place.range, in: source,
      ["character": code, "meant": place.text.isEmpty ? "nothing" : name],
      "write the characters that are meant, in \(count(edits.count, "place"))", edits)
  }

  /// `// words` in place of `# words`.
  private func comments() -> TextRepair? {
    var edits: [(range: Range<Int>, text: String)] = []
    for index in lines.lines.indices {
      let plain = lines.plain(index)
      for (place, character) in plain.enumerated() where character.byte == UInt8(ascii: "/") {
        guard place + 1 < plain.count, plain[place + 1].byte == UInt8(ascii: "/"),
          plain[place + 1].offset == character.offset + 1
        else { continue }
        let isFirst = character.offset == lines.lines[index].start
        let previous = isFirst ? 0x20 : text[character.offset - 1]
        guard previous == 0x20 || previous == 0x09 else { continue }
        edits.append((character.offset..<character.offset + 2, "#"))
        break
      }
    }
    guard let first = edits.first else { return nil }
    return TextRepair(
      .yamlComment, at: first.range, in: source, [:],
      "write `#` for `//` in \(count(edits.count, "line"))", edits)
  }

  // MARK: Blanks, colons, commas

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ".")
  }

  /// The words of a line that a character follows: `kernel_size` before `:4`.
  private func words(_ index: Int, before byte: UInt8) -> [(word: Range<Int>, offset: Int)] {
    let line = lines.lines[index]
    return lines.plain(index).compactMap { character in
      guard character.byte == byte else { return nil }
      var start = character.offset
      while start > line.start, text[start - 1] == 0x20, byte != UInt8(ascii: ":") { start -= 1 }
      let end = start
      while start > line.start, Self.isWord(text[start - 1]) { start -= 1 }
      guard start < end, (97...122).contains(text[start] | 0x20) else { return nil }
      let previous = start == line.start ? 0x20 : text[start - 1]
      guard
        [0x20, UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "-")].contains(previous)
      else { return nil }
      return (start..<end, character.offset)
    }
  }

  /// `kernel_size:4`
  private func missingBlanks(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    let found = words(index, before: UInt8(ascii: ":")).filter { item in
      let next = item.offset + 1
      return next < line.end
        && ![0x20, 0x09, UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "\\")].contains(text[next])
    }
    guard let first = found.first else { return nil }
    let word = String(decoding: text[first.word], as: UTF8.self)
    var end = first.offset + 1
    while end < line.end, Self.isWord(text[end]) { end += 1 }
    return TextRepair(
      .yamlMissingBlank, at: first.word.lowerBound..<max(end, first.offset + 1), in: source,
      ["what": "the colon of `\(word)`"],
      end == first.offset + 1
        ? "write a blank behind the colon"
        : "write `\(word): \(String(decoding: text[first.offset + 1..<end], as: UTF8.self))`",
      found.map { ($0.offset + 1..<$0.offset + 1, " ") })
  }

  /// `-relu`
  private func missingDashBlank(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    guard line.start + 1 < line.end, text[line.start] == UInt8(ascii: "-") else { return nil }
    let next = text[line.start + 1]
    guard (97...122).contains(next | 0x20) || next == UInt8(ascii: "{") || next == UInt8(ascii: "[") else {
      return nil
    }
    return TextRepair(
      .yamlMissingBlank, at: line.start..<line.start + 2, in: source, ["what": "the dash of an item"],
      "write a blank behind the dash", [(line.start + 1..<line.start + 1, " ")])
  }

  /// `latent = 100`
  private func equalsSigns(_ index: Int) -> TextRepair? {
    let found = words(index, before: UInt8(ascii: "=")).filter { item in
      item.offset + 1 >= text.count || text[item.offset + 1] != UInt8(ascii: "=")
    }
    // Of a call the `=` are its own.
    guard let first = found.first, !lines.content(index).contains("(") else { return nil }
    let word = String(decoding: text[first.word], as: UTF8.self)
    let edits = found.map { item in
      var end = item.offset + 1
      while end < text.count, text[end] == 0x20 { end += 1 }
      return (item.word.upperBound..<end, ": ")
    }
    return TextRepair(
      .yamlSyntax, at: first.offset..<first.offset + 1, in: source,
      ["problem": "`=` stands behind `\(word)`, where a colon is meant"], "write `\(word):`", edits)
  }

  /// `train` alone above lines that belong to it, or `conv2d {…}`.
  private func missingColon(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    let content = lines.content(index)
    let body = content.hasPrefix("- ") ? content.dropFirst(2) : Substring(content)
    let word = body.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    guard !word.isEmpty else { return nil }
    let rest = body.dropFirst(word.count)
    let end = line.start + (content.utf8.count - body.utf8.count) + word.utf8.count
    let isHead =
      rest.isEmpty
      && lines.behind(index).map {
        lines.indent($0) > lines.indent(index) || lines.content($0).hasPrefix("- ")
      } == true
    let isFollowed =
      rest.hasPrefix(" {") || rest.hasPrefix(" [") || rest.hasPrefix("{") || rest.hasPrefix("[")
    let isValue =
      rest.hasPrefix(" ") && !rest.contains(":") && rest.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    guard isHead || isFollowed || isValue else { return nil }
    return TextRepair(
      .yamlSyntax, at: end - word.utf8.count..<end, in: source,
      ["problem": "a colon is missing behind `\(word)`"], "write `\(word):`",
      [(end..<end, rest.hasPrefix("{") || rest.hasPrefix("[") ? ": " : ":")])
  }

  /// `{out_channels: 8 kernel_size: 4}`
  private func missingComma(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    var edits: [(Range<Int>, String)] = []
    var first: Range<Int>?
    for (word, _) in words(index, before: UInt8(ascii: ":")) {
      guard text[line.start..<word.lowerBound].contains(UInt8(ascii: "{")) else { continue }
      var end = word.lowerBound
      while end > line.start, text[end - 1] == 0x20 { end -= 1 }
      guard end < word.lowerBound, end > line.start,
        ![UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":")].contains(text[end - 1])
      else { continue }
      if first == nil { first = word }
      edits.append((end..<end, ","))
    }
    guard let first else { return nil }
    let word = String(decoding: text[first], as: UTF8.self)
    return TextRepair(
      .yamlSyntax, at: first, in: source, ["problem": "a comma is missing in front of `\(word)`"],
      "write a comma in front of `\(word)`", edits)
  }

  /// A comma or a semicolon behind an item.
  private func strayEnd(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    guard !line.isEmpty, text[line.end - 1] == UInt8(ascii: ",") || text[line.end - 1] == UInt8(ascii: ";")
    else { return nil }
    let mark = text[line.end - 1] == UInt8(ascii: ",") ? "comma" : "semicolon"
    return TextRepair(
      .yamlSyntax, at: line.end - 1..<line.end, in: source,
      ["problem": "a \(mark) stands at the end of the line, where none is needed"], "leave the \(mark) out",
      [(line.end - 1..<line.end, "")])
  }

  private func openQuote(_ index: Int) -> TextRepair? {
    guard let open = lines.openQuotes.first(where: { lines.index(of: $0) <= index }) else { return nil }
    let line = lines.lines[lines.index(of: open)]
    var end = line.range.upperBound
    while end > open + 1,
      [0x20, UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ",")].contains(text[end - 1])
    { end -= 1 }
    let quote = String(decoding: text[open...open], as: UTF8.self)
    return TextRepair(
      .yamlUnclosed, at: open..<open + 1, in: source, ["what": "the quote"],
      "close the quote with `\(quote)`", [(end..<end, quote)])
  }

  /// `name: dcgan: the second`
  private func colonInValue(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    let content = lines.content(index)
    guard let colon = content.range(of: ": "), content[colon.upperBound...].contains(":"),
      !"{[\"'".contains(content[colon.upperBound...].first ?? "{")
    else { return nil }
    let start = line.start + content[..<colon.upperBound].utf8.count
    return TextRepair(
      .yamlSyntax, at: start..<line.end, in: source,
      ["problem": "a value with a colon in it needs quotes"], "put quotes around the value",
      [(start..<start, "\""), (line.end..<line.end, "\"")])
  }

  /// A value that begins with a character that YAML keeps for itself.
  private func strangeStart(_ index: Int) -> TextRepair? {
    let line = lines.lines[index]
    let content = lines.content(index)
    guard let colon = content.range(of: ": "), let first = content[colon.upperBound...].first,
      "@`%".contains(first)
    else { return nil }
    let start = line.start + content[..<colon.upperBound].utf8.count
    return TextRepair(
      .yamlSyntax, at: start..<line.end, in: source,
      ["problem": "a value that begins with `\(first)` needs quotes"], "put quotes around the value",
      [(start..<start, "\""), (line.end..<line.end, "\"")])
  }
}

extension String {
  /// The first place of a text in it.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
