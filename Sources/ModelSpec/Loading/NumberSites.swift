import Diagnostics

/// A whole number of a model's text that decides what its networks are.
public struct NumberSite: Sendable {
  public var span: SourceSpan
  public var value: Int
  /// The key whose value holds it: `kernel_size`, or a variable's name.
  public var key: String

  /// The numbers in the values of `let`, of the blocks and of the networks, in the order of the text.
  public static func all(in sources: SourceMap) -> [NumberSite] {
    var sites: [NumberSite] = []
    // An alias stands for what is found at its anchor.
    var seen: Set<SourceSpan> = []
    for (index, source) in sources.sources.enumerated() where !source.isOverride {
      var bag = DiagnosticBag()
      let id = sources.identifier(at: index)
      guard let root = YAMLParser.parse(source.text, source: id, into: &bag) else { continue }
      let other = ["name", "image", "latent", "init", "train", "extends"]
      for entry in root.entries ?? [] where !other.contains(entry.key) {
        append(entry.value, entry.key, source.text, to: &sites, &seen)
      }
    }
    return sites
  }

  private static func append(
    _ node: YAMLNode, _ key: String, _ text: [UInt8], to sites: inout [NumberSite],
    _ seen: inout Set<SourceSpan>
  ) {
    switch node.content {
    case .mapping(let entries):
      for entry in entries where entry.key != "name" && entry.key != "from" {
        append(entry.value, entry.key, text, to: &sites, &seen)
      }
    case .sequence(let elements): for element in elements { append(element, key, text, to: &sites, &seen) }
    case .scalar:
      guard node.span.range.upperBound <= text.count, seen.insert(node.span).inserted else { return }
      append(text[node.span.range], in: node.span.source, key, to: &sites)
    }
  }

  /// The numbers of an expression that are no part of a name.
  private static func append(
    _ text: ArraySlice<UInt8>, in source: SourceID, _ key: String, to sites: inout [NumberSite]
  ) {
    func isWord(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: ".")
    }
    var start = text.startIndex
    while start < text.endIndex {
      guard isWord(text[start]) else {
        start += 1
        continue
      }
      var end = start
      while end < text.endIndex, isWord(text[end]) { end += 1 }
      // A sign at the beginning belongs to the number.
      let isNegative = start == text.startIndex + 1 && text[start - 1] == UInt8(ascii: "-")
      let first = isNegative ? start - 1 : start
      if let value = Int(String(decoding: text[first..<end], as: UTF8.self)) {
        sites.append(NumberSite(span: SourceSpan(source: source, range: first..<end), value: value, key: key))
      }
      start = end
    }
  }
}
