extension Expression.SyntaxError {
  /// A change of a text that makes an expression of it.
  struct Repair {
    var range: Range<Int>
    var text: String
    var title: String
  }

  /// What other notations write, and what it is here.
  private static let signs: [(written: String, here: String)] = [("^", "**"), ("·", "*"), ("²", "** 2")]

  /// The change with which the text can be read, if one does.
  func repair(of text: String) -> Repair? {
    let bytes = Array(text.utf8)
    guard range.upperBound <= bytes.count, bytes.count < Expression.longest else { return nil }
    var candidates: [Repair] = []
    if isUnclosed {
      for count in 1...3 {
        let closing = String(repeating: ")", count: count)
        candidates.append(
          Repair(range: bytes.count..<bytes.count, text: closing, title: "write `\(closing)` at the end"))
      }
    }
    let found = String(decoding: bytes[range], as: UTF8.self)
    if found == ")" { candidates.append(Repair(range: range, text: "", title: "leave this `)` out")) }
    for (written, here) in Self.signs where found == written {
      candidates.append(Repair(range: range, text: here, title: "write `\(here)`"))
    }
    return candidates.first { repair in
      let mended =
        bytes[..<repair.range.lowerBound] + Array(repair.text.utf8) + bytes[repair.range.upperBound...]
      return (try? Expression.parse(String(decoding: mended, as: UTF8.self))) != nil
    }
  }
}
