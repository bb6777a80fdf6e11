import Diagnostics

/// Random numbers that a step draws, new for each run of an update.
public struct DrawSpec: Sendable {
  public enum Distribution: Hashable, Sendable {
    /// Mean 0, deviation 1.
    case normal
    case uniform(low: Double, high: Double)
    /// 1 with the probability, else 0.
    case bernoulli(Double)
    /// The number of a class, each as probable.
    case classes(Int)
  }

  public enum Shape: Hashable, Sendable {
    /// `[N]`
    case perImage
    /// `[N, size]`
    case vector(Int)
    /// That of the images.
    case image
  }

  public var name: String
  public var distribution: Distribution
  public var shape: Shape
  public var span: SourceSpan?

  public init(name: String, distribution: Distribution, shape: Shape, span: SourceSpan? = nil) {
    self.name = name
    self.distribution = distribution
    self.shape = shape
    self.span = span
  }
}

/// A name for what formulas share: `fake: generator(noise)`, `score(x): discriminator(x)`.
public struct ValueDefinition: Sendable {
  public var name: String
  /// Empty for a value.
  public var parameters: [String]
  public var formula: Formula
  public var span: SourceSpan?

  public init(name: String, parameters: [String] = [], formula: Formula, span: SourceSpan? = nil) {
    self.name = name
    self.parameters = parameters
    self.formula = formula
    self.span = span
  }
}

/// One move of some networks' parameters.
public struct UpdateSpec: Sendable {
  /// A bound for gradients.
  public enum GradientClip: Hashable, Sendable {
    /// The norm of all of the update's gradients together.
    case norm(Double)
    case value(Double)
  }

  /// What the metrics call its objective.
  public var name: String
  public var networks: [Spanned<String>]
  public var objective: Formula
  /// How often it runs in a step.
  public var times: Int
  /// It runs on every so many steps, the first among them.
  public var every: Int
  public var gradientClip: GradientClip?
  /// The bound that the parameters are brought within after the update.
  public var weightClip: Double?
  public var span: SourceSpan?

  public init(
    name: String, networks: [Spanned<String>], objective: Formula, times: Int = 1, every: Int = 1,
    gradientClip: GradientClip? = nil, weightClip: Double? = nil, span: SourceSpan? = nil
  ) {
    self.name = name
    self.networks = networks
    self.objective = objective
    self.times = times
    self.every = every
    self.gradientClip = gradientClip
    self.weightClip = weightClip
    self.span = span
  }
}

/// A number that each step reports.
public struct MetricSpec: Sendable {
  public var name: String
  public var formula: Formula

  public init(name: String, formula: Formula) {
    self.name = name
    self.formula = formula
  }
}

/// What a training step does, in the order in which it does it.
public struct TrainingProgram: Sendable {
  public var draws: [DrawSpec]
  public var values: [ValueDefinition]
  public var updates: [UpdateSpec]
  public var metrics: [MetricSpec]

  public init(
    draws: [DrawSpec] = [], values: [ValueDefinition] = [], updates: [UpdateSpec] = [],
    metrics: [MetricSpec] = []
  ) {
    self.draws = draws
    self.values = values
    self.updates = updates
    self.metrics = metrics
  }
}
