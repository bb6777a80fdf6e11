/// Edits of a text as one with edits of what they make of it; nil where the second overlap what the first
/// replaced only in part.
///
/// - Parameters:
///   - first: Edits of a text.
///   - second: Edits of the same text after the first.
public func composed(_ first: [FixIt.Edit], then second: [FixIt.Edit]) -> [FixIt.Edit]? {
  var edits = first.sorted { $0.span.range.lowerBound < $1.span.range.lowerBound }
  for later in second.sorted(by: { $0.span.range.lowerBound > $1.span.range.lowerBound }) {
    // How much further back the text stood before the edits so far.
    var shift = 0
    var isInside = false
    for index in edits.indices where edits[index].span.source == later.span.source {
      let edit = edits[index]
      let start = edit.span.range.lowerBound + shift
      let end = start + edit.replacement.utf8.count
      if later.span.range.lowerBound >= start, later.span.range.upperBound <= end, end > start {
        var bytes = Array(edit.replacement.utf8)
        let range = later.span.range.lowerBound - start..<later.span.range.upperBound - start
        bytes.replaceSubrange(range, with: later.replacement.utf8)
        edits[index].replacement = String(decoding: bytes, as: UTF8.self)
        isInside = true
        break
      }
      if later.span.range.upperBound <= start { break }
      if later.span.range.lowerBound < end { return nil }
      shift += edit.replacement.utf8.count - edit.span.range.count
    }
    if isInside { continue }
    let range = later.span.range.lowerBound - shift..<later.span.range.upperBound - shift
    edits.append(
      FixIt.Edit(span: SourceSpan(source: later.span.source, range: range), replacement: later.replacement))
    edits.sort { $0.span.range.lowerBound < $1.span.range.lowerBound }
  }
  return edits
}
