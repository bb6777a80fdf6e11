/// Networks, loss and data that do not fit each other.
extension DiagnosticKind {
  public static let latentMismatch = DiagnosticKind(
    "agreement/latent-mismatch",
    "the generator's input takes {expected} numbers, but `latent` is {actual}")
  public static let imageMismatch = DiagnosticKind(
    "agreement/image-mismatch", "the generator makes {actual} images, but `image` is {expected}")
  public static let channelsLast = DiagnosticKind(
    "agreement/channels-last",
    "`image` is [channels, height, width], and {channels} channels of {size} pixels are no picture: "
      + "{meant} is meant")
  public static let judgeInputMismatch = DiagnosticKind(
    "agreement/discriminator-input-mismatch",
    "the discriminator expects {expected} images, but the generator makes {actual}")
  public static let scoreShape = DiagnosticKind(
    "agreement/score-shape",
    "the discriminator gives {actual} scores an image, where one is meant")
  public static let bceNeedsSigmoid = DiagnosticKind(
    "agreement/bce-needs-sigmoid",
    "`bce` compares probabilities, but the discriminator ends in `{last}`, not in `sigmoid`")
  public static let sigmoidUnderLogits = DiagnosticKind(
    "agreement/sigmoid-under-logits",
    "`bce_with_logits` applies the sigmoid itself, but the discriminator ends in one already")
  public static let sigmoidSaturates = DiagnosticKind(
    "agreement/sigmoid-saturates",
    "`sigmoid` with `bce` loses its gradient where it saturates; `bce_with_logits` does not",
    severity: .warning)
  public static let realLabelUnread = DiagnosticKind(
    "agreement/real-label-unread", "`real_label` changes nothing: the loss `{loss}` has no labels",
    severity: .warning)
  public static let outputRange = DiagnosticKind(
    "agreement/output-range",
    "the generator ends in `{last}`, which gives values in {range}, but the data lies in {data}")
  public static let unboundedOutput = DiagnosticKind(
    "agreement/unbounded-output",
    "the generator ends in `{last}`, whose values are not bounded, but the data lies in {data}",
    severity: .warning)
  public static let oneValuePerChannel = DiagnosticKind(
    "agreement/one-value-per-channel",
    "batch norm needs more than one value a channel, but a batch of {batch} gives it {shape}")
  public static let declaredChannels = DiagnosticKind(
    "agreement/declared-channels", "`{attribute}` of `{layer}` is {declared}, but its input has {actual}")
  public static let nesterovWithoutMomentum = DiagnosticKind(
    "agreement/nesterov-without-momentum",
    "`nesterov` looks ahead along the momentum, but `momentum` is {momentum} and `dampening` {dampening}")
}
