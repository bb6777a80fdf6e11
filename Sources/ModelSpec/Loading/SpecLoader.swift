import Diagnostics

/// Reads a model: YAML, `extends`, `--set`, variables, blocks and repetitions, and the types of all
/// attributes. Every mistake of the text is reported in one run.
public enum SpecLoader {
  public struct Result: Sendable {
    /// Nil when the text has errors.
    public var spec: ModelSpec?
    /// All texts that were read, for rendering the diagnostics.
    public var sources: SourceMap
    public var diagnostics: [Diagnostic]
  }

  /// - Parameters:
  ///   - path: The model's file.
  ///   - overrides: `key=value` each, such as `train.batch_size=64`.
  public static func load(path: String, overrides: [String] = [], catalog: SpecCatalog) -> Result {
    switch SourceTreeLoader.read(path) {
    case .success(let bytes):
      return load(
        text: bytes, name: path, base: SourceTreeLoader.folder(of: path), overrides: overrides,
        catalog: catalog)
    case .failure(let failure):
      return Result(
        spec: nil, sources: SourceMap(),
        diagnostics: [Diagnostic(.fileUnreadable, at: nil, ["path": path, "reason": failure.reason])])
    }
  }

  /// Reads a model from memory.
  ///
  /// - Parameters:
  ///   - name: What diagnostics call the text.
  ///   - base: The folder that its paths are relative to; empty is the current one.
  public static func load(
    text: [UInt8], name: String, base: String = "", overrides: [String] = [], catalog: SpecCatalog
  ) -> Result {
    var trees = SourceTreeLoader(sources: SourceMap())
    guard let tree = trees.load(name: name, text: text, base: base, overrides: overrides) else {
      return Result(spec: nil, sources: trees.sources, diagnostics: trees.bag.diagnostics)
    }
    let loader = ModelLoader(tree: tree, catalog: catalog)
    let spec = loader.load()
    let diagnostics = trees.bag.diagnostics + loader.reader.bag.diagnostics
    let hasErrors = diagnostics.contains { $0.kind.severity == .error }
    return Result(spec: hasErrors ? nil : spec, sources: trees.sources, diagnostics: diagnostics)
  }
}

/// Turns the merged tree into a `ModelSpec`.
final class ModelLoader {
  let tree: SourceTree
  let catalog: SpecCatalog
  let reader = ExpressionReader()

  static let keys = [
    "name", "image", "latent", "init", "let", "blocks", "generator", "discriminator", "train",
  ]

  init(tree: SourceTree, catalog: SpecCatalog) {
    self.tree = tree
    self.catalog = catalog
  }

  func load() -> ModelSpec? {
    let root = tree.root
    for entry in root.entries ?? [] where !Self.keys.contains(entry.key) {
      reader.unknownKey(entry, among: Self.keys + ["extends"], context: "the model")
    }
    let image = imageSize(root)
    let latent = latentSize(root)
    for entry in root.entry("let")?.value.entries ?? [] {
      reader.globals.define(entry.key, from: entry.value, keySpan: entry.keySpan)
    }
    if let node = root.entry("let")?.value, node.entries == nil, !node.isNull {
      wrongType(node, "`let`", "a mapping of names to numbers")
    }
    let blocks = loadBlocks(root)
    let initialization =
      root.entry("init").flatMap { reader.choice($0.value, ["default", "dcgan"], what: "`init`") }
      ?? "default"
    var usedBlocks: Set<String> = []
    let generator = network("generator", root, blocks, &usedBlocks)
    let discriminator = network("discriminator", root, blocks, &usedBlocks)
    let train = TrainLoader(tree: tree, catalog: catalog, reader: reader).load(root.entry("train"))
    reportUnused(blocks, usedBlocks)
    guard let image, let latent, let generator, let discriminator, let train else { return nil }
    return ModelSpec(
      name: root.entry("name")?.value.scalar ?? "model", channels: image.channels, height: image.height,
      width: image.width, latent: latent, initialization: initialization, generator: generator,
      discriminator: discriminator, train: train)
  }

  private func wrongType(_ node: YAMLNode, _ what: String, _ expected: String) {
    reader.report(
      Diagnostic(
        .wrongType, at: node.span, ["what": what, "expected": expected, "actual": node.kindText]))
  }

  private func missing(_ key: String, in context: String, at span: SourceSpan) {
    reader.report(Diagnostic(.missingKey, at: span, ["context": context, "key": key]))
  }

  // MARK: Sizes

  private func imageSize(
    _ root: YAMLNode
  ) -> (channels: Spanned<Int>, height: Spanned<Int>, width: Spanned<Int>)? {
    guard let entry = root.entry("image") else {
      missing("image", in: "the model", at: SourceSpan(source: root.span.source, range: 0..<0))
      return nil
    }
    // `image: [3, 64, 64]` says the same as the mapping.
    let keys = ["channels", "height", "width"]
    var nodes: [String: YAMLNode] = [:]
    if let elements = entry.value.elements, elements.count == 3 {
      for (key, node) in zip(keys, elements) { nodes[key] = node }
    } else if let entries = entry.value.entries {
      for item in entries {
        if item.key == "size" {
          nodes["height"] = item.value
          nodes["width"] = item.value
        } else if keys.contains(item.key) {
          nodes[item.key] = item.value
        } else {
          reader.unknownKey(item, among: keys + ["size"], context: "`image`")
        }
      }
    } else {
      wrongType(entry.value, "`image`", "{channels: …, height: …, width: …}")
      return nil
    }
    var sizes: [Spanned<Int>] = []
    for key in keys {
      guard let node = nodes[key] else {
        missing(key, in: "`image`", at: entry.keySpan)
        continue
      }
      guard let value = reader.int(node, 1...65_536, in: Scope(), what: "`image.\(key)`") else { continue }
      sizes.append(Spanned(value, span: node.span))
      reader.globals.define("image.\(key)", .int(value))
    }
    return sizes.count == 3 ? (sizes[0], sizes[1], sizes[2]) : nil
  }

  private func latentSize(_ root: YAMLNode) -> Spanned<Int>? {
    guard let entry = root.entry("latent") else {
      missing("latent", in: "the model", at: SourceSpan(source: root.span.source, range: 0..<0))
      return nil
    }
    guard let value = reader.int(entry.value, 1...1_000_000, in: Scope(), what: "`latent`") else {
      return nil
    }
    reader.globals.define("latent", .int(value))
    return Spanned(value, span: entry.value.span)
  }

  // MARK: Blocks

  private func loadBlocks(_ root: YAMLNode) -> [BlockDefinition] {
    guard let node = root.entry("blocks")?.value, !node.isNull else { return [] }
    guard let entries = node.entries else {
      wrongType(node, "`blocks`", "a mapping of names to blocks")
      return []
    }
    var blocks: [BlockDefinition] = []
    for entry in entries {
      let context = "the block `\(entry.key)`"
      if catalog.layers.contains(where: { $0.schema.name == entry.key })
        || ["repeat", "residual", "name", "from"].contains(entry.key)
      {
        reader.report(Diagnostic(.reservedName, at: entry.keySpan, ["name": entry.key]))
      }
      if entry.value.elements != nil {
        // A block without parameters may be its list alone.
        blocks.append(
          BlockDefinition(
            name: entry.key, keySpan: entry.keySpan, parameters: [], layers: entry.value))
        continue
      }
      for item in entry.value.entries ?? [] where !["params", "layers"].contains(item.key) {
        reader.unknownKey(item, among: ["params", "layers"], context: context)
      }
      guard let layers = entry.value.entry("layers")?.value else {
        missing("layers", in: context, at: entry.keySpan)
        continue
      }
      var parameters: [BlockDefinition.Parameter] = []
      let params = entry.value.entry("params")?.value
      for item in params?.entries ?? [] {
        let isRequired = item.value.plainScalar == "required" || item.value.isNull
        parameters.append(
          .init(name: item.key, span: item.keySpan, defaultValue: isRequired ? nil : item.value))
      }
      // `params: [channels, kernel]` requires each.
      for item in params?.elements ?? [] {
        guard let name = item.scalar else { continue }
        parameters.append(.init(name: name, span: item.span, defaultValue: nil))
      }
      blocks.append(
        BlockDefinition(
          name: entry.key, keySpan: entry.keySpan, parameters: parameters, layers: layers))
    }
    return blocks
  }

  private func reportUnused(_ blocks: [BlockDefinition], _ used: Set<String>) {
    for unused in reader.globals.unused {
      reader.report(
        Diagnostic(
          .unusedName, at: unused.span, ["what": "the variable", "name": unused.name],
          fixes: [FixIt("remove it")]))
    }
    for block in blocks {
      if !used.contains(block.name) {
        reader.report(
          Diagnostic(
            .unusedName, at: block.keySpan, ["what": "the block", "name": block.name],
            fixes: [FixIt("remove it, or use it as a layer: `- \(block.name)`")]))
        continue
      }
      let mentioned = Self.names(in: block.layers)
      for parameter in block.parameters where !mentioned.contains(parameter.name) {
        reader.report(
          Diagnostic(
            .unusedName, at: parameter.span,
            ["what": "the parameter", "name": parameter.name], fixes: [FixIt("remove it")]))
      }
    }
  }

  /// Every word that stands in a value below the node.
  private static func names(in node: YAMLNode) -> Set<String> {
    switch node.content {
    case .scalar(let text, _):
      return Set(
        text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }.map(String.init))
    case .sequence(let elements): return elements.reduce(into: []) { $0.formUnion(names(in: $1)) }
    case .mapping(let entries): return entries.reduce(into: []) { $0.formUnion(names(in: $1.value)) }
    }
  }

  // MARK: Networks

  private func network(
    _ name: String, _ root: YAMLNode, _ blocks: [BlockDefinition], _ usedBlocks: inout Set<String>
  ) -> NetworkSpec? {
    guard let entry = root.entry(name) else {
      missing(name, in: "the model", at: SourceSpan(source: root.span.source, range: 0..<0))
      return nil
    }
    var inputName = name == "generator" ? "noise" : "image"
    var declaredInput: Spanned<[Int]>?
    var layersNode = entry.value
    var output: Spanned<String>?
    var isPatch = false
    if let entries = entry.value.entries {
      let keys = ["inputs", "layers", "outputs", "output"]
      for item in entries {
        switch item.key {
        case "inputs":
          (inputName, declaredInput) = inputs(item.value, default: inputName, network: name)
        case "outputs": output = outputs(item.value)
        case "output":
          isPatch = reader.choice(item.value, ["score", "patch"], what: "`output`") == "patch"
        case "layers": continue
        default: reader.unknownKey(item, among: keys, context: "the \(name)")
        }
      }
      guard let layers = entry.value.entry("layers")?.value else {
        missing("layers", in: "the \(name)", at: entry.keySpan)
        return nil
      }
      layersNode = layers
    }
    var loader = NetworkLoader(reader: reader, catalog: catalog, blocks: blocks, network: name)
    let layers = loader.load(layersNode, inputName: inputName)
    usedBlocks.formUnion(loader.usedBlocks)
    if layersNode.elements?.isEmpty == true || layersNode.isNull {
      reader.report(Diagnostic(.emptyNetwork, at: entry.keySpan, ["network": "the \(name)"]))
    }
    if let output, !layers.contains(where: { $0.name == output.value }) {
      reader.report(
        Diagnostic(.unknownReference, at: output.span ?? entry.keySpan, ["name": output.value]))
    }
    return NetworkSpec(
      name: name, span: entry.keySpan, inputName: inputName, declaredInput: declaredInput,
      layers: layers, output: output, isPatch: isPatch)
  }

  /// `x`, `[x]`, `{z: 100}`, `{x: [3, 64, 64]}` or `{x: {channels: 3, height: 64, width: 64}}`.
  private func inputs(
    _ node: YAMLNode, default name: String, network: String
  ) -> (name: String, declared: Spanned<[Int]>?) {
    let what = "`inputs` of the \(network)"
    if let text = node.scalar, !node.isNull { return (text, nil) }
    if let elements = node.elements, elements.count == 1, let text = elements[0].scalar { return (text, nil) }
    guard let entries = node.entries, entries.count == 1 else {
      wrongType(node, what, "one input, such as {x: [3, 64, 64]}")
      return (name, nil)
    }
    let value = entries[0].value
    if value.isNull { return (entries[0].key, nil) }
    let nodes =
      value.elements ?? value.entries.map { entries in
        ["channels", "height", "width"].compactMap { key in entries.first { $0.key == key }?.value }
      } ?? [value]
    let extents = nodes.compactMap { reader.int($0, 1...1_000_000, in: Scope(), what: what) }
    guard extents.count == nodes.count, extents.count == 1 || extents.count == 3 else {
      if extents.count == nodes.count {
        wrongType(value, what, "the latent size, or [channels, height, width]")
      }
      return (entries[0].key, nil)
    }
    return (entries[0].key, Spanned(extents, span: value.span))
  }

  private func outputs(_ node: YAMLNode) -> Spanned<String>? {
    let element = node.elements?.count == 1 ? node.elements?[0] : node
    guard let element, let name = element.scalar, !element.isNull else {
      wrongType(node, "`outputs`", "the name of one layer")
      return nil
    }
    return Spanned(name, span: element.span)
  }
}
