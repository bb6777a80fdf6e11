/// Every kind there is, for documentation and tests.
extension DiagnosticKind {
  public static let all: [DiagnosticKind] =
    yaml + spec + expression + shape + agreement + program + advice

  private static let yaml: [DiagnosticKind] = [
    .yamlSyntax, .yamlTooLarge, .yamlDuplicateKey, .yamlUndefinedAlias, .yamlKeyNotScalar, .yamlBadMerge,
    .yamlNotUTF8, .yamlBidirectionalText, .yamlIndentation, .yamlMissingBlank, .yamlComment, .yamlLookAlike,
    .yamlUnclosed,
  ]

  private static let spec: [DiagnosticKind] = [
    .fileUnreadable, .unknownKey, .missingKey, .wrongType, .outOfRange, .unknownLayer, .layerForm,
    .unknownReference, .duplicateName, .badName, .inputCount, .unusedName, .unusedLayer, .missingParameter,
    .blockRecursion, .tooManyLayers, .tooDeep, .emptyNetwork, .extendsCycle, .pathOutside, .badOverride,
    .reservedName, .unknownChoice, .otherSpelling, .needlessKey, .misplacedKey, .noCounterpart,
  ]

  private static let expression: [DiagnosticKind] = [
    .expressionSyntax, .unknownVariable, .unknownFunction, .argumentCount, .unexpectedLabel, .divisionByZero,
    .notFinite,
    .overflow, .letCycle, .letChain, .notANumber,
  ]

  private static let shape: [DiagnosticKind] = [
    .rankMismatch, .channelMismatch, .kernelTooLarge, .emptyOutput, .groupsDoNotDivide,
    .outputPaddingTooLarge, .operandsDiffer, .elementCountMismatch, .axisOutOfRange, .shapeTooLarge,
    .poolPaddingTooLarge, .attributeOutOfRange, .malformedProgram,
  ]

  private static let program: [DiagnosticKind] = [
    .programUnknownName, .programUnknownFunction, .programArguments, .programArgumentShape,
    .programShapesDiffer, .programNoResult, .programNotATensor, .programCycle, .objectiveShape,
    .objectiveIndependent, .gradientIndependent, .networkNeverMoves, .programNoUpdates, .programNoImages,
    .labelsWithoutClasses, .stageShapesDiffer, .valueUnread, .penaltyThroughBatchNorm,
  ]

  private static let agreement: [DiagnosticKind] = [
    .latentMismatch, .imageMismatch, .channelsLast, .judgeInputMismatch, .scoreShape,
    .bceNeedsSigmoid,
    .sigmoidUnderLogits, .sigmoidSaturates, .realLabelUnread, .outputRange, .unboundedOutput,
    .oneValuePerChannel,
    .declaredChannels, .nesterovWithoutMomentum,
  ]

  private static let advice: [DiagnosticKind] = [
    .biasBeforeNorm, .normAtEdge, .checkerboard, .boundedScores, .oddValue, .unequalNetworks, .smallBatch,
    .unreadInput, .memory,
  ]
}
