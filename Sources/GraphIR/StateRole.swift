/// What a tensor that outlives the step is to the model.
public enum StateRole: String, Sendable, CaseIterable {
  /// Trained.
  case parameter
  /// Moved by every batch, not trained: running averages, how many batches came.
  case statistic
  /// What an optimiser remembers of a parameter, or of its updates.
  case optimizer
  /// Where a stream of random numbers stands.
  case random
  /// A number of a formula that lives between steps.
  case running
  /// A parameter's average over the steps.
  case average
  /// The sum of a parameter's gradients since its last move, zero between steps.
  case accumulator

  /// As an input of the step's graph.
  public var kind: GraphInput.Kind {
    switch self {
    case .parameter: .parameter
    case .statistic: .statistic
    case .optimizer, .random, .running, .average, .accumulator: .state
    }
  }
}
