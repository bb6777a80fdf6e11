import Diagnostics

/// What a network's mapping says besides its layers.
struct NetworkHeader {
  /// What `from:` may call the network's input.
  var inputName: String
  var declaredInput: Spanned<[Int]>?
  var layers: YAMLNode
  var output: Spanned<String>?
  var isPatch = false

  init(inputName: String, layers: YAMLNode) {
    self.inputName = inputName
    self.layers = layers
  }

  /// Reads `{inputs: …, layers: …, outputs: …, output: …}`; false where it has no layers.
  mutating func read(_ entries: [YAMLNode.Entry], of network: String, reader: ExpressionReader) -> Bool {
    let keys = ["inputs", "layers", "outputs"] + (network == "discriminator" ? ["output"] : [])
    var isWhole = false
    for entry in entries {
      switch entry.key {
      case "inputs": readInputs(entry.value, of: network, reader)
      case "outputs": readOutputs(entry.value, reader)
      case "output" where keys.contains("output"):
        isPatch = reader.choice(entry.value, ["score", "patch"], what: "`output`") == "patch"
      case "layers":
        layers = entry.value
        isWhole = true
      default:
        let meant = reader.unknownKey(entry, among: keys, context: "the \(network)")
        if meant == ["layers"] {
          layers = entry.value
          isWhole = true
        }
      }
    }
    return isWhole
  }

  /// `x`, `[x]`, `{z: 100}`, `{x: [3, 64, 64]}` or `{x: {channels: 3, height: 64, width: 64}}`.
  private mutating func readInputs(_ node: YAMLNode, of network: String, _ reader: ExpressionReader) {
    let what = "`inputs` of the \(network)"
    let only = node.elements?.count == 1 ? node.elements?[0] : node
    if let name = only?.scalar, only?.isNull == false {
      setName(name, at: node.span, reader)
      return
    }
    guard let entries = node.entries, entries.count == 1 else {
      reader.reportWrongType(node, what, "one input, such as {x: [3, 64, 64]}")
      return
    }
    setName(entries[0].key, at: entries[0].keySpan, reader)
    let value = entries[0].value
    if value.isNull { return }
    let nodes =
      value.elements ?? value.entries.map { entries in
        ["channels", "height", "width"].compactMap { key in entries.first { $0.key == key }?.value }
      } ?? [value]
    let extents = nodes.compactMap { reader.int($0, 1...1_000_000, in: .global, what: what) }
    guard extents.count == nodes.count else { return }
    guard extents.count == 1 || extents.count == 3 else {
      reader.reportWrongType(value, what, "the latent size, or [channels, height, width]")
      return
    }
    declaredInput = Spanned(extents, span: value.span)
  }

  private mutating func setName(_ name: String, at span: SourceSpan, _ reader: ExpressionReader) {
    inputName = name
    if !NetworkLoader.isLayerName(name) {
      reader.report(
        Diagnostic(.badName, at: span, ["name": name, "allowed": NetworkLoader.allowedInNames]))
    }
  }

  private mutating func readOutputs(_ node: YAMLNode, _ reader: ExpressionReader) {
    let only = node.elements?.count == 1 ? node.elements?[0] : node
    guard let only, let name = only.scalar, !only.isNull else {
      reader.reportWrongType(node, "`outputs`", "the name of one layer")
      return
    }
    output = Spanned(name, span: only.span)
  }
}
