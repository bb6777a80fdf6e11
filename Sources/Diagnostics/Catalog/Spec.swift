/// Texts that are YAML, but not a model.
extension DiagnosticKind {
  public static let fileUnreadable = DiagnosticKind("spec/file-unreadable", "`{path}` {reason}")
  public static let unknownKey = DiagnosticKind("spec/unknown-key", "unknown key `{key}` in {context}")
  public static let missingKey = DiagnosticKind("spec/missing-key", "{context} needs `{key}`")
  public static let wrongType = DiagnosticKind(
    "spec/wrong-type", "{what} must be {expected}, but this is {actual}")
  public static let outOfRange = DiagnosticKind(
    "spec/out-of-range", "{what} must be {expected}, but it is {actual}")
  public static let unknownLayer = DiagnosticKind(
    "spec/unknown-layer", "there is no layer or block `{name}`")
  public static let layerForm = DiagnosticKind(
    "spec/layer-form", "a layer is one name, alone or with its attributes; this has {count}")
  public static let unknownReference = DiagnosticKind(
    "spec/unknown-reference", "no layer before this one is named `{name}`")
  public static let duplicateName = DiagnosticKind(
    "spec/duplicate-name", "the name `{name}` is taken in the {network}")
  public static let badName = DiagnosticKind(
    "spec/bad-name", "`{name}` cannot be a name here: use {allowed}")
  public static let inputCount = DiagnosticKind(
    "spec/input-count", "`{layer}` takes {expected}, but is given {actual}")
  public static let unusedName = DiagnosticKind("spec/unused-name", "{what} `{name}` is never used")
  public static let unusedLayer = DiagnosticKind(
    "spec/unused-layer", "nothing reads what `{layer}` makes")
  public static let missingParameter = DiagnosticKind(
    "spec/missing-parameter", "the block `{block}` needs its parameter `{name}`")
  public static let blockRecursion = DiagnosticKind(
    "spec/block-recursion", "the block `{block}` uses itself")
  public static let tooManyLayers = DiagnosticKind(
    "spec/too-many-layers", "the network has more than {limit} layers once everything is repeated")
  public static let tooDeep = DiagnosticKind(
    "spec/too-deep", "blocks, repetitions and residuals stand in each other more than {limit} levels deep")
  public static let emptyNetwork = DiagnosticKind("spec/empty-network", "{network} has no layers")
  public static let extendsCycle = DiagnosticKind("spec/extends-cycle", "`{path}` extends itself")
  public static let pathOutside = DiagnosticKind(
    "spec/path-outside", "`{path}` leads out of the model's folder")
  public static let badOverride = DiagnosticKind(
    "spec/bad-override", "`{text}` is not an override: write key=value, such as train.batch_size=64")
  public static let reservedName = DiagnosticKind(
    "spec/reserved-name", "`{name}` means something else already: choose another name")
  public static let unknownChoice = DiagnosticKind("spec/unknown-choice", "there is no {what} `{name}`")
  public static let otherSpelling = DiagnosticKind(
    "spec/other-spelling", "`{written}` is written `{here}` here")
  public static let needlessKey = DiagnosticKind(
    "spec/needless-key", "`{key}` of {context} can be left out: {why}")
  public static let misplacedKey = DiagnosticKind(
    "spec/misplaced-key", "`{key}` stands in {context}, but here it is `{path}`")
  public static let noCounterpart = DiagnosticKind(
    "spec/no-counterpart", "there is nothing here like {what}")
}
