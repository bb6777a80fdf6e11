import GraphIR

/// One transformation of a graph. A pass does one thing, is named by a verb, and says whether it
/// changed anything.
public protocol Pass: Sendable {
  /// The name of flag, test folder and `--after`: `fuse-batch-norm`.
  var name: String { get }

  /// Whether the graph means something only after this pass ran; others make it faster and may be
  /// switched off.
  var isRequired: Bool { get }

  /// Rewrites the graph and returns whether anything changed.
  func run(_ graph: inout Graph) -> Bool
}

extension Pass {
  public var isRequired: Bool { false }
}
