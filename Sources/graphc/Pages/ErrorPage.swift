/// What `docs/errors/<code>.md` says of one kind of mistake.
struct ErrorPage {
  var code: String
  /// Markdown: a title, then a paragraph whose first sentence says what the mistake is.
  var text: String

  /// The first paragraph behind the title, as one line.
  var sentence: String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let paragraph = lines.drop { $0.isEmpty || $0.hasPrefix("#") }.prefix { !$0.isEmpty }
    return paragraph.joined(separator: " ")
  }
}
