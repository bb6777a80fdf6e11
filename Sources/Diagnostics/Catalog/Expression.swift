/// Expressions that cannot be read or computed.
extension DiagnosticKind {
  public static let expressionSyntax = DiagnosticKind(
    "expression/syntax", "this is not an expression: {problem}")
  public static let unknownVariable = DiagnosticKind(
    "expression/unknown-name", "nothing is named `{name}` here")
  public static let unknownFunction = DiagnosticKind(
    "expression/unknown-function", "there is no function `{name}`")
  public static let argumentCount = DiagnosticKind(
    "expression/argument-count", "`{name}` takes {expected}, not {actual}")
  public static let unexpectedLabel = DiagnosticKind(
    "expression/unexpected-label", "`{name}` has no argument that is called `{label}`")
  public static let divisionByZero = DiagnosticKind("expression/division-by-zero", "this divides by zero")
  public static let notFinite = DiagnosticKind(
    "expression/not-finite", "the result of `{operation}` is not a number that can be used")
  public static let overflow = DiagnosticKind(
    "expression/overflow", "the result of `{operation}` is too large")
  public static let letCycle = DiagnosticKind("expression/cycle", "`{name}` is needed to compute itself")
  public static let letChain = DiagnosticKind(
    "expression/chain-too-long", "`{name}` comes after {limit} variables that each need the next")
  public static let notANumber = DiagnosticKind(
    "expression/not-a-number", "`{name}` is `true` or `false` here, not a number")
}
