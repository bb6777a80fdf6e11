/// Texts that are not the YAML that graphc reads.
extension DiagnosticKind {
  public static let yamlSyntax = DiagnosticKind("yaml/syntax", "this is not YAML: {problem}")
  public static let yamlTooLarge = DiagnosticKind(
    "yaml/too-large", "{what}: a model may have at most {limit}")
  public static let yamlDuplicateKey = DiagnosticKind(
    "yaml/duplicate-key", "the key `{key}` stands here twice")
  public static let yamlUndefinedAlias = DiagnosticKind(
    "yaml/undefined-alias", "no anchor `&{name}` stands before this alias")
  public static let yamlKeyNotScalar = DiagnosticKind(
    "yaml/key-not-scalar", "a key must be a word, not a list or a mapping")
  public static let yamlBadMerge = DiagnosticKind(
    "yaml/bad-merge", "`<<` merges a mapping, or a list of mappings")
  public static let yamlNotUTF8 = DiagnosticKind(
    "yaml/not-utf8", "the text is not UTF-8: save the file with that encoding")
  public static let yamlBidirectionalText = DiagnosticKind(
    "yaml/bidirectional-text", "the character {character} makes the text around it look like another text",
    severity: .warning)
  public static let yamlIndentation = DiagnosticKind("yaml/indentation", "{what}")
  public static let yamlMissingBlank = DiagnosticKind(
    "yaml/missing-blank", "a blank is missing behind {what}")
  public static let yamlComment = DiagnosticKind(
    "yaml/comment", "a comment begins with `#`, not with `//`")
  public static let yamlLookAlike = DiagnosticKind(
    "yaml/look-alike", "the character {character} stands here, where {meant} is meant")
  public static let yamlUnclosed = DiagnosticKind("yaml/unclosed", "{what} is opened here and not closed")
}
