import Diagnostics

/// What stands in a list of layers without being one: residuals, repetitions and blocks.
extension NetworkLoader {
  // MARK: residual

  /// - Parameter name: The residual's name, which begins those of the layers in it.
  mutating func residual(
    _ item: LayerItem, at place: Place, name: String
  ) -> (body: [LayerSpec], shortcut: [LayerSpec])? {
    let keys = ["layers", "shortcut"]
    for entry in item.value?.entries ?? [] where !keys.contains(entry.key) {
      reader.unknownKey(entry, among: keys, context: "`residual`")
    }
    let value = item.value.flatMap { $0.isNull ? nil : $0 }
    guard let layers = value?.elements == nil ? value?.entry("layers")?.value : value else {
      reader.report(
        Diagnostic(.missingKey, at: item.kindSpan, ["context": "`residual`", "key": "layers"]))
      return nil
    }
    let body = expand(layers, at: place, prefix: name + ".")
    if body.isEmpty, layers.isEmptyList || !reader.bag.hasErrors {
      reader.report(Diagnostic(.emptyNetwork, at: item.kindSpan, ["network": "`residual`"]))
    }
    let shortcut =
      value?.entry("shortcut").map { expand($0.value, at: place, prefix: name + ".shortcut.") } ?? []
    return (body, shortcut)
  }

  // MARK: repeat

  mutating func repeatLayers(_ item: LayerItem, at place: inout Place, to layers: inout [LayerSpec]) {
    item.rejectNameAndFrom(reader)
    let keys = ["times", "index", "layers"]
    if let value = item.value, value.entries == nil {
      reader.reportWrongType(value, "what follows `repeat`", "{times: …, layers: […]}")
      return
    }
    var misspelled: [String] = []
    for entry in item.value?.entries ?? [] where !keys.contains(entry.key) {
      misspelled += reader.unknownKey(entry, among: keys, context: "`repeat`")
    }
    for key in ["times", "layers"] where item.value?.entry(key) == nil && !misspelled.contains(key) {
      reader.report(Diagnostic(.missingKey, at: item.kindSpan, ["context": "`repeat`", "key": key]))
    }
    let index = item.value?.entry("index").flatMap { indexName($0.value) }
    guard let timesNode = item.value?.entry("times")?.value, let body = item.value?.entry("layers")?.value,
      let times = reader.int(timesNode, 0...Self.layerLimit, in: place.scope, what: "`times` of `repeat`")
    else { return }
    if let index, let span = index.span, !body.words.contains(index.value) {
      reader.report(
        Diagnostic(.unusedName, at: span, ["what": "the index", "name": index.value]))
    }
    if times == 0 { noteUses(in: body) }
    let outer = reader.expansion
    for iteration in 0..<times {
      guard step(item.kindSpan) else { break }
      var inner = place
      inner.isRepeated = true
      if let index { inner.scope = inner.scope.adding(index.value, .number(.int(iteration))) }
      reader.expansion = [.init("in repetition \(iteration) of \(times) here", at: item.kindSpan)] + outer
      append(body, at: &inner, to: &layers)
      publishComputedNames(of: inner, to: &place)
    }
    reader.expansion = outer
  }

  /// What stands in a repetition that is done no times is used all the same: with other numbers it would be.
  private mutating func noteUses(in body: YAMLNode) {
    for name in body.wordsAndKeys {
      reader.globals.markUsed(name)
      if let block = blocks.first(where: { $0.name == name }), usedBlocks.insert(name).inserted {
        noteUses(in: block.layers)
      }
    }
  }

  private func indexName(_ node: YAMLNode) -> Spanned<String>? {
    guard let name = node.scalar, !node.isNull else {
      reader.reportWrongType(node, "`index` of `repeat`", "a name")
      return nil
    }
    return reader.isVariableName(name, at: node.span) ? Spanned(name, span: node.span) : nil
  }

  // MARK: Blocks

  mutating func useBlock(
    _ block: BlockDefinition, _ item: LayerItem, at place: inout Place, to layers: inout [LayerSpec]
  ) {
    usedBlocks.insert(block.name)
    if block.isBroken {
      if let name = item.name { register(name, as: fullName(name.value, place, index: 0), at: &place) }
      return
    }
    if stack.contains(block.name) {
      reader.report(Diagnostic(.blockRecursion, at: item.kindSpan, ["block": block.name]))
      return
    }
    let start = layers.count
    if let from = item.from {
      entry = references(from, place.visible).map { BlockInput(references: $0, span: from.span) }
    }
    if let scope = arguments(block, item, place.scope) {
      let outer = reader.expansion
      stack.append(block.name)
      reader.expansion = [.init("`\(block.name)` is used here", at: item.kindSpan)] + outer
      var inner = place
      inner.scope = scope
      inner.isRepeated = true
      append(block.layers, at: &inner, to: &layers)
      reader.expansion = outer
      stack.removeLast()
    }
    if layers.count == start, !reader.bag.hasErrors, item.from != nil || item.name != nil {
      reader.report(
        Diagnostic(.emptyNetwork, at: item.kindSpan, ["network": "the block `\(block.name)`"]))
    }
    entry = item.from == nil ? entry : nil
    guard let name = item.name else { return }
    // A block's name is that of its last layer.
    let full = fullName(name.value, place, index: max(start, layers.count - 1))
    register(name, as: full, at: &place)
    if layers.count > start { layers[layers.count - 1].rename(to: full) }
  }

  /// The scope inside a block: its parameters, and nothing of the place that uses it.
  private mutating func arguments(_ block: BlockDefinition, _ item: LayerItem, _ scope: Scope) -> Scope? {
    var inner = Scope.global
    var isWhole = true
    var misspelled: [String] = []
    let given = item.value.flatMap { $0.isNull ? nil : $0 }
    var values: [String: YAMLNode] = [:]
    if let entries = given?.entries {
      for entry in entries {
        if block.parameters.contains(where: { $0.name == entry.key }) {
          values[entry.key] = entry.value
        } else {
          misspelled += reader.unknownKey(
            entry, among: block.parameters.map(\.name), context: "the block `\(block.name)`")
          isWhole = false
        }
      }
    } else if let given, let first = block.parameters.first {
      // `up: 64` sets the first parameter.
      values[first.name] = given
    } else if let given {
      reader.reportWrongType(given, "what follows `\(block.name)`", "left out")
      isWhole = false
    }
    for parameter in block.parameters {
      let what = "`\(parameter.name)` of `\(block.name)`"
      let argument = values[parameter.name].map { ($0, scope) }
      guard let (node, place) = argument ?? parameter.defaultValue.map({ ($0, .global) }) else {
        if !misspelled.contains(parameter.name) {
          reader.report(
            Diagnostic(
              .missingParameter, at: item.kindSpan, ["block": block.name, "name": parameter.name],
              notes: [.init("the block asks for it here", at: parameter.span)]))
        }
        isWhole = false
        continue
      }
      if let value = reader.value(node, in: place, what: what) {
        inner = inner.adding(parameter.name, value)
      } else {
        isWhole = false
      }
    }
    return isWhole ? inner : nil
  }
}

extension LayerSpec {
  /// Gives the layer another name, which begins the names of the layers in it, too.
  mutating func rename(to new: String) {
    let old = name + "."
    func renamed(_ name: String) -> String {
      name.hasPrefix(old) ? new + "." + name.dropFirst(old.count) : name
    }
    func renamed(_ layers: [LayerSpec]) -> [LayerSpec] {
      layers.map { layer in
        var layer = layer
        layer.name = renamed(layer.name)
        layer.from = layer.from?.map { Spanned(renamed($0.value), span: $0.span) }
        layer.body = renamed(layer.body)
        layer.shortcut = renamed(layer.shortcut)
        return layer
      }
    }
    body = renamed(body)
    shortcut = renamed(shortcut)
    name = new
    isNamed = true
  }
}

extension YAMLNode {
  /// Every word that stands in a value of the node.
  var words: Set<String> {
    switch content {
    case .scalar(let text, _):
      return Set(text.utf8.split { !Self.isPartOfWord($0) }.map { String(decoding: $0, as: UTF8.self) })
    case .sequence(let elements): return elements.reduce(into: []) { $0.formUnion($1.words) }
    case .mapping(let entries): return entries.reduce(into: []) { $0.formUnion($1.value.words) }
    }
  }

  /// Letters of all languages, which are more than a byte, are.
  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }

  /// Every word, and every key of a mapping.
  var wordsAndKeys: Set<String> {
    switch content {
    case .scalar: return words
    case .sequence(let elements): return elements.reduce(into: []) { $0.formUnion($1.wordsAndKeys) }
    case .mapping(let entries):
      return entries.reduce(into: []) {
        $0.insert($1.key)
        $0.formUnion($1.value.wordsAndKeys)
      }
    }
  }
}
