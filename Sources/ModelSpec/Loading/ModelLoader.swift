import Diagnostics

/// Turns the merged tree into a `ModelSpec`.
final class ModelLoader {
  let tree: SourceTree
  let catalog: SpecCatalog
  let reader: ExpressionReader

  static let keys =
    ["name", "image", "latent", "classes", "init", "let", "blocks"] + NetworkPreset.all.map(\.name)
    + ["networks", "train"]

  init(tree: SourceTree, catalog: SpecCatalog) {
    self.tree = tree
    self.catalog = catalog
    reader = ExpressionReader(bases: tree.bases)
  }

  /// Nil, with reports, where the text does not say enough.
  func load() -> ModelSpec? {
    let root = tree.root
    var misspelled: [String] = []
    for entry in root.entries ?? [] where !Self.keys.contains(entry.key) {
      misspelled += reader.unknownKey(entry, among: Self.keys + ["extends"], context: "the model")
    }
    // A model that declares its networks says by itself which it has.
    let needed = ["image"] + (root.entry("networks") == nil ? ["latent"] + NetworkPreset.all.map(\.name) : [])
    for key in needed where root.entry(key) == nil && !misspelled.contains(key) {
      missing(key, in: "the model", at: SourceSpan(source: root.span.source, range: 0..<0))
    }
    let name = modelName(root)
    let sizes = imageNodes(root)
    // Variables and sizes may name each other: each is computed when it is asked for.
    for key in Self.extents { reader.globals.defineBuiltIn("image.\(key)", from: sizes[key]) }
    for key in ["latent", "classes"] where root.entry(key) != nil || needed.contains(key) {
      reader.globals.defineBuiltIn(key, from: root.entry(key)?.value)
    }
    defineVariables(root)
    let image = imageSize(sizes)
    let latent = latentSize(root)
    let blocks = BlocksLoader(catalog: catalog, reader: reader).load(root)
    let initialization =
      root.entry("init").flatMap { reader.choice($0.value, catalog.initializers, what: "`init`") }
      ?? "default"
    var usedBlocks: Set<String> = []
    let classes = root.entry("classes").flatMap { entry in
      reader.int(entry.value, 2...1_000_000, in: .global, what: "`classes`").map {
        Spanned($0, span: entry.value.span)
      }
    }
    let entries = networkEntries(root)
    noteTensorNames(root, networks: entries.map(\.key))
    let networks = entries.compactMap { network($0, blocks, &usedBlocks) }
    let lacksLatent = root.entry("latent") == nil && networks.contains(where: \.needsLatent)
    if lacksLatent, !(needed + misspelled).contains("latent") {
      missing("latent", in: "the model", at: SourceSpan(source: root.span.source, range: 0..<0))
    }
    let train = TrainLoader(
      tree: tree, catalog: catalog, reader: reader, networks: entries.map(\.key), classes: classes?.value
    ).load(root.entry("train"))
    reportUnused(blocks, usedBlocks)
    guard let image, latent != nil || root.entry("latent") == nil && !lacksLatent,
      networks.count == entries.count, !networks.isEmpty, let train
    else {
      return nil
    }
    return ModelSpec(
      name: name, channels: image.channels, height: image.height, width: image.width, latent: latent,
      classes: classes, initialization: initialization, networks: networks, train: train)
  }

  private func missing(_ key: String, in context: String, at span: SourceSpan) {
    reader.report(Diagnostic(.missingKey, at: span, ["context": context, "key": key]))
  }

  private func modelName(_ root: YAMLNode) -> String {
    guard let node = root.entry("name")?.value, !node.isNull else { return "model" }
    guard let name = node.scalar else {
      reader.reportWrongType(node, "`name`", "a text")
      return "model"
    }
    return name
  }

  private func defineVariables(_ root: YAMLNode) {
    guard let node = root.entry("let")?.value, !node.isNull else { return }
    guard let entries = node.entries else {
      reader.reportWrongType(node, "`let`", "a mapping of names to numbers")
      return
    }
    for entry in entries where reader.isVariableName(entry.key, at: entry.keySpan) {
      reader.globals.define(entry.key, from: entry.value, keySpan: entry.keySpan)
    }
  }

  // MARK: Sizes

  private static let extents = ["channels", "height", "width"]

  /// What stands for each extent of the image, with reports of what does not.
  ///
  /// `image: [3, 64, 64]` and `image: {channels: 3, size: 64}` say the same as the mapping of all three.
  private func imageNodes(_ root: YAMLNode) -> [String: YAMLNode] {
    guard let entry = root.entry("image") else { return [:] }
    var nodes: [String: YAMLNode] = [:]
    if let elements = entry.value.elements, elements.count == 3 {
      for (key, node) in zip(Self.extents, elements) { nodes[key] = node }
      return nodes
    }
    guard let entries = entry.value.entries else {
      reader.reportWrongType(entry.value, "`image`", "{channels: …, height: …, width: …}")
      return [:]
    }
    var misspelled: [String] = []
    for item in entries {
      let keys = item.key == "size" ? ["height", "width"] : [item.key]
      // An override or an extending model may change one of them; in one text, one is a mistake.
      if let first = keys.compactMap({ nodes[$0] }).first, first.span.source == item.value.span.source {
        reader.report(
          Diagnostic(
            .yamlDuplicateKey, at: item.keySpan, ["key": item.key],
            notes: [.init("`size` is height and width", at: first.span)]))
        for key in keys where nodes[key] == nil { nodes[key] = item.value }
      } else if item.key == "size" || Self.extents.contains(item.key) {
        for key in keys { nodes[key] = item.value }
        if item.key == "size" { nodes["size"] = item.value }
      } else {
        misspelled += reader.unknownKey(item, among: Self.extents + ["size"], context: "`image`")
      }
    }
    for key in Self.extents where nodes[key] == nil && misspelled.isEmpty {
      missing(key, in: "`image`", at: entry.keySpan)
    }
    return nodes
  }

  private func imageSize(
    _ nodes: [String: YAMLNode]
  ) -> (channels: Spanned<Int>, height: Spanned<Int>, width: Spanned<Int>)? {
    let sizes = Self.extents.compactMap { key in
      nodes[key].flatMap { node in
        // Of `size`, which stands for two, a mistake is one.
        let name = nodes["size"]?.span == node.span ? "size" : key
        return reader.int(node, 1...65_536, in: .global, what: "`image.\(name)`").map {
          Spanned($0, span: node.span)
        }
      }
    }
    return sizes.count == 3 ? (sizes[0], sizes[1], sizes[2]) : nil
  }

  private func latentSize(_ root: YAMLNode) -> Spanned<Int>? {
    root.entry("latent").flatMap { entry in
      reader.int(entry.value, 1...1_000_000, in: .global, what: "`latent`").map {
        Spanned($0, span: entry.value.span)
      }
    }
  }

  // MARK: Names that nothing reads

  private func reportUnused(_ blocks: [BlockDefinition], _ used: Set<String>) {
    // A mistake elsewhere may be why a name was not read, and what a model extends may hold more than it
    // uses.
    let mentioned = reader.bag.hasErrors ? tree.root.words : []
    // What an unused variable needs is not unused, and its mistakes are mistakes.
    for unused in reader.globals.unused {
      _ = reader.value(unused.node, in: .global, what: "`\(unused.name)`")
    }
    for unused in reader.globals.unused
    where tree.isOwn(unused.span.source) && !mentioned.contains(unused.name) {
      report(unused.name, "the variable", at: unused.span, fix: "remove it")
    }
    for block in blocks where !block.isBroken && tree.isOwn(block.keySpan.source) {
      guard used.contains(block.name) else {
        if !reader.bag.hasErrors {
          report(
            block.name, "the block", at: block.keySpan,
            fix: "remove it, or use it as a layer: `- \(block.name)`")
        }
        continue
      }
      let words = block.layers.words
      for parameter in block.parameters where !words.contains(parameter.name) {
        report(parameter.name, "the parameter", at: parameter.span, fix: "remove it")
      }
    }
  }

  private func report(_ name: String, _ what: String, at span: SourceSpan, fix: String) {
    reader.report(Diagnostic(.unusedName, at: span, ["what": what, "name": name], fixes: [FixIt(fix)]))
  }

  /// Tells the reader what formulas and inputs may name, before it reads any.
  private func noteTensorNames(_ root: YAMLNode, networks: [String]) {
    let train = root.entry("train")?.value
    reader.draws = Set((train?.entry("draw")?.value.entries ?? []).map(\.key))
    let values = (train?.entry("values")?.value.entries ?? []).map { entry in
      String(entry.key.prefix { $0 != "(" && $0 != " " })
    }
    reader.tensors = reader.draws.union(values).union(networks)
      .union(["real", "noise", "label", "input", "stage.fade"])
  }

  // MARK: Networks

  /// The networks that stand at the top by the names of their parts, then those of `networks:`.
  private func networkEntries(_ root: YAMLNode) -> [YAMLNode.Entry] {
    var entries = NetworkPreset.all.compactMap { root.entry($0.name) }
    guard let node = root.entry("networks")?.value, !node.isNull else { return entries }
    guard let more = node.entries else {
      reader.reportWrongType(node, "`networks`", "a mapping of names to networks")
      return entries
    }
    var known = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    for entry in more {
      if let first = known[entry.key] {
        reader.report(
          Diagnostic(
            .yamlDuplicateKey, at: entry.keySpan, ["key": entry.key],
            notes: [.init("it stands here first", at: first.keySpan)]))
      } else if reader.isNetworkName(entry.key, at: entry.keySpan) {
        known[entry.key] = entry
        entries.append(entry)
      }
    }
    return entries
  }

  private func network(
    _ entry: YAMLNode.Entry, _ blocks: [BlockDefinition], _ usedBlocks: inout Set<String>
  ) -> NetworkSpec? {
    let name = entry.key
    var header = NetworkHeader(network: name, layers: entry.value)
    if let entries = entry.value.entries {
      guard header.read(entries, reader: reader) else {
        missing("layers", in: "the \(name)", at: entry.keySpan)
        return nil
      }
    }
    if header.inputs.isEmpty {
      if !reader.bag.hasErrors { missing("inputs", in: "the network `\(name)`", at: entry.keySpan) }
      return nil
    }
    var loader = NetworkLoader(
      reader: reader, catalog: catalog, blocks: blocks, network: name, inputNames: header.inputs.map(\.name))
    let (layers, visible) = header.layers.isNull ? ([], [:]) : loader.load(header.layers)
    usedBlocks.formUnion(loader.usedBlocks)
    if layers.isEmpty, header.layers.isEmptyList || !reader.bag.hasErrors {
      reader.report(Diagnostic(.emptyNetwork, at: entry.keySpan, ["network": "the \(name)"]))
    }
    var outputs = header.outputs
    for (index, output) in outputs.enumerated() {
      let written = output.layer.value
      outputs[index].layer.value = visible[written] ?? written
      if visible[written] == nil {
        loader.unknownReference(
          written, at: output.layer.span ?? entry.keySpan, among: visible.keys.sorted())
      }
    }
    let network = NetworkSpec(
      name: name, span: entry.keySpan, inputs: header.inputs, layers: layers, outputs: outputs,
      isPatch: header.isPatch, isFrozen: header.isFrozen)
    if !reader.bag.hasErrors {
      for layer in network.unreadLayers {
        reader.report(
          Diagnostic(
            .unusedLayer, at: layer.kind.name.span ?? layer.span, ["layer": layer.kind.name.value],
            notes: [.init("name it in the `from` of a later layer, or remove it")] + layer.expansion))
      }
    }
    return network
  }
}
