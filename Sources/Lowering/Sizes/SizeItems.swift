import Diagnostics
import ModelSpec

/// A network's list as it is written: its elements, and the groups that they form.
///
/// A group begins with an element that changes the size, and goes on with those that do not: a convolution,
/// its norm and its activation.
struct SizeItems {
  struct Item {
    var span: SourceSpan
    /// The steps of the chain that came out of it.
    var steps: Range<Int>
    /// The size before and behind it; equal where it keeps the size.
    var changesSize: Bool
    /// How much larger it makes images, about; one where it keeps the size, or makes it what it is.
    var ratio: Axes<Double>
    /// Whether the image is made here, out of a vector or a single pixel.
    var isStart: Bool
  }

  let items: [Item]
  /// Ranges of items.
  let groups: [Range<Int>]

  init(_ chain: SizeChain) {
    var items: [Item] = []
    var start = 0
    let lastWindow = chain.steps.last { $0.maps.height.window != nil }?.layer.name
    let sizes = Axes(chain.sizes(.height), chain.sizes(.width))
    while start < chain.steps.count {
      let span = chain.steps[start].layer.item
      var end = start
      while end < chain.steps.count, chain.steps[end].layer.item == span { end += 1 }
      let maps = chain.steps[start..<end]
      func ratio(_ axis: Axis) -> Double {
        guard let large = maps.map({ $0.maps[axis] }).composed(64) else { return 1 }
        return Double(large) / 64
      }
      let ratios = Axes(ratio(.height), ratio(.width))
      let isStart =
        maps.contains { if case .constant = $0.maps.height { true } else { false } }
        || (start < min(sizes.height.count, sizes.width.count) && sizes.height[start] == 1
          && sizes.width[start] == 1
          && items.allSatisfy { !$0.changesSize })
      // The last window of a network that gives one score sees the whole image.
      let isWhole =
        chain.goal == Axes(1, 1) && chain.steps[start..<end].contains { $0.layer.name == lastWindow }
      items.append(
        Item(
          span: span, steps: start..<end,
          changesSize: isStart || isWhole || abs(ratios.height - 1) > 0.26 || abs(ratios.width - 1) > 0.26,
          ratio: ratios,
          isStart: isStart))
      start = end
    }
    var groups: [Range<Int>] = []
    for index in items.indices where items[index].changesSize || groups.isEmpty {
      if let last = groups.last { groups[groups.count - 1] = last.lowerBound..<index }
      groups.append(index..<items.count)
    }
    self.items = items
    self.groups = groups
  }
}

/// Edits of a list's elements, in lines of their own or between commas.
struct ItemEdits {
  let sources: SourceMap

  /// The edits that write elements once more, or others, behind an element.
  func insert(_ texts: [String], behind item: SourceSpan) -> [FixIt.Edit]? {
    if let place = lines(of: item) {
      let text = texts.map { "\n\(place.indent)- \($0)" }.joined()
      return [edit(place.end..<place.end, text, item)]
    }
    guard isInFlow(item) else { return nil }
    let end = item.range.upperBound
    return [edit(end..<end, texts.map { ", \($0)" }.joined(), item)]
  }

  func insert(_ texts: [String], before item: SourceSpan) -> [FixIt.Edit]? {
    if let place = lines(of: item) {
      let text = texts.map { "\(place.indent)- \($0)\n" }.joined()
      return [edit(place.start..<place.start, text, item)]
    }
    guard isInFlow(item) else { return nil }
    let start = item.range.lowerBound
    return [edit(start..<start, texts.map { "\($0), " }.joined(), item)]
  }

  func remove(_ item: SourceSpan) -> [FixIt.Edit]? {
    let text = sources.sources[item.source.index].text
    if let place = lines(of: item) {
      // The line break before it goes, too.
      return [edit(max(0, place.start - 1)..<place.end, "", item)]
    }
    guard isInFlow(item) else { return nil }
    var end = item.range.upperBound
    while end < text.count, text[end] == UInt8(ascii: " ") { end += 1 }
    if end < text.count, text[end] == UInt8(ascii: ",") {
      end += 1
      while end < text.count, text[end] == UInt8(ascii: " ") { end += 1 }
      return [edit(item.range.lowerBound..<end, "", item)]
    }
    var start = item.range.lowerBound
    while start > 0, text[start - 1] == UInt8(ascii: " ") { start -= 1 }
    guard start > 0, text[start - 1] == UInt8(ascii: ",") else { return nil }
    return [edit(start - 1..<item.range.upperBound, "", item)]
  }

  /// Whether it stands between the commas of a list in brackets.
  private func isInFlow(_ item: SourceSpan) -> Bool {
    let text = sources.sources[item.source.index].text
    let before = text[..<item.range.lowerBound].last { !" \n\r\t".utf8.contains($0) }
    return before == UInt8(ascii: "[") || before == UInt8(ascii: ",")
  }

  /// The lines of an element, and what stands before its dash; nil where it shares them with another.
  private func lines(of span: SourceSpan) -> (start: Int, end: Int, indent: String)? {
    let first = sources.lineRange(sources.start(of: span).line, of: span.source)
    let last = sources.lineRange(sources.end(of: span).line, of: span.source)
    let text = sources.sources[span.source.index].text
    let before = text[first.lowerBound..<max(first.lowerBound, span.range.lowerBound)]
    let after = text[min(span.range.upperBound, last.upperBound)..<last.upperBound]
    let indent = before.prefix { $0 == UInt8(ascii: " ") }
    let dash = before.dropFirst(indent.count)
    guard dash.first == UInt8(ascii: "-"), dash.count > 1,
      dash.dropFirst().allSatisfy({ $0 == UInt8(ascii: " ") }),
      after.drop(while: { $0 == UInt8(ascii: " ") }).first.map({ $0 == UInt8(ascii: "#") }) != false
    else { return nil }
    return (first.lowerBound, last.upperBound, String(decoding: indent, as: UTF8.self))
  }

  private func edit(_ range: Range<Int>, _ replacement: String, _ span: SourceSpan) -> FixIt.Edit {
    FixIt.Edit(span: SourceSpan(source: span.source, range: range), replacement: replacement)
  }
}
