import Diagnostics
import ModelSpec

/// Edits that give a layer an attribute that is not written.
struct AttributeEdits {
  let sources: SourceMap

  /// - Parameter text: `bias: false`
  func add(_ text: String, to layer: LayerSpec) -> FixIt.Edit? {
    let spans = layer.kind.attributes.values.compactMap(\.span).filter { $0.source == layer.span.source }
    guard let name = layer.kind.name.span, name.source == layer.span.source else { return nil }
    let bytes = sources.sources[name.source.index].text
    guard let last = spans.max(by: { $0.range.upperBound < $1.range.upperBound }) else {
      // The name alone.
      return edit(name.range.upperBound, ": {\(text)}", name.source)
    }
    guard layer.span.range.contains(last.range.lowerBound),
      last.range.upperBound <= layer.span.range.upperBound
    else {
      return nil
    }
    var place = name.range.upperBound
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == UInt8(ascii: ":") { place += 1 }
    guard place < bytes.count else { return nil }
    if place == last.range.lowerBound {
      // The primary attribute's value alone.
      guard let primary = layer.kind.attributes.first(where: { $0.value.span == last })?.key else {
        return nil
      }
      let value = String(decoding: bytes[last.range], as: UTF8.self)
      return FixIt.Edit(span: last, replacement: "{\(primary): \(value), \(text)}")
    }
    if bytes[place] == UInt8(ascii: "{") { return edit(last.range.upperBound, ", \(text)", name.source) }
    // A line for each attribute.
    let line = sources.lineRange(sources.start(of: last).line, of: name.source)
    guard line.lowerBound > name.range.upperBound else { return nil }
    let indent = bytes[line].prefix { $0 == 0x20 }.count
    return edit(
      line.upperBound,
      text.split(separator: ", ").map { "\n" + String(repeating: " ", count: indent) + $0 }.joined(),
      name.source)
  }

  private func edit(_ place: Int, _ text: String, _ source: SourceID) -> FixIt.Edit {
    FixIt.Edit(span: SourceSpan(source: source, range: place..<place), replacement: text)
  }
}
