/// A source's text with a fix's edits made.
///
/// Equal edits are made once: `size` may stand for a height and a width. Nil when there are none, or when
/// they overlap or concern several texts.
public func applying(_ fix: FixIt, to sources: SourceMap) -> (source: SourceID, text: [UInt8])? {
  guard let source = fix.edits.first?.span.source, fix.edits.allSatisfy({ $0.span.source == source }) else {
    return nil
  }
  var edits: [FixIt.Edit] = []
  for edit in fix.edits where !edits.contains(edit) { edits.append(edit) }
  var text = sources.sources[source.index].text
  var end = text.count
  // From the last to the first, so that the offsets of those to come stay true.
  for edit in edits.sorted(by: { $0.span.range.lowerBound > $1.span.range.lowerBound }) {
    guard edit.span.range.upperBound <= end else { return nil }
    text.replaceSubrange(edit.span.range, with: Array(edit.replacement.utf8))
    end = edit.span.range.lowerBound
  }
  return (source, text)
}
