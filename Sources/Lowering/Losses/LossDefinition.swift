import ModelSpec

/// A loss of the language: a short form of updates.
public struct LossDefinition: Sendable {
  /// What the judge's scores mean to it.
  public enum Scores: Sendable {
    /// In [0, 1].
    case probabilities
    /// Any number; a sigmoid makes a probability of it.
    case logits
    /// Any number: the higher, the more real.
    case values
    /// Numbers that are drawn to targets.
    case targets
  }

  public var schema: Schema
  public var scores: Scores
  /// Whether `real_label` is one of its numbers.
  var readsRealLabel = false
  /// What it stands for, in the language of formulas. A formula may name the loss's attributes.
  let program: @Sendable (_ chosen: Configured, _ parts: LossParts) -> LossProgram

  /// Every loss there is.
  public static let all = [bce, bceWithLogits, lsgan, wgan, wganGP, hinge, logistic, dragan, relativistic]

  /// - Precondition: The loader lets no other name through.
  static func named(_ name: String) -> LossDefinition {
    guard let loss = all.first(where: { $0.schema.name == name }) else {
      preconditionFailure("no loss `\(name)`")
    }
    return loss
  }
}

/// The two networks that a loss trains against each other, and how formulas apply them.
struct LossParts {
  var maker: String
  var judge: String
  /// Whether made images are of a class that is drawn.
  var makesClasses: Bool
  /// Whether the judge is told the class.
  var judgesClasses: Bool
  /// The label of real images.
  var realLabel: Double
  /// Whether the judge sees changed images.
  var augments: Bool

  /// What the generator makes: `generator(noise)`.
  var made: String { "\(maker)(noise\(makesClasses ? ", label=kind" : ""))" }

  /// The scores of real images or of points that take their place.
  func real(_ images: String = "real") -> String { "\(judge)(\(seen(images)))" }

  /// The scores of made images.
  var fake: String { "\(judge)(\(seen("fake"))\(judgesClasses ? ", label=kind" : ""))" }

  private func seen(_ images: String) -> String { augments ? "augment(\(images))" : images }
}

/// What a loss stands for, as text.
struct LossProgram {
  struct Update {
    /// Whose parameters move: the judge's or else the maker's.
    var movesJudge: Bool
    var name: String?
    var minimize: String
    var times = 1
    var every = 1
    var weightClip: Double?
  }

  /// What formulas share besides `fake`, in the order in which it is computed.
  var values: [(name: String, formula: String)] = []
  var draws: [DrawSpec] = []
  var updates: [Update]
  /// The probability or the score that real images and made ones are given.
  var opinion: (_ scores: String) -> String

  /// The usual pair of updates.
  init(
    judge: String, maker: String, critic times: Int = 1, weightClip: Double? = nil,
    values: [(name: String, formula: String)] = [], draws: [DrawSpec] = [],
    opinion: @escaping (_ scores: String) -> String
  ) {
    updates = [
      Update(movesJudge: true, minimize: judge, times: times, weightClip: weightClip),
      Update(movesJudge: false, minimize: maker),
    ]
    self.values = values
    self.draws = draws
    self.opinion = opinion
  }
}
