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
  /// As a line of `metrics.jsonl`, without its end.
  public var json: String {
    JSONValue.object([
      "event": .string(rule), "step": .int(step), "text": .string(text), "advice": .string(advice),
    ]).text()
  }

  /// Reads a line.
  ///
  /// - Throws: `MalformedText` where it is no finding.
  init(json line: some Collection<UInt8>) throws(MalformedText) {
    var texts: [String: String] = [:]
    var step: Int?
    var cursor = JSONCursor(Array(line))
    try cursor.readObject { cursor, name throws(MalformedText) in
      if name == "step" {
        step = try cursor.readNaturalNumber()
      } else {
        texts[name] = try cursor.readString()
      }
    }
    try cursor.expectEnd()
    guard let step, let rule = texts["event"], let text = texts["text"] else {
      throw MalformedText(reason: "it is no event")
    }
    self.init(rule: rule, step: step, text: text, advice: texts["advice"] ?? "")
  }
}
