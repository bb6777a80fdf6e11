import Diagnostics

/// Writes a network's layers out: blocks with their parameters put in, repetitions repeated.
///
/// A layer is named by its place in its list, or by its `name:`. What stands in a block or a repetition may
/// be written out again, so a name there gets the layer's place appended (`skip_7`). `from:` reaches the
/// names before it in its own list and in the lists around.
struct NetworkLoader {
  /// Of one network. Written out with all attributes, two networks of this size and depth still pass
  /// `YAMLLimit`.
  static let layerLimit = 1_000
  /// Repetitions of nothing are steps too.
  static let stepLimit = 100_000
  static let depthLimit = 16
  static let structure = ["repeat", "residual"]

  /// What the `from` of a block's use says.
  struct BlockInput {
    var references: [Spanned<String>]
    var span: SourceSpan
  }

  /// Where a list of layers stands.
  struct Place {
    /// What the names in expressions mean.
    var scope: Scope
    /// What stands before the names of its layers: `3.` inside the residual `3`.
    var prefix: String
    /// Whether the text may be written out again.
    var isRepeated: Bool
    /// What `from` may say, and the layer's name that it means.
    var visible: [String: String]
    /// Of the layers that are called otherwise once they are written out, what `from` calls them.
    var shortNames: [String: String] = [:]
  }

  let reader: ExpressionReader
  let catalog: SpecCatalog
  let blocks: [BlockDefinition]
  let network: String
  /// What `from` may call the network's inputs; the first layer takes the first.
  let inputNames: [String]
  var usedBlocks: Set<String> = []
  /// The input of the block that is written out, until its first layer takes it.
  var entry: BlockInput?
  /// The blocks that are being written out.
  var stack: [String] = []
  private var layerCount = 0
  private var stepCount = 0
  private var depth = 0
  /// The element of the network's own list that is written out.
  private var item: SourceSpan?
  private(set) var hitLimit = false
  /// The names that expressions stand in, which are known outside of their repetition.
  private var computedNames: Set<String> = []
  /// Where each name of the network was given.
  private var names: [String: SourceSpan] = [:]

  init(
    reader: ExpressionReader, catalog: SpecCatalog, blocks: [BlockDefinition], network: String,
    inputNames: [String]
  ) {
    self.reader = reader
    self.catalog = catalog
    self.blocks = blocks
    self.network = network
    self.inputNames = inputNames
  }

  /// The layers, and the names that `outputs` may say.
  mutating func load(_ node: YAMLNode) -> (layers: [LayerSpec], visible: [String: String]) {
    let inputs = Dictionary(inputNames.map { ($0, $0) }) { first, _ in first }
    var place = Place(scope: .global, prefix: "", isRepeated: false, visible: inputs)
    var layers: [LayerSpec] = []
    append(node, at: &place, to: &layers)
    for name in inputNames { place.visible[name] = nil }
    return (layers, place.visible)
  }

  // MARK: Lists

  /// Writes out a list of its own, whose names nothing outside sees.
  mutating func expand(_ node: YAMLNode, at place: Place, prefix: String) -> [LayerSpec] {
    var inner = place
    inner.prefix = prefix
    inner.isRepeated = false
    var layers: [LayerSpec] = []
    append(node, at: &inner, to: &layers)
    return layers
  }

  mutating func append(_ node: YAMLNode, at place: inout Place, to layers: inout [LayerSpec]) {
    guard let elements = node.elements else {
      reader.reportWrongType(node, "the layers", "a list")
      return
    }
    guard depth < Self.depthLimit else {
      hitLimit = true
      reader.report(Diagnostic(.tooDeep, at: node.span, ["limit": "\(Self.depthLimit)"]))
      return
    }
    depth += 1
    for element in elements where !hitLimit { appendLayer(element, at: &place, to: &layers) }
    depth -= 1
  }

  private mutating func appendLayer(
    _ node: YAMLNode, at place: inout Place, to layers: inout [LayerSpec]
  ) {
    if depth == 1 { self.item = node.span }
    guard var item = LayerItem(node, reader: reader), step(item.kindSpan) else { return }
    if let name = item.name {
      guard let computed = computedName(name.value, at: name.span, in: place.scope) else { return }
      item.name?.value = computed
    }
    if let from = item.from {
      guard let computed = computedReferences(from, in: place.scope) else { return }
      item.from = computed
    }
    if item.kind == "repeat" {
      repeatLayers(item, at: &place, to: &layers)
    } else if let block = blocks.first(where: { $0.name == item.kind }) {
      useBlock(block, item, at: &place, to: &layers)
    } else {
      appendPlain(item, at: &place, to: &layers)
    }
  }

  /// Counts a step of the expansion; false once there are too many.
  mutating func step(_ span: SourceSpan) -> Bool {
    if hitLimit { return false }
    stepCount += 1
    if stepCount > Self.stepLimit || layerCount >= Self.layerLimit {
      hitLimit = true
      reader.report(Diagnostic(.tooManyLayers, at: span, ["limit": "\(Self.layerLimit)"]))
    }
    return !hitLimit
  }

  // MARK: One layer

  private mutating func appendPlain(
    _ item: LayerItem, at place: inout Place, to layers: inout [LayerSpec]
  ) {
    layerCount += 1
    let input = entry
    entry = nil
    var from = input?.references
    var isFromValid = true
    if let node = item.from {
      from = references(node, place.visible)
      isFromValid = from != nil
    }
    if let own = item.from, let input {
      let names = input.references.map(\.value).joined(separator: ", ")
      reader.report(
        Diagnostic(
          .unusedName, at: input.span, ["what": "the input", "name": names],
          notes: [.init("the block's first layer has a `from` of its own", at: own.span)]))
    }
    let name = item.name.map { fullName($0.value, place, index: layers.count) }
    var layer = LayerSpec(
      name: name ?? "\(place.prefix)\(layers.count)", isNamed: name != nil,
      kind: Configured(name: Spanned(item.kind, span: item.kindSpan)), from: from, span: item.span,
      item: self.item ?? item.span, expansion: reader.expansion, body: [], shortcut: [])
    let around = place
    if let name = item.name { register(name, as: layer.name, at: &place) }
    if item.kind == "residual" {
      if isFromValid { check(from, .one, item, at: item.from?.span ?? input?.span) }
      guard let parts = residual(item, at: around, name: layer.name) else { return }
      (layer.body, layer.shortcut) = parts
    } else {
      guard let schema = catalog.layers.first(where: { $0.schema.name == item.kind }) else {
        unknownLayer(item)
        return
      }
      if isFromValid { check(from, schema.inputs, item, at: item.from?.span ?? input?.span) }
      guard
        let attributes = reader.attributes(
          item.value, of: schema.schema, named: item.kindSpan, in: place.scope)
      else { return }
      layer.kind.attributes = attributes
    }
    layers.append(layer)
  }

  /// Reports a number of inputs that a layer does not take; nil is the layer before it.
  private func check(
    _ from: [Spanned<String>]?, _ arity: InputArity, _ item: LayerItem, at span: SourceSpan?
  ) {
    let count = from?.count ?? 1
    let expected: String
    switch arity {
    case .one: if count == 1 { return } else { expected = "one input" }
    case .twoOrMore: if count >= 2 { return } else { expected = "two or more inputs" }
    case .exactly(let wanted): if count == wanted { return } else { expected = "\(wanted) inputs" }
    }
    reader.report(
      Diagnostic(
        .inputCount, at: span ?? item.kindSpan,
        ["layer": item.kind, "expected": expected, "actual": from == nil ? "none" : "\(count)"],
        notes: [.init("write `from: [name, other]` beside it, with the names of earlier layers")]))
  }

  private func unknownLayer(_ item: LayerItem) {
    var diagnostic = Diagnostic(.unknownLayer, at: item.kindSpan, ["name": item.kind])
    let names = catalog.layers.map(\.schema.name) + blocks.map(\.name) + Self.structure
    // What is more than a name would be lost with it.
    let near = Expression.isName(item.kind) ? nearestName(to: item.kind, among: names) : nil
    if let near {
      diagnostic.fixes = [
        FixIt("write `\(near)`", edits: [.init(span: item.kindSpan, replacement: near)])
      ]
    } else {
      diagnostic.notes = [.init("there are: \(names.joined(separator: ", "))")]
    }
    reader.report(diagnostic)
  }

  // MARK: Names

  func fullName(_ name: String, _ place: Place, index: Int) -> String {
    place.prefix + name + (place.isRepeated && !computedNames.contains(name) ? "_\(index)" : "")
  }

  /// A name with the values of the expressions that stand in angle brackets in it: `rgb_<image.height>`.
  ///
  /// - Returns: Nil, with a report, where one of them is no whole number.
  private mutating func computedName(_ text: String, at span: SourceSpan?, in scope: Scope) -> String? {
    guard let span, text.contains("<") else { return text }
    var name = ""
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
      let node = YAMLNode(.scalar(String(rest[rest.index(after: open)..<close]), isPlain: true), span: span)
      guard let value = reader.int(node, 0...1_000_000_000, in: scope, what: "the number in a name") else {
        return nil
      }
      name += rest[..<open] + "\(value)"
      rest = rest[rest.index(after: close)...]
    }
    name += rest
    computedNames.insert(name)
    return name
  }

  private mutating func computedReferences(_ node: YAMLNode, in scope: Scope) -> YAMLNode? {
    if let text = node.scalar, !node.isNull {
      guard text.contains("<") else { return node }
      return computedName(text, at: node.span, in: scope).map {
        YAMLNode(.scalar($0, isPlain: false), span: node.span)
      }
    }
    guard let elements = node.elements else { return node }
    let computed = elements.map { computedReferences($0, in: scope) }
    if computed.contains(where: { $0 == nil }) { return nil }
    return YAMLNode(.sequence(computed.compactMap { $0 }), span: node.span)
  }

  /// Lets the names of a repetition that expressions stand in be known behind it.
  func publishComputedNames(of inner: Place, to place: inout Place) {
    for (name, layer) in inner.visible where computedNames.contains(name) {
      place.visible[name] = layer
      if name != layer { place.shortNames[layer] = name }
    }
  }

  /// Makes a name visible to the layers that follow.
  mutating func register(_ given: Spanned<String>, as name: String, at place: inout Place) {
    guard let span = given.span else { return }
    if !Self.isLayerName(given.value) {
      reader.report(
        Diagnostic(
          .badName, at: span,
          ["name": given.value, "allowed": Self.allowedInNames]))
    } else if given.value == "shortcut", !place.prefix.isEmpty {
      // The layers beside a residual's body are called that.
      reader.report(Diagnostic(.reservedName, at: span, ["name": given.value]))
    } else if let first = names[name] {
      reader.report(
        Diagnostic(
          .duplicateName, at: span, ["network": network, "name": given.value],
          notes: [.init("it stands here first", at: first)]))
    } else if inputNames.contains(given.value) {
      reader.report(
        Diagnostic(
          .duplicateName, at: span, ["network": network, "name": given.value],
          notes: [.init("it is what an input of the \(network) is called")]))
    } else if let other = place.shortNames[given.value], place.visible[other] == given.value {
      // Written out, the layer that a block calls `skip` is `skip_7`, and is so called where this one is.
      reader.report(
        Diagnostic(
          .duplicateName, at: span, ["network": network, "name": given.value],
          notes: [.init("the layer called `\(other)` here has that name once the block is written out")]))
    } else {
      names[name] = span
    }
    place.visible[given.value] = name
    if name != given.value { place.shortNames[name] = given.value }
  }

  static let allowedInNames = "letters, digits, `_` and `-`, with a letter first"

  static func isLayerName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (97...122).contains(first | 0x20) else { return false }
    return text.utf8.allSatisfy {
      (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: "-")
    }
  }

  /// The layers that a `from` means, or nil with a report.
  func references(_ node: YAMLNode, _ visible: [String: String]) -> [Spanned<String>]? {
    let nodes = node.elements ?? [node]
    var references: [Spanned<String>] = []
    for reference in nodes {
      guard let name = reference.scalar, !reference.isNull else {
        reader.reportWrongType(reference, "`from`", "a layer's name")
        continue
      }
      guard let target = visible[name] else {
        unknownReference(name, at: reference.span, among: visible.keys.sorted())
        continue
      }
      references.append(Spanned(target, span: reference.span))
    }
    return references.count == nodes.count ? references : nil
  }

  func unknownReference(_ name: String, at span: SourceSpan, among known: [String]) {
    var diagnostic = Diagnostic(.unknownReference, at: span, ["name": name])
    if let near = nearestName(to: name, among: known) {
      diagnostic.fixes = [FixIt("write `\(near)`", edits: [.init(span: span, replacement: near)])]
    } else if !known.isEmpty {
      diagnostic.notes = [.init("named before it: \(known.joined(separator: ", "))")]
    }
    reader.report(diagnostic)
  }
}
