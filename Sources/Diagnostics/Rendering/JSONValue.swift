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
    case .string(let text): Self.write(text, to: &output)
    case .array(let values):
      Self.writeList("[", "]", values, to: &output, indent: indent) { value, output, indent in
        value.write(to: &output, indent: indent)
      }
    case .object(let pairs):
      Self.writeList("{", "}", pairs, to: &output, indent: indent) { pair, output, indent in
        Self.write(pair.key, to: &output)
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

  private static func write(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
