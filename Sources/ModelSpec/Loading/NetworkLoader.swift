import Diagnostics

/// A block as its definition stands in the model.
struct BlockDefinition {
  var name: String
  var keySpan: SourceSpan
  var parameters: [Parameter]
  var layers: YAMLNode

  struct Parameter {
    var name: String
    var span: SourceSpan
    /// Nil where the user of the block must give it.
    var defaultValue: YAMLNode?
  }
}

/// Writes a network's layers out: blocks with their parameters put in, repetitions repeated.
struct NetworkLoader {
  static let layerLimit = 2_000
  private static let structure = ["repeat", "residual"]

  let reader: ExpressionReader
  let catalog: SpecCatalog
  let blocks: [BlockDefinition]
  let network: String
  private(set) var usedBlocks: Set<String> = []
  private var count = 0
  private var hitLimit = false
  /// The blocks that are being written out.
  private var stack: [String] = []
  /// Where each name of the network was given.
  private var names: [String: SourceSpan] = [:]

  init(reader: ExpressionReader, catalog: SpecCatalog, blocks: [BlockDefinition], network: String) {
    self.reader = reader
    self.catalog = catalog
    self.blocks = blocks
    self.network = network
  }

  mutating func load(_ node: YAMLNode, inputName: String) -> [LayerSpec] {
    expand(node, scope: Scope(), prefix: "", known: [inputName])
  }

  // MARK: Lists

  private mutating func expand(
    _ node: YAMLNode, scope: Scope, prefix: String, known: Set<String>
  ) -> [LayerSpec] {
    var layers: [LayerSpec] = []
    append(node, scope: scope, prefix: prefix, known: known, to: &layers)
    return layers
  }

  private mutating func append(
    _ node: YAMLNode, scope: Scope, prefix: String, known: Set<String>, to layers: inout [LayerSpec]
  ) {
    guard let elements = node.elements else {
      reader.report(
        Diagnostic(
          .wrongType, at: node.span,
          ["what": "the layers", "expected": "a list", "actual": node.kindText]))
      return
    }
    for element in elements where !hitLimit {
      appendLayer(element, scope: scope, prefix: prefix, known: known, to: &layers)
    }
  }

  private mutating func appendLayer(
    _ node: YAMLNode, scope: Scope, prefix: String, known: Set<String>, to layers: inout [LayerSpec]
  ) {
    guard let item = LayerItem(node, reader: reader) else { return }
    switch item.kind {
    case "repeat": repeatLayers(item, scope: scope, prefix: prefix, known: known, to: &layers)
    default:
      if let block = blocks.first(where: { $0.name == item.kind }) {
        useBlock(block, item, scope: scope, prefix: prefix, known: known, to: &layers)
      } else {
        appendPlain(item, scope: scope, prefix: prefix, known: known, to: &layers)
      }
    }
  }

  // MARK: One layer

  private mutating func appendPlain(
    _ item: LayerItem, scope: Scope, prefix: String, known: Set<String>, to layers: inout [LayerSpec]
  ) {
    count += 1
    if count > Self.layerLimit {
      hitLimit = true
      reader.report(Diagnostic(.tooManyLayers, at: item.kindSpan, ["limit": "\(Self.layerLimit)"]))
      return
    }
    let name = item.name.map { prefix + $0.value } ?? prefix + "\(layers.count)"
    let visible = known.union(layers.filter(\.isNamed).map(\.name))
    var layer = LayerSpec(
      name: name, isNamed: item.name != nil,
      kind: Configured(name: Spanned(item.kind, span: item.kindSpan)), from: nil, span: item.span,
      expansion: reader.expansion, body: [], shortcut: [])
    if let given = item.name { register(given, as: name) }
    if let from = item.from { layer.from = references(from, visible, prefix: prefix) }
    if item.kind == "residual" {
      guard let parts = residual(item, scope: scope, name: name, known: visible) else { return }
      (layer.body, layer.shortcut) = parts
    } else {
      guard let schema = catalog.layers.first(where: { $0.schema.name == item.kind }) else {
        unknownLayer(item)
        return
      }
      if let from = layer.from { check(from.count, schema, item) }
      if layer.from == nil, schema.inputs == .twoOrMore { check(1, schema, item) }
      guard
        let attributes = reader.attributes(
          item.value, of: schema.schema, named: item.kindSpan, in: scope, base: "")
      else { return }
      layer.kind.attributes = attributes
    }
    layers.append(layer)
  }

  private func check(_ count: Int, _ schema: LayerSchema, _ item: LayerItem) {
    let expected: String
    switch schema.inputs {
    case .one: if count == 1 { return } else { expected = "one input" }
    case .twoOrMore: if count >= 2 { return } else { expected = "two or more inputs" }
    }
    reader.report(
      Diagnostic(
        .inputCount, at: item.from?.span ?? item.kindSpan,
        ["layer": item.kind, "expected": expected, "actual": "\(count)"],
        notes: [.init("write `from: [name, other]` beside it, with the names of earlier layers")]))
  }

  private func unknownLayer(_ item: LayerItem) {
    var diagnostic = Diagnostic(.unknownLayer, at: item.kindSpan, ["name": item.kind])
    let names = catalog.layers.map(\.schema.name) + blocks.map(\.name) + Self.structure
    let plain = item.kind.lowercased().filter { $0 != "_" && $0 != "-" }
    // PyTorch's class names: ConvTranspose2d is conv_transpose2d.
    let near =
      names.first { $0.filter { $0 != "_" } == plain } ?? nearestName(to: item.kind, among: names)
    if let near {
      diagnostic.fixes = [
        FixIt("write `\(near)`", edits: [.init(span: item.kindSpan, replacement: near)])
      ]
    } else {
      diagnostic.notes = [.init("there are: \(names.joined(separator: ", "))")]
    }
    reader.report(diagnostic)
  }

  private mutating func register(_ given: Spanned<String>, as name: String) {
    guard let span = given.span else { return }
    let letters = given.value.utf8
    let isName =
      letters.first.map { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 } == true
      && letters.allSatisfy {
        (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
    if !isName {
      reader.report(Diagnostic(.badName, at: span, ["name": given.value]))
    } else if let first = names[name] {
      reader.report(
        Diagnostic(
          .duplicateName, at: span, ["network": network, "name": given.value],
          notes: [.init("it stands here first", at: first)]))
    }
    names[name] = span
  }

  /// Names of this list win over those of the lists around it.
  private func references(
    _ node: YAMLNode, _ known: Set<String>, prefix: String
  ) -> [Spanned<String>]? {
    let nodes = node.elements ?? [node]
    var references: [Spanned<String>] = []
    for reference in nodes {
      guard let name = reference.scalar, !reference.isNull else {
        reader.report(
          Diagnostic(
            .wrongType, at: reference.span,
            ["what": "`from`", "expected": "a layer's name", "actual": reference.kindText]))
        return nil
      }
      let full = known.contains(prefix + name) ? prefix + name : name
      if !known.contains(full) {
        var diagnostic = Diagnostic(.unknownReference, at: reference.span, ["name": name])
        if let near = nearestName(to: name, among: known.sorted()) {
          diagnostic.fixes = [
            FixIt("write `\(near)`", edits: [.init(span: reference.span, replacement: near)])
          ]
        } else {
          diagnostic.notes = [
            .init("named before it: \(known.sorted().joined(separator: ", "))")
          ]
        }
        reader.report(diagnostic)
        return nil
      }
      references.append(Spanned(full, span: reference.span))
    }
    return references
  }

  // MARK: Structure

  private mutating func residual(
    _ item: LayerItem, scope: Scope, name: String, known: Set<String>
  ) -> (body: [LayerSpec], shortcut: [LayerSpec])? {
    guard let value = item.value, !value.isNull else {
      reader.report(
        Diagnostic(.missingKey, at: item.kindSpan, ["context": "`residual`", "key": "layers"]))
      return nil
    }
    if value.elements != nil {
      return (expand(value, scope: scope, prefix: name + ".", known: known), [])
    }
    for entry in value.entries ?? [] where !["layers", "shortcut"].contains(entry.key) {
      reader.unknownKey(entry, among: ["layers", "shortcut"], context: "`residual`")
    }
    guard let layers = value.entry("layers")?.value else {
      reader.report(
        Diagnostic(.missingKey, at: item.kindSpan, ["context": "`residual`", "key": "layers"]))
      return nil
    }
    let body = expand(layers, scope: scope, prefix: name + ".", known: known)
    let shortcut =
      value.entry("shortcut").map {
        expand($0.value, scope: scope, prefix: name + ".shortcut.", known: known)
      } ?? []
    return (body, shortcut)
  }

  private mutating func repeatLayers(
    _ item: LayerItem, scope: Scope, prefix: String, known: Set<String>, to layers: inout [LayerSpec]
  ) {
    item.rejectNameAndFrom(reader)
    let keys = ["times", "index", "layers"]
    for entry in item.value?.entries ?? [] where !keys.contains(entry.key) {
      reader.unknownKey(entry, among: keys, context: "`repeat`")
    }
    for key in ["times", "layers"] where item.value?.entry(key) == nil {
      reader.report(Diagnostic(.missingKey, at: item.kindSpan, ["context": "`repeat`", "key": key]))
    }
    guard let timesNode = item.value?.entry("times")?.value, let body = item.value?.entry("layers")?.value,
      let times = reader.int(timesNode, 0...Self.layerLimit, in: scope, what: "`times` of `repeat`")
    else { return }
    if times == 0 { noteUses(in: body) }
    let index = item.value?.entry("index")?.value
    let outer = reader.expansion
    for iteration in 0..<times where !hitLimit {
      var inner = scope
      if let name = index?.scalar { inner = inner.adding(name, .number(.int(iteration))) }
      reader.expansion = [.init("in repetition \(iteration) of \(times) here", at: item.kindSpan)] + outer
      append(body, scope: inner, prefix: prefix, known: known, to: &layers)
    }
    reader.expansion = outer
  }

  /// What stands in a repetition that is done no times is used all the same: with other numbers it would be.
  private mutating func noteUses(in node: YAMLNode) {
    switch node.content {
    case .scalar(let text, _):
      for name in text.split(whereSeparator: { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }) {
        noteUse(String(name))
      }
    case .sequence(let elements): for element in elements { noteUses(in: element) }
    case .mapping(let entries):
      for entry in entries {
        noteUse(entry.key)
        noteUses(in: entry.value)
      }
    }
  }

  private mutating func noteUse(_ name: String) {
    reader.globals.noteUse(name)
    guard let block = blocks.first(where: { $0.name == name }), usedBlocks.insert(name).inserted else { return }
    noteUses(in: block.layers)
  }

  private mutating func useBlock(
    _ block: BlockDefinition, _ item: LayerItem, scope: Scope, prefix: String, known: Set<String>,
    to layers: inout [LayerSpec]
  ) {
    usedBlocks.insert(block.name)
    if stack.contains(block.name) {
      reader.report(Diagnostic(.blockRecursion, at: item.kindSpan, ["block": block.name]))
      return
    }
    guard let inner = arguments(block, item, scope) else { return }
    let outer = reader.expansion
    stack.append(block.name)
    reader.expansion = [.init("`\(block.name)` is used here", at: item.kindSpan)] + outer
    let start = layers.count
    append(block.layers, scope: inner, prefix: prefix, known: known, to: &layers)
    reader.expansion = outer
    stack.removeLast()
    guard layers.count > start else { return }
    // A block's name is that of its last layer, and its `from` that of its first.
    if let name = item.name {
      register(name, as: prefix + name.value)
      layers[layers.count - 1].name = prefix + name.value
      layers[layers.count - 1].isNamed = true
    }
    if let from = item.from {
      let visible = known.union(layers[..<start].filter(\.isNamed).map(\.name))
      layers[start].from = references(from, visible, prefix: prefix)
    }
  }

  /// The scope inside a block: its parameters, and nothing of the place that uses it.
  private mutating func arguments(_ block: BlockDefinition, _ item: LayerItem, _ scope: Scope) -> Scope? {
    var inner = Scope()
    var isWhole = true
    let given = item.value.flatMap { $0.isNull ? nil : $0 }
    var values: [String: YAMLNode] = [:]
    if let entries = given?.entries {
      for entry in entries {
        if block.parameters.contains(where: { $0.name == entry.key }) {
          values[entry.key] = entry.value
        } else {
          reader.unknownKey(entry, among: block.parameters.map(\.name), context: "the block `\(block.name)`")
          isWhole = false
        }
      }
    } else if let given, let only = block.parameters.first {
      // `up: 64` sets the first parameter.
      values[only.name] = given
    } else if let given {
      reader.report(
        Diagnostic(
          .wrongType, at: given.span,
          ["what": "what follows `\(block.name)`", "expected": "left out", "actual": given.kindText]))
      isWhole = false
    }
    for parameter in block.parameters {
      let what = "`\(parameter.name)` of `\(block.name)`"
      let node: YAMLNode
      let place: Scope
      if let argument = values[parameter.name] {
        (node, place) = (argument, scope)
      } else if let value = parameter.defaultValue {
        (node, place) = (value, Scope())
      } else {
        reader.report(
          Diagnostic(
            .missingParameter, at: item.kindSpan, ["block": block.name, "name": parameter.name],
            notes: [.init("the block asks for it here", at: parameter.span)]))
        isWhole = false
        continue
      }
      if let flag = node.plainScalar.flatMap(YAMLScalar.bool) {
        inner = inner.adding(parameter.name, .bool(flag))
      } else if let name = node.plainScalar, case .bool(let flag)? = place.lookup(name) {
        inner = inner.adding(parameter.name, .bool(flag))
      } else if let number = reader.number(node, in: place, what: what) {
        inner = inner.adding(parameter.name, .number(number))
      } else {
        isWhole = false
      }
    }
    return isWhole ? inner : nil
  }
}

/// An element of a list of layers: one kind, and what stands beside it.
private struct LayerItem {
  var kind: String
  var kindSpan: SourceSpan
  var value: YAMLNode?
  var name: Spanned<String>?
  var from: YAMLNode?
  var span: SourceSpan

  init?(_ node: YAMLNode, reader: ExpressionReader) {
    span = node.span
    if let kind = node.scalar, !node.isNull {
      (self.kind, kindSpan) = (kind, node.span)
      return
    }
    let entries = node.entries ?? []
    let kinds = entries.filter { !["name", "from"].contains($0.key) }
    guard kinds.count == 1 else {
      let found =
        node.entries == nil
        ? node.kindText
        : kinds.isEmpty ? "none" : kinds.map { "`\($0.key)`" }.joined(separator: " and ")
      reader.report(
        Diagnostic(
          .layerForm, at: kinds.count > 1 ? kinds[1].keySpan : node.span, ["count": found],
          notes: [.init("write a `-` before each layer, and attributes in braces after its name")]))
      return nil
    }
    kind = kinds[0].key
    kindSpan = kinds[0].keySpan
    value = kinds[0].value
    if let entry = entries.first(where: { $0.key == "name" }) {
      name = Spanned(entry.value.scalar ?? "", span: entry.value.span)
    }
    from = entries.first { $0.key == "from" }?.value
  }

  func rejectNameAndFrom(_ reader: ExpressionReader) {
    for (key, span) in [("name", name?.span), ("from", from?.span)] {
      if let span {
        reader.report(Diagnostic(.unknownKey, at: span, ["key": key, "context": "`repeat`"]))
      }
    }
  }
}
