/// Models that can be trained, and are most likely not meant so. A comment in the model silences each.
extension DiagnosticKind {
  public static let biasBeforeNorm = DiagnosticKind(
    "advice/bias-before-norm", "the bias of `{layer}` is taken off again by the `{norm}` behind it",
    severity: .warning)
  public static let normAtEdge = DiagnosticKind(
    "advice/norm-at-edge", "`{norm}` stands at {place} of the {network}, where {why}", severity: .warning)
  public static let checkerboard = DiagnosticKind(
    "advice/checkerboard",
    "a stride of {stride} does not divide a kernel of {kernel}: pixels get unequally many products, which shows as a "
      + "checkerboard", severity: .warning)
  public static let boundedScores = DiagnosticKind(
    "advice/bounded-scores",
    "the {network} ends in `{last}`, which keeps scores {bounds}: `{loss}` asks for numbers without bounds",
    severity: .warning)
  public static let oddValue = DiagnosticKind(
    "advice/odd-value", "`{attribute}` of `{owner}` is {value}: {why}", severity: .warning)
  public static let unequalNetworks = DiagnosticKind(
    "advice/unequal-networks",
    "the {larger} has {ratio} times the parameters of the {smaller}, and as much more work: the weaker of the two "
      + "seldom keeps up", severity: .warning)
  public static let smallBatch = DiagnosticKind(
    "advice/small-batch",
    "a batch of {batch} gives `{norm}` {count} values a channel, too few for a mean and a variance",
    severity: .warning)
  public static let unreadInput = DiagnosticKind(
    "advice/unread-input", "no layer of the {network} reads its input `{input}`", severity: .warning)
  public static let memory = DiagnosticKind(
    "advice/memory", "training takes {needed} of memory, and there is {available}", severity: .warning)
}
