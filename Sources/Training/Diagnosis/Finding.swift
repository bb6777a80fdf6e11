import Diagnostics
import Interchange

/// Something that a run shows of how it goes, and what would change it.
public struct Finding: Hashable, Sendable {
  /// The rule's name: `discriminator-won`.
  public var rule: String
  /// The step at which it was seen.
  public var step: Int
  /// What is seen, in a sentence with its numbers.
  public var text: String
  /// What may help, in the words of a model.
  public var advice: String

  public init(rule: String, step: Int, text: String, advice: String) {
    self.rule = rule
    self.step = step
    self.text = text
    self.advice = advice
  }
}

extension Finding {
  /// What a row of `metrics.jsonl` says of it, the step aside.
  var json: JSONValue {
    .object(["event": .string(rule), "text": .string(text), "advice": .string(advice)])
  }

  /// Reads what `json` makes.
  ///
  /// - Parameter step: The row's.
  /// - Throws: `MalformedText` where it is no finding.
  init(_ cursor: inout JSONCursor, step: Int) throws(MalformedText) {
    var texts: [String: String] = [:]
    try cursor.readObject { cursor, name throws(MalformedText) in texts[name] = try cursor.readString() }
    guard let rule = texts["event"], let text = texts["text"], let advice = texts["advice"] else {
      throw MalformedText(reason: "one of its events lacks `event`, `text` or `advice`")
    }
    self.init(rule: rule, step: step, text: text, advice: advice)
  }
}
