import Diagnostics

/// A `--set` argument: `train.optimizer.adam.lr=0.001`.
struct Override {
  struct Key {
    var name: String
    var span: SourceSpan
  }

  var path: [Key]
  private let text: String
  private let valueStart: Int
  private let source: SourceID

  /// Nil where the text is not of the form `key.key=value`, or leads deeper than any model.
  init?(_ text: String, source: SourceID) {
    guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    var offset = 0
    var path: [Key] = []
    for name in text[..<equals].split(separator: ".", omittingEmptySubsequences: false) {
      if name.isEmpty { return nil }
      let end = offset + name.utf8.count
      path.append(Key(name: String(name), span: SourceSpan(source: source, range: offset..<end)))
      offset = end + 1
    }
    if path.count > YAMLLimit.depth { return nil }
    self.path = path
    self.text = text
    self.source = source
    valueStart = offset
  }

  /// A path alone, as a stage has it; nil where it leads nowhere.
  init?(path text: String, at span: SourceSpan) {
    let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") || names.count > YAMLLimit.depth { return nil }
    path = names.map { Key(name: $0, span: span) }
    self.text = ""
    source = span.source
    valueStart = 0
  }

  /// The value as YAML, with its place in the argument.
  func parseValue(into bag: inout DiagnosticBag) -> YAMLNode? {
    // The key is blanked out, so that positions in the value are positions in the argument.
    let value = text.utf8.dropFirst(valueStart)
    let padded = Array(repeating: UInt8(ascii: " "), count: valueStart) + Array(value)
    if value.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
      let end = SourceSpan(source: source, range: valueStart..<text.utf8.count)
      return YAMLNode(.scalar("", isPlain: true), span: end)
    }
    return YAMLParser.parse(padded, source: source, into: &bag)
  }
}

/// Puts the value of an override where its path leads.
struct OverrideSetter {
  private let catalog: SpecCatalog
  private let value: YAMLNode
  /// Why the path leads nowhere.
  private(set) var mistake: Diagnostic?

  /// The names of the model's networks.
  private let networks: [String]

  /// - Parameter root: The model before the override.
  init(catalog: SpecCatalog, value: YAMLNode, root: YAMLNode) {
    self.catalog = catalog
    self.value = value
    networks =
      NetworkPreset.all.map(\.name).filter { root.entry("networks") == nil || root.entry($0) != nil }
      + (root.entry("networks")?.value.entries ?? []).map(\.key)
  }

  mutating func set(_ path: ArraySlice<Override.Key>, in node: YAMLNode) -> YAMLNode {
    set(path, in: node, at: [])
  }

  /// - Parameter place: The keys that lead to `node`.
  private mutating func set(
    _ path: ArraySlice<Override.Key>, in node: YAMLNode, at place: [String]
  ) -> YAMLNode {
    guard let key = path.first else { return value }
    let rest = path.dropFirst()
    if var elements = node.elements, let index = Int(key.name) {
      guard elements.indices.contains(index) else {
        let range = "from 0 to \(elements.count - 1)"
        mistake = Diagnostic(
          .outOfRange, at: key.span, ["what": "the index", "expected": range, "actual": key.name])
        return node
      }
      elements[index] = set(rest, in: elements[index], at: place + [key.name])
      return YAMLNode(.sequence(elements), span: node.span)
    }
    if place == ["train", "optimizer"], !networks.contains(key.name), let split = node.entries,
      split.contains(where: { networks.contains($0.key) })
    {
      // What is set for both is set in each.
      let both = networks.map { name in
        let entry =
          split.first { $0.key == name } ?? .init(key: name, keySpan: key.span, value: Self.empty(key.span))
        return YAMLNode.Entry(
          key: name, keySpan: entry.keySpan, value: set(path, in: entry.value, at: place + [name]))
      }
      return YAMLNode(.mapping(both), span: node.span)
    }
    if !rest.isEmpty, let choice = whole(in: node, at: place, key), choice.key == key.name {
      let attributes = set(rest, in: choice.value, at: place + [choice.key])
      return YAMLNode(
        .mapping([.init(key: choice.key, keySpan: choice.keySpan, value: attributes)]), span: node.span)
    }
    if let choice = choice(in: node, at: place, having: key, isLast: rest.isEmpty) {
      let attributes = set(path, in: choice.value, at: place + [choice.key])
      return YAMLNode(
        .mapping([.init(key: choice.key, keySpan: choice.keySpan, value: attributes)]), span: node.span)
    }
    if place == ["train", "data"], node.isNull || node.entries?.isEmpty == true, rest.isEmpty,
      catalog.dataSources.contains(where: { $0.schema.attributes.contains { $0.name == key.name } }),
      !catalog.dataSources.contains(where: { $0.schema.name == key.name })
    {
      mistake = Diagnostic(
        .missingKey, at: key.span, ["context": "`train`", "key": "data"],
        notes: [
          .init(
            "`\(key.name)` belongs to a source of images: name one, too, such as `--set train.data=digits`")
        ])
      return node
    }
    guard var entries = entries(of: node, for: key, at: place) else {
      mistake = Diagnostic(
        .wrongType, at: key.span,
        [
          "what": "`\(place.joined(separator: "."))`", "expected": "a mapping to have `\(key.name)`",
          "actual": node.kindText,
        ], notes: [.init("it stands here", at: node.span)])
      return node
    }
    if let index = entries.firstIndex(where: { $0.key == key.name }) {
      entries[index].value = set(rest, in: entries[index].value, at: place + [key.name])
      if rest.isEmpty { entries[index].keySpan = key.span }
    } else {
      let empty = YAMLNode(.mapping([]), span: key.span)
      let new = set(rest, in: empty, at: place + [key.name])
      entries.append(.init(key: key.name, keySpan: key.span, value: new))
    }
    return YAMLNode(.mapping(entries), span: node.span)
  }

  /// What may be chosen at a place that holds one choice with its attributes, and the choice that holds where none
  /// is written; nil elsewhere.
  private func choices(at place: [String]) -> (schemas: [Schema], standard: String?)? {
    switch place {
    case ["train", "data"]: (catalog.dataSources.map(\.schema), nil)
    case ["train", "loss"]: (catalog.losses, TrainLoader.standardLoss)
    case ["train", "optimizer"]: (catalog.optimizers, TrainLoader.standardOptimizer)
    case _ where place.dropLast() == ["train", "optimizer"] && networks.contains(place[2]):
      (catalog.optimizers, TrainLoader.standardOptimizer)
    default: nil
    }
  }

  private static func empty(_ span: SourceSpan) -> YAMLNode { YAMLNode(.mapping([]), span: span) }

  /// The choice that stands at a place, or holds there by default, with all its attributes in one mapping, if the key
  /// is one of them.
  ///
  /// - Parameter isLast: Whether the key is the end of the path.
  private func choice(
    in node: YAMLNode, at place: [String], having key: Override.Key, isLast: Bool
  ) -> YAMLNode.Entry? {
    guard let schemas = choices(at: place)?.schemas, let chosen = whole(in: node, at: place, key),
      let schema = schemas.first(where: { $0.name == chosen.key }),
      isAttribute(key.name, of: schema, among: schemas, isLast: isLast)
    else { return nil }
    return chosen
  }

  /// The choice that stands at a place, or holds there by default, with all its attributes in one mapping.
  private func whole(in node: YAMLNode, at place: [String], _ key: Override.Key) -> YAMLNode.Entry? {
    guard let (schemas, standard) = choices(at: place) else { return nil }
    let entries =
      node.isNull
      ? []
      : node.entries ?? node.scalar.map { name in
        [.init(key: name, keySpan: node.span, value: Self.empty(node.span))]
      } ?? []
    var chosen = entries.first { entry in schemas.contains { $0.name == entry.key } }
    if chosen == nil, entries.isEmpty, let standard {
      chosen = .init(key: standard, keySpan: key.span, value: Self.empty(key.span))
    }
    guard let chosen, let schema = schemas.first(where: { $0.name == chosen.key }),
      let own = chosen.value.asEntries(primary: schema.primary, keySpan: chosen.keySpan)
    else { return nil }
    let all = own + entries.filter { $0.key != schema.name }
    return .init(
      key: chosen.key, keySpan: chosen.keySpan, value: YAMLNode(.mapping(all), span: chosen.value.span))
  }

  /// Whether a key is meant as an attribute, under its name here, under that of another program, or misspelt.
  private func isAttribute(_ key: String, of schema: Schema, among schemas: [Schema], isLast: Bool) -> Bool {
    let names = schema.attributes.map(\.name)
    if names.contains(key) || ArgumentHabits.find(key, of: schema.name, isLayer: false) != nil { return true }
    return isLast && !schemas.contains { $0.name == key } && nearestName(to: key, among: names) != nil
  }

  /// What stands at a place, as a mapping that may take the key; nil where it cannot be one.
  private func entries(of node: YAMLNode, for key: Override.Key, at place: [String]) -> [YAMLNode.Entry]? {
    func entry(_ name: String, _ value: YAMLNode) -> YAMLNode.Entry {
      .init(key: name, keySpan: value.span, value: value)
    }
    if node.isNull { return [] }
    if place == ["train", "optimizer"], networks.contains(key.name) {
      if node.entries?.isEmpty == true { return [] }
      let isSplit = node.entries?.contains { networks.contains($0.key) } == true
      return isSplit ? node.entries : networks.map { entry($0, node) }
    }
    // `optimizer: adam` as `{adam: {}}`, to set one of its attributes.
    if node.scalar == key.name { return [entry(key.name, YAMLNode(.mapping([]), span: node.span))] }
    // Another choice takes the place of the whole.
    if choices(at: place) != nil, node.entry(key.name) == nil { return [] }
    if let entries = node.entries { return entries }
    // `adam: 0.001` as `{lr: 0.001}`.
    if let name = place.last, let primary = primary(of: name) { return [entry(primary, node)] }
    guard let elements = node.elements else { return nil }
    if place.count == 1, networks.contains(place[0]) { return [entry("layers", node)] }
    if place == ["image"], elements.count == 3 {
      return zip(["channels", "height", "width"], elements).map(entry)
    }
    return nil
  }

  private func primary(of name: String) -> String? {
    let schemas =
      catalog.layers.map(\.schema) + catalog.losses + catalog.optimizers + catalog.dataSources.map(\.schema)
    return schemas.first { $0.name == name }?.primary
  }
}
