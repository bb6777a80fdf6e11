import GraphIR
import ModelSpec

/// A loss of the language.
public struct LossDefinition: Sendable {
  /// What the discriminator's scores mean to it.
  public enum Scores: Sendable {
    /// In [0, 1].
    case probabilities
    /// Any number; a sigmoid makes a probability of it.
    case logits
  }

  public var schema: Schema
  public var scores: Scores
  /// The loss of a score whose label is `target`.
  let function: @Sendable (_ target: Double) -> UnaryFunction

  public static let all = [
    LossDefinition(
      schema: Schema("bce", "Binary cross-entropy of probabilities."), scores: .probabilities,
      function: { UnaryFunction(.bce, [$0]) }),
    LossDefinition(
      schema: Schema("bce_with_logits", "Binary cross-entropy of logits, with the sigmoid inside."),
      scores: .logits, function: { UnaryFunction(.bceWithLogits, [$0]) }),
  ]

  static func named(_ name: String) -> LossDefinition { all.first { $0.schema.name == name } ?? all[0] }
}
