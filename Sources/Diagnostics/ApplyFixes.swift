/// A source's text with a fix's edits made, or nil when they overlap or concern several texts.
public func applying(_ fix: FixIt, to sources: SourceMap) -> (source: SourceID, text: [UInt8])? {
  guard let source = fix.edits.first?.span.source, fix.edits.allSatisfy({ $0.span.source == source }) else {
    return nil
  }
  var text = sources.sources[source.index].text
  var end = text.count
  for edit in fix.edits.sorted(by: { $0.span.range.lowerBound > $1.span.range.lowerBound }) {
    guard edit.span.range.upperBound <= end else { return nil }
    let upper = min(edit.span.range.upperBound, text.count)
    text.replaceSubrange(edit.span.range.lowerBound..<upper, with: Array(edit.replacement.utf8))
    end = edit.span.range.lowerBound
  }
  return (source, text)
}
