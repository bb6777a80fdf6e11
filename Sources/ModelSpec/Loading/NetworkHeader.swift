import Diagnostics

/// What a network's mapping says besides its layers.
struct NetworkHeader {
  let network: String
  let preset: NetworkPreset?
  var inputs: [NetworkInput] = []
  var layers: YAMLNode
  /// Results by their names, with the names of layers as the text says them.
  var outputs: [NetworkOutput] = []
  var isPatch = false
  var isFrozen = false

  init(network: String, layers: YAMLNode) {
    self.network = network
    self.layers = layers
    preset = NetworkPreset.named(network)
    inputs = preset.map { [NetworkInput(name: $0.inputName, type: Spanned($0.inputShape))] } ?? []
  }

  /// Reads `{inputs: …, layers: …, outputs: …, output: …}`; false where it has no layers.
  mutating func read(_ entries: [YAMLNode.Entry], reader: ExpressionReader) -> Bool {
    let keys = ["inputs", "layers", "outputs", "frozen"] + (preset?.role == .maker ? [] : ["output"])
    var isWhole = false
    for entry in entries {
      switch entry.key {
      case "inputs": readInputs(entry.value, reader)
      case "outputs": readOutputs(entry.value, reader)
      case "output" where keys.contains("output"):
        isPatch = reader.choice(entry.value, ["score", "patch"], what: "`output`") == "patch"
      case "frozen":
        isFrozen = reader.bool(entry.value, in: .global, what: "`frozen`") ?? false
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

  // MARK: Inputs

  /// `x`, `[x, label]`, or a mapping of names to shapes.
  private mutating func readInputs(_ node: YAMLNode, _ reader: ExpressionReader) {
    var read: [NetworkInput] = []
    if let entries = node.entries, !entries.isEmpty {
      for entry in entries {
        if let input = input(entry.key, at: entry.keySpan, entry.value, isOnly: entries.count == 1, reader) {
          read.append(input)
        }
      }
    } else if !node.isEmptyList {
      let names = node.elements ?? [node]
      for name in names {
        guard let text = name.scalar, !name.isNull else {
          reader.reportWrongType(name, "`inputs` of the \(network)", Self.form)
          continue
        }
        if let input = input(text, at: name.span, nil, isOnly: names.count == 1, reader) {
          read.append(input)
        }
      }
    } else {
      reader.reportWrongType(node, "`inputs` of the \(network)", Self.form)
    }
    var names: Set<String> = []
    for input in read where !names.insert(input.name).inserted {
      reader.report(
        Diagnostic(
          .duplicateName, at: input.type.span ?? node.span, ["network": network, "name": input.name]))
    }
    // A network whose inputs are wrongly written keeps those that it has by its name.
    if !read.isEmpty { inputs = read }
  }

  private static let form = "names with their shapes, such as {noise: latent} or {x: [3, 64, 64]}"

  /// - Parameter node: The shape; nil or empty where the name alone stands there.
  private func input(
    _ name: String, at span: SourceSpan, _ node: YAMLNode?, isOnly: Bool, _ reader: ExpressionReader
  ) -> NetworkInput? {
    if !NetworkLoader.isLayerName(name) {
      reader.report(
        Diagnostic(.badName, at: span, ["name": name, "allowed": NetworkLoader.allowedInNames]))
    }
    guard let node, !node.isNull else {
      guard let shape = (isOnly ? preset?.inputShape : nil) ?? NetworkPreset.shape(ofInput: name) else {
        reader.report(
          Diagnostic(
            .missingKey, at: span,
            ["context": "the input `\(name)` of the \(network)", "key": "a shape"],
            notes: [.init("write {\(name): latent}, image, label, the name of a draw, or extents")]))
        return nil
      }
      return NetworkInput(name: name, type: Spanned(shape))
    }
    return shape(node, reader).map { NetworkInput(name: name, type: Spanned($0, span: node.span)) }
  }

  /// `latent`, `image`, `class`, a draw's name, `100`, `[3, 64, 64]` or
  /// `{channels: 3, height: 64, width: 64}`.
  private func shape(_ node: YAMLNode, _ reader: ExpressionReader) -> NetworkInput.Shape? {
    let what = "`inputs` of the \(network)"
    switch node.plainScalar {
    case "latent": return .latent
    case "image": return .image
    case "class": return .label
    case let text? where reader.isDraw(text): return .draw(text)
    default: break
    }
    let nodes =
      node.elements ?? node.entries.map { entries in
        ["channels", "height", "width"].compactMap { key in entries.first { $0.key == key }?.value }
      } ?? [node]
    let extents = nodes.compactMap { reader.int($0, 1...1_000_000, in: .global, what: what) }
    guard extents.count == nodes.count else { return nil }
    guard extents.count == 1 || extents.count == 3 else {
      reader.reportWrongType(node, what, "latent, image, class, a size, or [channels, height, width]")
      return nil
    }
    return .extents(extents)
  }

  // MARK: Outputs

  /// `layer`, `[layer, other]`, or a mapping of names to layers.
  private mutating func readOutputs(_ node: YAMLNode, _ reader: ExpressionReader) {
    if let entries = node.entries, !entries.isEmpty {
      for entry in entries {
        guard let layer = entry.value.scalar, !entry.value.isNull else {
          reader.reportWrongType(entry.value, "`\(entry.key)` of `outputs`", "the name of a layer")
          continue
        }
        if !NetworkLoader.isLayerName(entry.key) {
          reader.report(
            Diagnostic(
              .badName, at: entry.keySpan, ["name": entry.key, "allowed": NetworkLoader.allowedInNames]))
        }
        outputs.append(NetworkOutput(name: entry.key, layer: Spanned(layer, span: entry.value.span)))
      }
      return
    }
    for element in node.elements ?? [node] {
      guard let layer = element.scalar, !element.isNull else {
        reader.reportWrongType(element, "`outputs`", "the name of a layer")
        continue
      }
      outputs.append(NetworkOutput(name: layer, layer: Spanned(layer, span: element.span)))
    }
  }
}
