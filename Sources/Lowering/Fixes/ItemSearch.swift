import Diagnostics

/// Edits of a text's list items, each on lines of its own: one that stands twice is taken out, one that was
/// forgotten is written as it stands elsewhere.
struct ItemSearch {
  let diagnostic: Diagnostic
  let sources: SourceMap

  /// So many places, and so many items, are looked at.
  private static let mostPlaces = 40
  /// A text with more lines is written by a program.
  private static let mostLines = 5000

  /// An item of a list in block style: its dash, what follows it, and the lines that belong to it.
  private struct Item {
    var source: SourceID
    /// The line of its dash, counted from one, and its last one.
    var lines: ClosedRange<Int>
    /// How many blanks stand before the dash.
    var indent: Int
    /// What stands behind the dash, line by line, without the comments behind it and the list's own indentation.
    var texts: [String]
    /// The number of the list that it belongs to.
    var list: Int
  }

  /// One that repeats the item before it, or begins as the next one does, taken out; those nearest to the mistake
  /// first.
  var doubled: [FixIt] {
    let items = Self.items(in: sources)
    var found: [(distance: Int, fix: FixIt)] = []
    for (item, next) in zip(items, items.dropFirst())
    where item.list == next.list && item.source == next.source && next.texts.starts(with: item.texts) {
      let line = item.lines.lowerBound
      let fix = FixIt(
        item.lines.count == 1
          ? "take out line \(line)" : "take out lines \(line) to \(item.lines.upperBound)",
        edits: [.init(span: span(of: item), replacement: "")])
      found.append((distance(to: item), fix))
    }
    return found.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
      .map(\.element.fix)
  }

  /// One-line items of the model written once more, in the lists in which the mistake and what led to it stand.
  var forgotten: [FixIt] {
    let items = Self.items(in: sources)
    let lists = Set(items.filter { holdsMistake($0) }.map(\.list))
    var places: [String: Int] = [:]
    var templates: [(text: String, count: Int)] = []
    for item in items where item.texts.count == 1 {
      let place = places[item.texts[0], default: templates.count]
      if place == templates.count { templates.append((item.texts[0], 0)) }
      places[item.texts[0]] = place
      templates[place].count += 1
    }
    // A name can stand but once.
    templates.removeAll { $0.text.contains("name:") }
    let near = items.filter { lists.contains($0.list) }.map { (item: $0, distance: distance(to: $0)) }
      .sorted { ($0.distance, $0.item.lines.lowerBound) < ($1.distance, $1.item.lines.lowerBound) }
      .prefix(Self.mostPlaces)
    var last: [Int: Int] = [:]
    for item in items { last[item.list] = item.lines.lowerBound }
    var ranked: [(rank: Int, fix: FixIt)] = []
    for (item, distance) in near {
      let isLast = last[item.list] == item.lines.lowerBound
      for (order, template) in templates.prefix(Self.mostPlaces).enumerated() {
        let dashed = String(repeating: " ", count: item.indent) + "- " + template.text
        let rank = 4 * distance + order - template.count
        let start = sources.lineRange(item.lines.lowerBound, of: item.source).lowerBound
        ranked.append(
          (
            rank,
            insertion(
              "\(dashed)\n", at: start, item.source,
              "write `- \(template.text)` before line \(item.lines.lowerBound)")
          ))
        guard isLast else { continue }
        let end = sources.lineRange(item.lines.upperBound, of: item.source).upperBound
        ranked.append(
          (
            rank,
            insertion(
              "\n\(dashed)", at: end, item.source,
              "write `- \(template.text)` behind line \(item.lines.upperBound)")
          ))
      }
    }
    return ranked.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element.fix)
  }

  private func insertion(_ text: String, at offset: Int, _ source: SourceID, _ title: String) -> FixIt {
    FixIt(
      title, edits: [.init(span: SourceSpan(source: source, range: offset..<offset), replacement: text)])
  }

  // MARK: Places

  private var spans: [SourceSpan] {
    ([diagnostic.span] + diagnostic.notes.map(\.span)).compactMap { $0 } + diagnostic.steps.map(\.span)
  }

  private func holdsMistake(_ item: Item) -> Bool {
    spans.contains { $0.source == item.source && item.lines.contains(sources.start(of: $0).line) }
  }

  /// In lines.
  private func distance(to item: Item) -> Int {
    spans.filter { $0.source == item.source }.map { span in
      let line = sources.start(of: span).line
      return item.lines.contains(line)
        ? 0 : min(abs(item.lines.lowerBound - line), abs(item.lines.upperBound - line))
    }.min() ?? Int.max / 8
  }

  /// The item's lines with their line breaks.
  private func span(of item: Item) -> SourceSpan {
    let start = sources.lineRange(item.lines.lowerBound, of: item.source).lowerBound
    let next = sources.lineRange(item.lines.upperBound + 1, of: item.source).lowerBound
    return SourceSpan(source: item.source, range: start..<next)
  }

  // MARK: Reading

  /// The items of all files, in their order.
  private static func items(in sources: SourceMap) -> [Item] {
    var items: [Item] = []
    var lists = 0
    for (index, source) in sources.sources.enumerated() where !source.isOverride {
      let id = sources.identifier(at: index)
      guard sources.location(of: source.text.count, in: id).line <= mostLines else { continue }
      // The items that are still open, outermost first: what is indented further belongs to them.
      var open: [(item: Item, list: Int)] = []
      var last: [Int: Int] = [:]
      func close(downTo indent: Int) {
        while let top = open.last, top.item.indent >= indent { items.append(open.removeLast().item) }
      }
      let lineCount = sources.location(of: source.text.count, in: id).line
      for number in 1...lineCount {
        let text = withoutComment(sources.line(number, of: id))
        let content = text.drop { $0 == " " }
        if content.isEmpty { continue }
        let indent = text.count - content.count
        close(downTo: content.hasPrefix("- ") ? indent : indent + (content.hasPrefix("-") ? 0 : 1) - 1)
        for place in open.indices {
          open[place].item.lines = open[place].item.lines.lowerBound...number
          open[place].item.texts.append(String(text.dropFirst(open[place].item.indent)))
        }
        // A list ends where something stands further to the left.
        last = last.filter { $0.key <= indent && (content.hasPrefix("- ") || $0.key < indent) }
        guard content.hasPrefix("- ") else { continue }
        let list: Int
        if let known = last[indent] {
          list = known
        } else {
          lists += 1
          list = lists
          last[indent] = list
        }
        let item = Item(
          source: id, lines: number...number, indent: indent, texts: [String(content.dropFirst(2))],
          list: list)
        open.append((item, list))
      }
      close(downTo: 0)
    }
    return items.sorted { ($0.source.index, $0.lines.lowerBound) < ($1.source.index, $1.lines.lowerBound) }
  }

  /// A line up to a comment, without the blanks at its end.
  private static func withoutComment(_ line: String) -> Substring {
    var text = Substring(line)
    if let start = line.ranges(of: " #").first?.lowerBound { text = line[..<start] }
    if text.drop(while: { $0 == " " }).hasPrefix("#") { text = "" }
    while text.last == " " { text.removeLast() }
    return text
  }
}
