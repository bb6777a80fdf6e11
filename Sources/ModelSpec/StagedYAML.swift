/// A model with stages as YAML: what it extends, `--set` and absolute paths written out, blocks and repetitions
/// left as they are, since each stage writes them out in its own way.
struct StagedYAML {
  let tree: SourceTree
  let stages: [StagesLoader.Stage]
  /// Of each stage.
  let models: [ModelSpec]

  var text: String {
    var lines: [String] = []
    write(withAbsolutePaths(tree.root), depth: 0, to: &lines)
    return lines.map { $0 + "\n" }.joined()
  }

  /// The data is named as each stage's model resolves it.
  private func withAbsolutePaths(_ root: YAMLNode) -> YAMLNode {
    changing("train", in: root) { train in
      var train = train
      if let data = models.first?.train.data, train.entry("data") != nil {
        train = changing("data", in: train) { _ in plain(YAMLText.configured(data)) }
      }
      return changing("stages", in: train) { written in
        let elements = (written.elements ?? []).enumerated().map { index, stage in
          changing("set", in: stage) { settings in
            let entries = settings.entries ?? []
            let kept = entries.filter { !$0.key.hasPrefix("train.data") }
            guard kept.count < entries.count, let data = models[index].train.data else { return settings }
            let span = settings.span
            let whole = YAMLNode.Entry(
              key: "train.data", keySpan: span, value: plain(YAMLText.configured(data)))
            return YAMLNode(.mapping(kept + [whole]), span: span)
          }
        }
        return YAMLNode(.sequence(elements), span: written.span)
      }
    }
  }

  /// Text that is written as it stands.
  private func plain(_ text: String) -> YAMLNode {
    YAMLNode(.scalar(text, isPlain: true), span: tree.root.span)
  }

  private func changing(_ key: String, in node: YAMLNode, _ change: (YAMLNode) -> YAMLNode) -> YAMLNode {
    guard var entries = node.entries, let index = entries.firstIndex(where: { $0.key == key }) else {
      return node
    }
    entries[index].value = change(entries[index].value)
    return YAMLNode(.mapping(entries), span: node.span)
  }

  private func write(_ node: YAMLNode, depth: Int, to lines: inout [String]) {
    let indent = String(repeating: "  ", count: depth)
    switch node.content {
    case .scalar: lines.append(indent + Self.scalar(node))
    case .mapping(let entries):
      for entry in entries {
        let key = YAMLText.key(entry.key)
        if let inline = Self.inline(entry.value) {
          lines.append("\(indent)\(key): \(inline)")
        } else {
          lines.append("\(indent)\(key):")
          write(entry.value, depth: depth + 1, to: &lines)
        }
      }
    case .sequence(let elements):
      for element in elements {
        if let inline = Self.inline(element) {
          lines.append("\(indent)- \(inline)")
        } else {
          let first = lines.count
          write(element, depth: depth + 1, to: &lines)
          // The element's first line stands behind the dash.
          let start = lines[first].index(lines[first].startIndex, offsetBy: indent.count)
          lines[first].replaceSubrange(start..<lines[first].index(start, offsetBy: 2), with: "- ")
        }
      }
    }
  }

  /// What fits behind a key or a dash.
  private static func inline(_ node: YAMLNode) -> String? {
    switch node.content {
    case .scalar: scalar(node)
    case .mapping(let entries): entries.isEmpty ? "{}" : nil
    case .sequence(let elements): elements.isEmpty ? "[]" : nil
    }
  }

  private static func scalar(_ node: YAMLNode) -> String {
    guard case .scalar(let text, let isPlain) = node.content else { return "" }
    return isPlain ? text : YAMLText.string(text)
  }
}
