import Diagnostics

/// A part of the training that some values are set anew for.
public struct StageSpec: Sendable {
  /// How long something goes on.
  public enum Duration: Hashable, Sendable {
    case steps(Int)
    /// Images of the data, each time that one is shown.
    case images(Int)
  }

  public var duration: Duration
  /// How long it takes to bring in what is new; nil where nothing is brought in.
  public var fade: Duration?
  /// Where it stands in the model.
  public var span: SourceSpan

  public init(duration: Duration, fade: Duration?, span: SourceSpan) {
    (self.duration, self.fade, self.span) = (duration, fade, span)
  }
}

extension ModelSpec {
  /// Whether the stage brings in something new.
  public var fades: Bool { stage?.fade != nil }
}

/// Reads `stages` of `train`.
struct StagesLoader {
  struct Stage {
    var spec: StageSpec
    var settings: [YAMLNode.Entry]
  }

  static let keys = ["set", "steps", "images", "fade"]
  static let limit = 64

  let reader: ExpressionReader

  /// The stages that are written; nil where one has no meaning, empty where there are none.
  func load(_ train: YAMLNode?) -> [Stage]? {
    guard let node = train?.entry("stages")?.value, !node.isNull else { return [] }
    guard let elements = node.elements, !elements.isEmpty else {
      reader.reportWrongType(node, "`stages`", "a list of {set: {…}, images: …}")
      return nil
    }
    if elements.count > Self.limit {
      reader.report(
        Diagnostic(
          .outOfRange, at: node.span,
          [
            "what": "the number of stages", "expected": "at most \(Self.limit)",
            "actual": "\(elements.count)",
          ]))
      return nil
    }
    let stages = elements.map(stage)
    return stages.contains { $0 == nil } ? nil : stages.compactMap { $0 }
  }

  private func stage(_ node: YAMLNode) -> Stage? {
    guard let entries = node.entries else {
      reader.reportWrongType(node, "a stage", "a mapping such as {set: {image.size: 16}, images: 100000}")
      return nil
    }
    var isWhole = true
    for entry in entries where !Self.keys.contains(entry.key) {
      reader.unknownKey(entry, among: Self.keys, context: "a stage")
      isWhole = false
    }
    let lengths = ["steps", "images"].compactMap { node.entry($0) }
    guard lengths.count == 1 else {
      reader.report(
        Diagnostic(
          .wrongType, at: node.span,
          [
            "what": "a stage", "expected": "`steps` or `images`, to say how long it goes on",
            "actual": lengths.isEmpty ? "neither" : "both",
          ]))
      return nil
    }
    let inImages = lengths[0].key == "images"
    let counts = 1...(1 << 40)
    func duration(_ entry: YAMLNode.Entry, _ range: ClosedRange<Int>) -> Int? {
      reader.int(entry.value, range, in: .global, what: "`\(entry.key)` of a stage")
    }
    guard let length = duration(lengths[0], counts) else { return nil }
    var fade: Int?
    if let entry = node.entry("fade") {
      fade = duration(entry, 0...length)
      if fade == nil { isWhole = false }
    }
    let settings = node.entry("set")?.value
    if let settings, settings.entries == nil, !settings.isNull {
      reader.reportWrongType(settings, "`set` of a stage", "a mapping such as {image.size: 16}")
      isWhole = false
    }
    for entry in settings?.entries ?? [] where entry.key.hasPrefix("train.stages") {
      reader.unknownKey(entry, among: [], context: "`set` of a stage")
      isWhole = false
    }
    func given(_ count: Int) -> StageSpec.Duration { inImages ? .images(count) : .steps(count) }
    return isWhole
      ? Stage(
        spec: StageSpec(
          duration: given(length), fade: fade.flatMap { $0 == 0 ? nil : given($0) }, span: node.span),
        settings: settings?.entries ?? []) : nil
  }
}
