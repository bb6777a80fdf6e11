/// A value as Python writes it, with its place in the text that it was read from.
struct PythonValue {
  indirect enum Content {
    /// A number, a name or a formula; written here as it is.
    case formula(String)
    case bool(Bool)
    case none
    case text(String)
    /// A tuple or a list.
    case list([PythonValue])
    case call(PythonCall)
  }

  var content: Content
  /// UTF-8 offsets.
  var range: Range<Int>

  /// The same in YAML's flow style; nil for a call, which is no value here.
  var yaml: String? {
    switch content {
    case .formula(let text): return text.contains(",") ? "\"\(text)\"" : text
    case .bool(let value): return "\(value)"
    case .none: return "null"
    case .text(let text): return text
    case .list(let values):
      let parts = values.compactMap(\.yaml)
      return parts.count == values.count ? "[\(parts.joined(separator: ", "))]" : nil
    case .call: return nil
    }
  }

  var list: [PythonValue]? { if case .list(let values) = content { values } else { nil } }

  var formula: String? { if case .formula(let text) = content { text } else { nil } }
}

/// `nn.Conv2d(3, 64, kernel_size=4)`
struct PythonCall {
  struct Argument {
    /// Nil where it stands by its place alone.
    var name: String?
    var value: PythonValue
  }

  var name: String
  var arguments: [Argument]
}

/// Reads a value or a call. Nil where brackets do not match.
struct PythonReader {
  private let bytes: [UInt8]

  /// Longer than any layer; what is longer is a page of code.
  private static let longest = 20_000
  private static let depthLimit = 16

  static func value(_ text: String) -> PythonValue? {
    guard text.utf8.count <= longest else { return nil }
    let reader = PythonReader(bytes: Array(text.utf8))
    return reader.value(in: reader.trimmed(0..<reader.bytes.count), depth: 0)
  }

  /// The call that a text is, without a comma or semicolon at its end and a variable that it is assigned to.
  static func call(_ text: String) -> PythonCall? {
    var text = Substring(text)
    while let last = text.last, ",; \n".contains(last) { text.removeLast() }
    guard let value = value(String(text)) else { return nil }
    switch value.content {
    case .call(let call):
      // `model.add(layers.Dense(10))`
      if call.name.hasSuffix(".add"), call.arguments.count == 1,
        case .call(let inner) = call.arguments[0].value.content
      {
        return inner
      }
      return call
    case .formula(let text):
      // `x = nn.ReLU(True)`
      guard let equals = text.firstIndex(of: "=") else { return nil }
      let left = text[..<equals].filter { $0 != " " }
      guard !left.isEmpty, left.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
        return nil
      }
      return self.call(String(text[text.index(after: equals)...]))
    default: return nil
    }
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    while lower < upper, Self.isBlank(bytes[lower]) { lower += 1 }
    while upper > lower, Self.isBlank(bytes[upper - 1]) { upper -= 1 }
    return lower..<upper
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func value(in range: Range<Int>, depth: Int) -> PythonValue? {
    guard !range.isEmpty, depth < Self.depthLimit else { return nil }
    func made(_ content: PythonValue.Content) -> PythonValue { PythonValue(content: content, range: range) }
    let text = text(range)
    switch text {
    case "True", "true": return made(.bool(true))
    case "False", "false": return made(.bool(false))
    case "None": return made(.none)
    default: break
    }
    let (first, last) = (bytes[range.lowerBound], bytes[range.upperBound - 1])
    if first == last, first == UInt8(ascii: "'") || first == UInt8(ascii: "\""), range.count >= 2 {
      return made(.text(String(text.dropFirst().dropLast())))
    }
    let inner = range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1)
    if first == UInt8(ascii: "(") || first == UInt8(ascii: "["),
      closing(of: range.lowerBound) == range.upperBound - 1
    {
      guard let parts = parts(of: inner) else { return nil }
      // Parentheses around one value are no tuple.
      if first == UInt8(ascii: "("), parts.count == 1,
        bytes[inner].last(where: { !Self.isBlank($0) }) != UInt8(ascii: ",")
      {
        guard let value = value(in: parts[0], depth: depth + 1) else { return nil }
        if case .formula = value.content { return made(.formula(text)) }
        return value
      }
      let values = parts.compactMap { value(in: $0, depth: depth + 1) }
      return values.count == parts.count ? made(.list(values)) : nil
    }
    if last == UInt8(ascii: ")"), let open = bytes[range].firstIndex(of: UInt8(ascii: "(")),
      closing(of: open) == range.upperBound - 1,
      let call = call(range.lowerBound..<open, arguments: open + 1..<range.upperBound - 1, depth: depth)
    {
      return made(.call(call))
    }
    // Brackets that match, and nothing that is a list.
    guard parts(of: range)?.count == 1 else { return nil }
    return made(.formula(text))
  }

  private func call(_ name: Range<Int>, arguments: Range<Int>, depth: Int) -> PythonCall? {
    let name = text(trimmed(name))
    guard let first = name.first, first.isLetter || first == "_",
      name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }),
      !Expression.functions.contains(name), let parts = parts(of: arguments)
    else { return nil }
    var call = PythonCall(name: name, arguments: [])
    for part in parts {
      var name: String?
      var valueRange = part
      if let equals = keyword(in: part) {
        name = text(trimmed(part.lowerBound..<equals))
        valueRange = trimmed(equals + 1..<part.upperBound)
      }
      guard let value = value(in: valueRange, depth: depth + 1) else { return nil }
      call.arguments.append(.init(name: name, value: value))
    }
    return call
  }

  /// Where the `=` or `:` of `name=value` stands.
  private func keyword(in range: Range<Int>) -> Int? {
    for index in range {
      let byte = bytes[index]
      if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") {
        return index > range.lowerBound ? index : nil
      }
      guard
        byte == UInt8(ascii: "_") || byte == 0x20 || (48...57).contains(byte)
          || (97...122).contains(byte | 0x20)
      else { return nil }
    }
    return nil
  }

  /// The ranges between the commas that stand in no brackets; nil where brackets or quotes do not match.
  private func parts(of range: Range<Int>) -> [Range<Int>]? {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    var index = start
    while index < range.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
        || byte == UInt8(ascii: "'")
      {
        guard let end = closing(of: index), end < range.upperBound else { return nil }
        index = end
      } else if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") {
        return nil
      } else if byte == UInt8(ascii: ",") {
        parts.append(trimmed(start..<index))
        start = index + 1
      }
      index += 1
    }
    let last = trimmed(start..<range.upperBound)
    if !last.isEmpty { parts.append(last) }
    return parts.contains(where: \.isEmpty) ? nil : parts
  }

  /// Where the bracket or quote that opens at an offset is closed.
  private func closing(of open: Int) -> Int? {
    var expected: [UInt8] = []
    var quote: UInt8?
    for index in open..<bytes.count {
      let byte = bytes[index]
      if let mark = quote {
        if byte == mark {
          quote = nil
          if expected.isEmpty { return index }
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "("): expected.append(UInt8(ascii: ")"))
      case UInt8(ascii: "["): expected.append(UInt8(ascii: "]"))
      case UInt8(ascii: ")"), UInt8(ascii: "]"):
        guard expected.popLast() == byte else { return nil }
        if expected.isEmpty { return index }
      default: break
      }
    }
    return nil
  }
}
