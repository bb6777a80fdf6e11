/// A string as a JSON literal, with its quotation marks.
///
/// Only what RFC 8259 demands is escaped: the quotation mark, the backslash and control characters.
public func jsonLiteral(_ string: String) -> String {
  var literal = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"", "\\": literal += "\\\(scalar)"
    case "\u{0}"..<"\u{10}": literal += "\\u000" + String(scalar.value, radix: 16)
    case "\u{10}"..<"\u{20}": literal += "\\u00" + String(scalar.value, radix: 16)
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}

/// A name out of a file as an error shows it: quoted, control characters (a terminal would obey them)
/// escaped, no longer than a line.
public func quotedForDisplay(_ name: String) -> String {
  let limit = 120
  let shown = name.count > limit ? name.prefix(limit) + "…" : name[...]
  return String(shown).debugDescription
}
