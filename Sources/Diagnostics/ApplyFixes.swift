/// The sources that a fix changes, with its edits made, in the order of the sources.
///
/// Equal edits are made once: `size` may stand for a height and a width. Nil when there are none, or when
/// they overlap.
public func applying(_ fix: FixIt, to sources: SourceMap) -> [(source: SourceID, text: [UInt8])]? {
  var edits: [FixIt.Edit] = []
  for edit in fix.edits where !edits.contains(edit) { edits.append(edit) }
  if edits.isEmpty { return nil }
  var changed: [(source: SourceID, text: [UInt8])] = []
  for source in Set(edits.map(\.span.source)).sorted(by: { $0.index < $1.index }) {
    var text = sources.sources[source.index].text
    var end = text.count
    // From the last to the first, so that the offsets of those to come stay true.
    let own = edits.filter { $0.span.source == source }
    for edit in own.sorted(by: {
      ($0.span.range.lowerBound, $0.span.range.upperBound) > (
        $1.span.range.lowerBound, $1.span.range.upperBound
      )
    }) {
      guard edit.span.range.upperBound <= end else { return nil }
      text.replaceSubrange(edit.span.range, with: Array(edit.replacement.utf8))
      end = edit.span.range.lowerBound
    }
    changed.append((source, text))
  }
  return changed
}
