import Diagnostics
import ModelSpec

/// Edits of a list of layers whose items stand on lines of their own.
struct ListEdits {
  let sources: SourceMap

  /// The lines of an item, and what stands before its dash; nil where it shares them with another.
  private func lines(
    of span: SourceSpan
  ) -> (start: Int, end: Int, indent: String)? {
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

  /// Adds an item before the one that a layer is.
  func insert(_ item: String, before layer: LayerSpec) -> [FixIt.Edit] {
    guard let place = lines(of: layer.span) else { return [] }
    return [edit(place.start..<place.start, "\(place.indent)- \(item)\n", layer.span)]
  }

  /// Adds an item after the one that a layer is.
  func insert(_ item: String, after layer: LayerSpec) -> [FixIt.Edit] {
    guard layer.expansion.isEmpty, let place = lines(of: layer.span) else { return [] }
    return [edit(place.end..<place.end, "\n\(place.indent)- \(item)", layer.span)]
  }

  /// Takes out the item that a layer is.
  func remove(_ layer: LayerSpec) -> [FixIt.Edit] {
    guard layer.expansion.isEmpty, let place = lines(of: layer.span) else { return [] }
    // The line break before it goes, too; the first line has none, and a list none on the first line.
    return [edit(max(0, place.start - 1)..<place.end, "", layer.span)]
  }

  /// Puts keys before a list, whose key then holds a mapping: `key:` and `layers:` above the first item.
  func insertKeys(_ keys: [String], beforeListOf layer: LayerSpec) -> [FixIt.Edit] {
    let span = layer.expansion.last?.span ?? layer.span
    guard let place = lines(of: span) ?? lines(of: layer.span), !place.indent.isEmpty else { return [] }
    let text = keys.map { "\(place.indent)\($0)\n" }.joined()
    return [edit(place.start..<place.start, text, span)]
  }

  private func edit(_ range: Range<Int>, _ replacement: String, _ span: SourceSpan) -> FixIt.Edit {
    FixIt.Edit(span: SourceSpan(source: span.source, range: range), replacement: replacement)
  }
}
