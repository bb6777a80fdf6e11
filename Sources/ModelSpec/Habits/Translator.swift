import Diagnostics

/// Turns what other programs would write into what a model writes.
///
/// Each place is reported with the text that says the same here as a fix, and reading goes on as if that stood
/// there, so that every other mistake is told in the same run. The tables of this folder say what means what.
struct Translator {
  let catalog: SpecCatalog
  let edits: EntryEdits
  var bag = DiagnosticBag()
  /// The names that the model gives to lists of layers.
  var blocks: Set<String> = []
  /// Whether names that PyTorch and Keras share are Keras'.
  var prefersKeras = false
  /// The catalog's layers by their names as they are compared.
  let plainLayers: [String: String]
  /// An alias stands for one text, which is reported once.
  private var reported: Set<SourceSpan> = []

  private init(catalog: SpecCatalog, edits: EntryEdits) {
    self.catalog = catalog
    self.edits = edits
    plainLayers = Dictionary(
      catalog.layers.map { (LayerHabit.plain($0.schema.name), $0.schema.name) },
      uniquingKeysWith: { first, _ in first })
  }

  static func translate(
    _ tree: SourceTree, _ sources: SourceMap, catalog: SpecCatalog, into bag: inout DiagnosticBag
  ) -> SourceTree {
    var translator = Translator(catalog: catalog, edits: EntryEdits(sources: sources))
    translator.blocks = Set(tree.root.entry("blocks")?.value.entries?.map(\.key) ?? [])
    translator.prefersKeras = sources.sources.contains { Self.looksLikeKeras($0.text) }
    var tree = tree
    tree.root = translator.model(tree.root)
    for diagnostic in translator.bag.diagnostics { bag.report(diagnostic) }
    return tree
  }

  private static func looksLikeKeras(_ text: [UInt8]) -> Bool {
    let words = [
      "Conv2DTranspose", "BatchNormalization", "UpSampling2D", "layers.", "keras", "Dense(", "filters:",
      "units:",
    ].map { Array($0.utf8) }
    // In bytes: this is asked of every model.
    return text.indices.contains { start in
      words.contains { word in
        text[start] == word[0] && text.count - start >= word.count && text[start...].starts(with: word)
      }
    }
  }

  mutating func report(_ diagnostic: Diagnostic) {
    if let span = diagnostic.span, !reported.insert(span).inserted { return }
    bag.report(diagnostic)
  }

  // MARK: Where layers stand

  private mutating func model(_ root: YAMLNode) -> YAMLNode {
    var root = unwrapped(root)
    guard let entries = root.entries else { return root }
    let original = root
    root.content = .mapping(
      entries.map { entry in
        var entry = entry
        switch entry.key {
        case "networks":
          entry.value = mapped(entry.value) { network, translator in
            translator.network(network.value, keySpan: network.keySpan)
          }
        case "blocks":
          entry.value = mapped(entry.value) { block, translator in
            translator.network(block.value, keySpan: block.keySpan)
          }
        case "train": entry.value = train(entry.value)
        case "image": entry.value = image(entry.value, original)
        default:
          guard let preset = NetworkPreset.named(entry.key) else { break }
          entry.value = network(entry.value, keySpan: entry.keySpan)
          if preset.role == .maker {
            entry.value = reshaped(entry.value, image: original.entry("image")?.value)
          }
        }
        return entry
      })
    return placed(root)
  }

  private mutating func mapped(
    _ node: YAMLNode, _ change: (YAMLNode.Entry, inout Translator) -> YAMLNode
  ) -> YAMLNode {
    guard let entries = node.entries else { return node }
    var node = node
    node.content = .mapping(
      entries.map { entry in
        var entry = entry
        entry.value = change(entry, &self)
        return entry
      })
    return node
  }

  /// A list of layers, or a mapping that holds one.
  mutating func network(_ node: YAMLNode, keySpan: SourceSpan) -> YAMLNode {
    if node.entries == nil { return layers(node, keySpan: keySpan) }
    return mapped(node) { entry, translator in
      ["layers", "shortcut"].contains(entry.key)
        ? translator.layers(entry.value, keySpan: entry.keySpan) : entry.value
    }
  }

  private mutating func reshaped(_ network: YAMLNode, image: YAMLNode?) -> YAMLNode {
    if network.entries == nil { return channelsFirst(network, image: image) }
    return mapped(network) { entry, translator in
      entry.key == "layers" ? translator.channelsFirst(entry.value, image: image) : entry.value
    }
  }

  mutating func layers(_ node: YAMLNode, keySpan: SourceSpan) -> YAMLNode {
    if let text = node.scalar, let items = sequential(text, node, keySpan) { return items }
    guard let elements = node.elements else { return node }
    var node = node
    var context = ListContext(isFlow: edits.isFlow(node))
    var items: [YAMLNode] = []
    for element in joined(elements) { items += item(element, &context) }
    node.content = .sequence(items)
    return node
  }
}

/// What is known of the list that a layer stands in.
struct ListContext {
  var isFlow: Bool
  /// Whether what the layer gets is a vector, not an image.
  var isVector = false

  mutating func pass(_ layer: String) {
    switch layer {
    case "linear", "flatten", "batch_norm1d": isVector = true
    case "reshape", "conv2d", "conv_transpose2d", "upsample", "batch_norm2d": isVector = false
    default: return
    }
  }
}
