import Diagnostics

/// Brackets that do not match, and lines that are indented too little or too much.
extension TextRepairs {
  // MARK: Brackets

  private struct Bracket {
    var byte: UInt8
    var offset: Int
    var line: Int
  }

  private static func closing(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
  }

  private static func name(_ byte: UInt8) -> String { "`\(String(decoding: [byte], as: UTF8.self))`" }

  /// Whether a line begins as only a line of block style does, so that no bracket is open above it.
  private func beginsBlock(_ index: Int) -> Bool {
    let content = lines.content(index)
    if content.hasPrefix("- ") { return true }
    let word = content.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return !word.isEmpty && content.dropFirst(word.count).first == ":" && lines.indent(index) <= 2
  }

  func brackets() -> [TextRepair] {
    var open: [Bracket] = []
    for index in lines.lines.indices where !lines.lines[index].isEmpty {
      if let first = open.first, index > first.line, beginsBlock(index),
        lines.indent(index) <= lines.indent(first.line)
      {
        return unclosed(open, before: index)
      }
      for character in lines.plain(index) {
        switch character.byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          open.append(Bracket(byte: character.byte, offset: character.offset, line: index))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard let last = open.last else { return [extra(character)] }
          if Self.closing(last.byte) == character.byte {
            open.removeLast()
          } else if open.dropLast().contains(where: { Self.closing($0.byte) == character.byte }) {
            return [missing(last, at: character.offset)]
          } else {
            return [wrong(last, character)]
          }
        default: break
        }
      }
    }
    return open.isEmpty ? [] : unclosed(open, before: lines.lines.count)
  }

  /// Brackets that are open where a line of block style begins.
  private func unclosed(_ open: [Bracket], before index: Int) -> [TextRepair] {
    guard let first = open.first else { return [] }
    let closing = String(decoding: open.reversed().map { Self.closing($0.byte) }, as: UTF8.self)
    let last = lines.before(index) ?? first.line
    var places = [lines.lines[first.line].end]
    if last != first.line { places.append(lines.lines[last].end) }
    return places.map { end in
      // A comma at the end belongs to what would have followed.
      let start = end > 0 && text[end - 1] == UInt8(ascii: ",") ? end - 1 : end
      return TextRepair(
        .yamlUnclosed, at: first.offset..<first.offset + 1, in: source, ["what": Self.name(first.byte)],
        "write `\(closing)` at the end of \(end == places[0] ? "its line" : "line \(last + 1)")",
        [(start..<end, closing)])
    }
  }

  private func extra(_ character: TextLines.Character) -> TextRepair {
    TextRepair(
      .yamlSyntax, at: character.offset..<character.offset + 1, in: source,
      ["problem": "\(Self.name(character.byte)) closes nothing"], "leave it out",
      [(character.offset..<character.offset + 1, "")])
  }

  private func missing(_ open: Bracket, at offset: Int) -> TextRepair {
    let closing = String(decoding: [Self.closing(open.byte)], as: UTF8.self)
    return TextRepair(
      .yamlUnclosed, at: open.offset..<open.offset + 1, in: source, ["what": Self.name(open.byte)],
      "write `\(closing)` where it ends", [(offset..<offset, closing)])
  }

  private func wrong(_ open: Bracket, _ character: TextLines.Character) -> TextRepair {
    let closing = Self.closing(open.byte)
    return TextRepair(
      .yamlSyntax, at: character.offset..<character.offset + 1, in: source,
      [
        "problem":
          "\(Self.name(character.byte)) stands here, where \(Self.name(closing)) closes \(Self.name(open.byte))"
      ],
      "write \(Self.name(closing))",
      [(character.offset..<character.offset + 1, String(decoding: [closing], as: UTF8.self))],
      notes: [
        .init("it is opened here", at: SourceSpan(source: source, range: open.offset..<open.offset + 1))
      ])
  }

  // MARK: Indentation

  /// A line, alone or with those that stand below it, indented as lines around it are.
  func indentations(_ index: Int) -> [TextRepair] {
    guard !lines.lines[index].isEmpty else { return [] }
    let own = lines.indent(index)
    var around: [Int] = []
    func add(_ other: Int?) {
      if let other, lines.indent(other) != own, !around.contains(lines.indent(other)) {
        around.append(lines.indent(other))
      }
    }
    // Lines that begin alike, items or keys, are what it most likely belongs to.
    let isItem = lines.content(index).hasPrefix("- ")
    var candidates: [Int] = []
    var before = lines.before(index)
    var behind = lines.behind(index)
    for _ in 0..<6 {
      candidates += [before, behind].compactMap { $0 }
      before = before.flatMap(lines.before)
      behind = behind.flatMap(lines.behind)
    }
    for candidate in candidates where lines.content(candidate).hasPrefix("- ") == isItem { add(candidate) }
    for candidate in candidates { add(candidate) }
    if let parent = lines.before(index) {
      // Below a key that has nothing yet, or beside an item's name.
      for step in [2, 4] where !around.contains(lines.indent(parent) + step) {
        around.append(lines.indent(parent) + step)
      }
    }
    var moves = [index..<index + 1]
    for moved in [block(index, own), run(index, own)] where !moves.contains(moved) { moves.append(moved) }
    return around.prefix(4).flatMap { target in moves.map { indentation($0, from: own, to: target) } }
  }

  /// The line with the deeper ones below it.
  private func block(_ index: Int, _ own: Int) -> Range<Int> {
    var end = index + 1
    while end < lines.lines.count, lines.lines[end].isEmpty || lines.indent(end) > own { end += 1 }
    return index..<end
  }

  /// All lines from it on that are indented as much or more.
  private func run(_ index: Int, _ own: Int) -> Range<Int> {
    var end = index + 1
    while end < lines.lines.count, lines.lines[end].isEmpty || lines.indent(end) >= own { end += 1 }
    return index..<end
  }

  private func indentation(_ moved: Range<Int>, from own: Int, to target: Int) -> TextRepair {
    var edits: [(range: Range<Int>, text: String)] = []
    for index in moved where !lines.lines[index].isEmpty {
      let start = lines.lines[index].range.lowerBound
      if target > own {
        edits.append((start..<start, String(repeating: " ", count: target - own)))
      } else {
        edits.append((start..<start + own - target, ""))
      }
    }
    let line = lines.lines[moved.lowerBound]
    let others = edits.count == 1 ? "" : ", and \(edits.count - 1) below it alike"
    return TextRepair(
      .yamlIndentation, at: line.start..<line.end, in: source,
      ["what": "this line is indented by \(own), and those that it belongs to by \(target)"],
      "indent it by \(target)\(others)", edits)
  }
}
