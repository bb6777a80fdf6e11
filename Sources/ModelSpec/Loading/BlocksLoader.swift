import Diagnostics

/// Reads `blocks:`.
struct BlocksLoader {
  let catalog: SpecCatalog
  let reader: ExpressionReader

  func load(_ root: YAMLNode) -> [BlockDefinition] {
    guard let node = root.entry("blocks")?.value, !node.isNull else { return [] }
    guard let entries = node.entries else {
      reader.reportWrongType(node, "`blocks`", "a mapping of names to blocks")
      return []
    }
    return entries.compactMap(block)
  }

  private func block(_ entry: YAMLNode.Entry) -> BlockDefinition? {
    let reserved = catalog.layers.map(\.schema.name) + NetworkLoader.structure + ["name", "from"]
    if reserved.contains(entry.key) {
      reader.report(Diagnostic(.reservedName, at: entry.keySpan, ["name": entry.key]))
      return nil
    }
    var block = BlockDefinition(
      name: entry.key, keySpan: entry.keySpan, parameters: [], layers: entry.value)
    // A block without parameters may be its list alone.
    if entry.value.elements != nil { return block }
    let context = "the block `\(entry.key)`"
    let keys = ["params", "layers"]
    var misspelled: [String] = []
    for item in entry.value.entries ?? [] where !keys.contains(item.key) {
      misspelled += reader.unknownKey(item, among: keys, context: context)
    }
    block.isBroken = !misspelled.isEmpty
    if let layers = entry.value.entry("layers")?.value {
      block.layers = layers
    } else {
      block.isBroken = true
      if !misspelled.contains("layers") {
        reader.report(Diagnostic(.missingKey, at: entry.keySpan, ["context": context, "key": "layers"]))
      }
    }
    if let node = entry.value.entry("params")?.value, !node.isNull {
      let known = reader.bag.diagnostics.count
      block.parameters = parameters(node)
      if reader.bag.diagnostics.count > known { block.isBroken = true }
    }
    return block
  }

  /// `{channels: required, kernel: 4}`, or `[channels, kernel]`, which requires each.
  private func parameters(_ node: YAMLNode) -> [BlockDefinition.Parameter] {
    var parameters: [BlockDefinition.Parameter] = []
    func add(_ name: String, at span: SourceSpan, defaultValue: YAMLNode?) {
      guard reader.isVariableName(name, at: span) else { return }
      if parameters.contains(where: { $0.name == name }) {
        reader.report(Diagnostic(.yamlDuplicateKey, at: span, ["key": name]))
      } else {
        parameters.append(.init(name: name, span: span, defaultValue: defaultValue))
      }
    }
    if let entries = node.entries {
      for item in entries {
        let isRequired = item.value.plainScalar == "required" || item.value.isNull
        add(item.key, at: item.keySpan, defaultValue: isRequired ? nil : item.value)
      }
    } else if let elements = node.elements {
      for item in elements {
        guard let name = item.scalar, !item.isNull else {
          reader.reportWrongType(item, "a parameter", "a name")
          continue
        }
        add(name, at: item.span, defaultValue: nil)
      }
    } else {
      reader.reportWrongType(node, "`params`", "a mapping of names to defaults, or a list of names")
    }
    return parameters
  }
}
