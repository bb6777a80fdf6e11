/// A JSON value whose objects keep the order in which they were written.
public indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  public static func object(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(pairs.map { (key: $0.key, value: $0.value) })
  }

  /// The value as one line of text, or indented.
  ///
  /// Numbers have the fewest digits that read back the same; infinities and NaN, which JSON lacks, are null.
  public func text(isPretty: Bool = false) -> String {
    var output = ""
    write(to: &output, indent: isPretty ? 0 : nil)
    return output
  }

  private func write(to output: inout String, indent: Int?) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .int(let value): output += "\(value)"
    case .number(let value):
      if !value.isFinite {
        output += "null"
      } else if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
        output += "\(whole)"
      } else {
        output += "\(value)"
      }
    case .string(let text): output += jsonLiteral(text)
    case .array(let values):
      Self.writeList("[", "]", values, to: &output, indent: indent) { value, output, indent in
        value.write(to: &output, indent: indent)
      }
    case .object(let pairs):
      Self.writeList("{", "}", pairs, to: &output, indent: indent) { pair, output, indent in
        output += jsonLiteral(pair.key)
        output += ": "
        pair.value.write(to: &output, indent: indent)
      }
    }
  }

  private static func writeList<Element>(
    _ open: String, _ close: String, _ elements: [Element], to output: inout String, indent: Int?,
    write: (Element, inout String, Int?) -> Void
  ) {
    output += open
    for (index, element) in elements.enumerated() {
      if index > 0 { output += indent == nil ? ", " : "," }
      if let indent { output += "\n" + String(repeating: " ", count: indent + 2) }
      write(element, &output, indent.map { $0 + 2 })
    }
    if let indent, !elements.isEmpty { output += "\n" + String(repeating: " ", count: indent) }
    output += close
  }
}

/// A string as a JSON literal, with its quotation marks.
///
/// Besides what RFC 8259 demands, every character is escaped that a terminal would obey or nobody would see
/// (`visibleText`): the string stays the same, and looking at the text does no harm.
public func jsonLiteral(_ string: String) -> String {
  var literal = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\n": literal += "\\n"
    case "\r": literal += "\\r"
    case "\t": literal += "\\t"
    case _ where scalar.visibleEscape != nil:
      for unit in UTF16.encode(scalar)! {
        let hex = String(unit, radix: 16)
        literal += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      }
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}
