import Diagnostics

/// A text as it stands between tags or in a quoted attribute of HTML or XML.
///
/// Characters that they forbid, and those that turn the order of a line around, are shown as escapes
/// (`visibleText`).
public func markupText(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result += scalar.visibleEscape ?? String(scalar)
    }
  }
  return result
}
