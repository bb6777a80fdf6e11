import Diagnostics

/// Between braces and brackets a comma ends a value, so that YAML cuts `(4, 4)` in two.
extension Translator {
  private static func openings(_ text: String) -> Int {
    text.reduce(0) { count, character in
      character == "(" ? count + 1 : character == ")" ? count - 1 : count
    }
  }

  /// The elements of a list, with the pieces of a call or a tuple put together again.
  func joined(_ elements: [YAMLNode]) -> [YAMLNode] {
    var result: [YAMLNode] = []
    var index = 0
    while index < elements.count {
      let first = elements[index]
      index += 1
      guard let text = first.plainScalar, Self.openings(text) > 0 else {
        result.append(first)
        continue
      }
      var open = Self.openings(text)
      var end = index
      while open > 0, end < elements.count, let next = elements[end].plainScalar {
        open += Self.openings(next)
        end += 1
      }
      guard open == 0, end > index else {
        result.append(first)
        continue
      }
      result.append(scalar(from: first.span, to: elements[end - 1].span))
      index = end
    }
    return result
  }

  /// The entries of a mapping, with the pieces of a call or a tuple put together again.
  func joined(_ entries: [YAMLNode.Entry]) -> [YAMLNode.Entry] {
    var result: [YAMLNode.Entry] = []
    var index = 0
    while index < entries.count {
      var entry = entries[index]
      index += 1
      guard let text = entry.value.plainScalar, Self.openings(text) > 0 else {
        result.append(entry)
        continue
      }
      var open = Self.openings(text)
      var end = index
      while open > 0, end < entries.count, entries[end].value.isNull {
        open += Self.openings(entries[end].key)
        end += 1
      }
      guard open == 0, end > index, entries[end - 1].keySpan.source == entry.value.span.source else {
        result.append(entry)
        continue
      }
      entry.value = scalar(from: entry.value.span, to: entries[end - 1].keySpan)
      result.append(entry)
      index = end
    }
    return result
  }

  private func scalar(from first: SourceSpan, to last: SourceSpan) -> YAMLNode {
    let span = SourceSpan(source: first.source, range: first.range.lowerBound..<last.range.upperBound)
    return YAMLNode(.scalar(edits.text(span), isPlain: true), span: span)
  }
}
