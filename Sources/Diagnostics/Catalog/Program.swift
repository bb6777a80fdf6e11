/// Training programs that mean nothing.
extension DiagnosticKind {
  public static let programUnknownName = DiagnosticKind(
    "program/unknown-name", "no network, value, draw or field of the data is called `{name}`")
  public static let programUnknownFunction = DiagnosticKind(
    "program/unknown-function", "there is no function or network `{name}`")
  public static let programArguments = DiagnosticKind(
    "program/arguments", "`{name}` takes {expected}, not {actual}")
  public static let programArgumentShape = DiagnosticKind(
    "program/argument-shape", "`{input}` of `{name}` is {expected}, and this is {actual}")
  public static let programShapesDiffer = DiagnosticKind(
    "program/shapes-differ", "{first} and {second} cannot meet in `{operation}`")
  public static let programNoResult = DiagnosticKind(
    "program/no-such-result", "`{network}` has no result or layer `{name}`")
  public static let programNotATensor = DiagnosticKind(
    "program/not-a-tensor", "`{name}` cannot be a value here: {reason}")
  public static let programCycle = DiagnosticKind("program/cycle", "`{name}` is needed to compute itself")
  public static let objectiveShape = DiagnosticKind(
    "program/objective-shape", "an objective is one number, and this is {actual}")
  public static let objectiveIndependent = DiagnosticKind(
    "program/objective-independent", "the objective does not depend on the {network}, which it is to move")
  public static let gradientIndependent = DiagnosticKind(
    "program/gradient-independent", "`{of}` does not depend on `{by}`")
  public static let networkNeverMoves = DiagnosticKind(
    "program/network-never-moves", "no update moves the {network}")
  public static let programNoUpdates = DiagnosticKind(
    "program/no-updates", "`{loss}` needs a network that makes images and one that judges them")
  public static let labelsWithoutClasses = DiagnosticKind(
    "program/labels-without-classes", "the {network} is told a class, and the model says no `classes`")
  public static let stageShapesDiffer = DiagnosticKind(
    "program/stage-shapes-differ",
    "`{tensor}` is {before} in stage {earlier} and {after} in stage {later}: it cannot go on")
  public static let valueUnread = DiagnosticKind(
    "program/value-unread", "nothing reads the value `{name}`", severity: .warning)
  public static let penaltyThroughBatchNorm = DiagnosticKind(
    "program/penalty-through-batch-norm",
    "this gradient goes through the batch norm of the {network}, which mixes the images of a batch",
    severity: .warning)
}
