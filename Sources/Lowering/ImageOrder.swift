import Diagnostics
import ModelSpec

/// An image that is written as other libraries have it: height, width, channels.
///
/// Such a mistake of one line shows in many others, so that it is told alone.
enum ImageOrder {
  /// Nil where the image may be meant as it stands; without data, anything may.
  static func mistake(in spec: ModelSpec) -> Diagnostic? {
    let (first, second, last) = (spec.channels, spec.height, spec.width)
    // A strip of four pixels at most, with more channels than a picture has.
    guard spec.train.data != nil, (1...4).contains(last.value), last.value != 2, first.value > 4,
      second.value > 4,
      let spans = spans(first, second, last)
    else { return nil }
    let meant = [last.value, first.value, second.value]
    let edits = zip(spans, meant).map { FixIt.Edit(span: $0, replacement: "\($1)") }
    let list = "[\(meant.map(String.init).joined(separator: ", "))]"
    return Diagnostic(
      .channelsLast, at: first.span,
      ["channels": "\(first.value)", "size": "\(second.value)×\(last.value)", "meant": list],
      fixes: [FixIt("write \(list)", edits: edits)])
  }

  /// Where the three are written, each in a place of its own.
  private static func spans(_ sizes: Spanned<Int>...) -> [SourceSpan]? {
    let spans = sizes.compactMap(\.span)
    return Set(spans).count == sizes.count ? spans : nil
  }
}
