/// Shapes that do not fit an op.
extension DiagnosticKind {
  public static let rankMismatch = DiagnosticKind(
    "shape/rank-mismatch", "`{op}` needs {expected} dimensions, but its input is {actual}")
  public static let channelMismatch = DiagnosticKind(
    "shape/channel-mismatch", "`{op}` is made for {expected} channels, but its input has {actual}")
  public static let kernelTooLarge = DiagnosticKind(
    "shape/kernel-too-large",
    "`{op}` has a {kernel} kernel, but its padded input is only {input}")
  public static let emptyOutput = DiagnosticKind(
    "shape/empty-output", "`{op}` would make an empty output of {output}")
  public static let groupsDoNotDivide = DiagnosticKind(
    "shape/groups-do-not-divide", "{groups} groups do not divide the {channels} {which} channels of `{op}`")
  public static let outputPaddingTooLarge = DiagnosticKind(
    "shape/output-padding-too-large",
    "output_padding {value} of `{op}` must be smaller than its stride or its dilation ({limit})")
  public static let operandsDiffer = DiagnosticKind(
    "shape/operands-differ", "`{op}` needs equal shapes, but gets {first} and {second}")
  public static let elementCountMismatch = DiagnosticKind(
    "shape/element-count-mismatch",
    "`{op}` cannot turn {actual} ({actual_count} values an image) into {expected} ({expected_count})")
  public static let axisOutOfRange = DiagnosticKind(
    "shape/axis-out-of-range", "`{op}` has no axis {axis} in {shape}")
  public static let shapeTooLarge = DiagnosticKind(
    "shape/too-large", "`{op}` would make {shape}, which is larger than graphc can address")
  public static let poolPaddingTooLarge = DiagnosticKind(
    "shape/pool-padding-too-large",
    "padding {padding} of `{op}` is more than half of its {kernel} window")
  public static let attributeOutOfRange = DiagnosticKind(
    "shape/attribute-out-of-range", "`{op}` cannot have the {attribute} {value}")
  public static let malformedProgram = DiagnosticKind(
    "shape/malformed-program",
    "the program of `{op}` reads {expected} operands, each once computed, but gets {actual}")
}
