import Diagnostics

/// Networks that stand a level deeper than here.
extension Translator {
  private static let wrappers = ["model", "models", "architecture", "arch", "gan", "nets", "config"]

  /// The model without a key around its networks.
  mutating func unwrapped(_ root: YAMLNode) -> YAMLNode {
    let presets = NetworkPreset.all.map(\.name)
    guard let entries = root.entries,
      let wrapper = entries.first(where: { entry in
        Self.wrappers.contains(entry.key) && presets.contains { entry.value.entry($0) != nil }
      }), let inner = wrapper.value.entries,
      !inner.contains(where: { entry in entries.contains { $0.key == entry.key } })
    else { return root }
    let moved = inner.filter { ModelLoader.keys.contains($0.key) }
    guard let first = moved.first else { return root }
    var diagnostic = Diagnostic(
      .misplacedKey, at: first.keySpan, ["key": first.key, "context": "`\(wrapper.key)`", "path": first.key])
    for entry in moved.dropFirst() {
      diagnostic.notes.append(.init("so is `\(entry.key)`", at: entry.keySpan))
    }
    if let changes = outdents(wrapper) {
      diagnostic.fixes = [FixIt("leave `\(wrapper.key):` out, and move what it has up", edits: changes)]
    }
    report(diagnostic)
    var root = root
    root.content = .mapping(entries.flatMap { $0.keySpan == wrapper.keySpan ? inner : [$0] })
    return root
  }

  /// Takes the line of a key out, and the indent of what stands below it; nil where that is not lines of its own.
  private func outdents(_ wrapper: YAMLNode.Entry) -> [FixIt.Edit]? {
    let source = wrapper.keySpan.source
    guard !edits.isOverride(wrapper.keySpan), !edits.isFlow(wrapper.value),
      let own = wrapper.value.entries?.first, own.keySpan.source == source,
      edits.indent(wrapper.keySpan.range.lowerBound, source) == 0,
      let indent = edits.indent(own.keySpan.range.lowerBound, source), indent > 0
    else { return nil }
    let text = edits.bytes(source)
    let start = edits.lineStart(own.keySpan.range.lowerBound, source)
    var changes = [
      edits.replace(
        SourceSpan(source: source, range: edits.lineStart(wrapper.keySpan.range.lowerBound, source)..<start),
        by: "")
    ]
    var line = start
    while line < wrapper.value.span.range.upperBound {
      let blanks = text[line...].prefix(indent).prefix { $0 == 0x20 }.count
      if blanks > 0 {
        changes.append(edits.replace(SourceSpan(source: source, range: line..<line + blanks), by: ""))
      }
      line = edits.lineEnd(line, source) + 1
    }
    return changes
  }
}
