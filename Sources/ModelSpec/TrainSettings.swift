import Diagnostics

extension ModelSpec {
  /// What `train:` says with every default written out, a value a key:
  /// `train.optimizer.generator.adam.lr` is `0.0002`.
  public func trainSettings() -> [String: String] {
    var sources = SourceMap()
    let text = resolvedYAML()
    let source = sources.add(name: "resolved.yaml", text: Array(text.utf8))
    var bag = DiagnosticBag()
    guard let root = YAMLParser.parse(Array(text.utf8), source: source, into: &bag),
      let train = root.entry("train")?.value
    else { preconditionFailure("a model that is written out reads back") }
    var settings: [String: String] = [:]
    Self.collect(train, under: "train", into: &settings)
    return settings
  }

  private static func collect(_ node: YAMLNode, under key: String, into settings: inout [String: String]) {
    switch node.content {
    case .mapping(let entries):
      for entry in entries { collect(entry.value, under: "\(key).\(entry.key)", into: &settings) }
    case .scalar, .sequence: settings[key] = flowText(node)
    }
  }

  private static func flowText(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, _): text
    case .sequence(let elements): "[\(elements.map(flowText).joined(separator: ", "))]"
    case .mapping(let entries):
      "{\(entries.map { "\($0.key): \(flowText($0.value))" }.joined(separator: ", "))}"
    }
  }
}
