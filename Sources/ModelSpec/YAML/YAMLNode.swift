import Diagnostics

/// A piece of YAML that knows where it stands.
public struct YAMLNode: Sendable {
  public indirect enum Content: Sendable {
    /// `isPlain` tells `64` from `"64"`.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  public struct Entry: Sendable {
    public var key: String
    public var keySpan: SourceSpan
    public var value: YAMLNode
  }

  public var content: Content
  public var span: SourceSpan

  public init(_ content: Content, span: SourceSpan) {
    self.content = content
    self.span = span
  }

  public var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  public var elements: [YAMLNode]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }

  public var scalar: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// A scalar that YAML may read as something else than a string.
  public var plainScalar: String? {
    if case .scalar(let text, isPlain: true) = content { text } else { nil }
  }

  /// Where a scalar's text begins in its source, byte for byte; nil where escapes or folded lines came between.
  var textStart: Int? {
    guard let text = scalar else { return nil }
    let quotes = plainScalar == nil ? 1 : 0
    return span.range.count == text.utf8.count + 2 * quotes ? span.range.lowerBound + quotes : nil
  }

  /// Nothing: an empty scalar, `null` or `~`.
  public var isNull: Bool {
    guard let text = plainScalar else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Nothing where a list is meant.
  var isEmptyList: Bool { isNull || elements?.isEmpty == true }

  public func entry(_ key: String) -> Entry? { entries?.first { $0.key == key } }

  /// What follows a name, as a mapping: nothing, attributes, or the primary attribute's value alone. Nil
  /// where there is a value but no such attribute.
  func asEntries(primary: String?, keySpan: SourceSpan) -> [Entry]? {
    if isNull { return [] }
    return entries ?? primary.map { [Entry(key: $0, keySpan: keySpan, value: self)] }
  }

  /// What it is, for a person: "a list".
  public var kindText: String {
    switch content {
    case .scalar(let text, let isPlain):
      if isNull { return "empty" }
      return isPlain ? "`\(text)`" : "the text \"\(text)\""
    case .sequence(let elements): return elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
    case .mapping: return "a mapping"
    }
  }
}

/// YAML 1.2's core schema, as far as graphc asks.
public enum YAMLScalar {
  /// `true` and `false`; `yes`, `on` and their kin are strings.
  public static func bool(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  /// Decimal (`010` is ten), `0o17`, `0x1F`.
  public static func int(_ text: String) -> Int? {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
      let digits = text.dropFirst(2)
      return digits.allSatisfy(\.isHexDigit) ? Int(digits, radix: radix) : nil
    }
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(text)
  }

  /// `1e-4`, `.5`, `1.`; not infinity and not "not a number".
  public static func double(_ text: String) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first) || "+-.".utf8.contains(first),
      text.utf8.contains(where: { (48...57).contains($0) }),
      text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) })
    else { return nil }
    var normal = text
    if let dot = normal.firstIndex(of: "."), normal.index(after: dot) == normal.endIndex { normal += "0" }
    guard let value = Double(normal), value.isFinite else { return nil }
    return value
  }
}
