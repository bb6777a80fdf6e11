import Diagnostics

/// Losses, optimisers and data sources under other names and in other forms.
extension Translator {
  enum ChoiceKind: String {
    case data = "data"
    case loss = "loss"
    case optimizer = "optimizer"

    /// The choice that holds where none is written.
    var standard: String? {
      switch self {
      case .data: nil
      case .loss: TrainLoader.standardLoss
      case .optimizer: TrainLoader.standardOptimizer
      }
    }
  }

  func schemas(_ kind: ChoiceKind) -> [Schema] {
    switch kind {
    case .data: catalog.dataSources.map(\.schema)
    case .loss: catalog.losses
    case .optimizer: catalog.optimizers
    }
  }

  private static let choiceNames: [(kind: ChoiceKind, name: String, spellings: [String])] = [
    (.loss, "bce", ["BCELoss", "binary_crossentropy", "binary_cross_entropy", "BinaryCrossentropy"]),
    (
      .loss, "bce_with_logits",
      [
        "BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "vanilla", "sigmoid_cross_entropy",
        "bce_logits", "BCEWithLogits", "standard", "ns", "non_saturating", "nonsaturating", "minimax",
      ]
    ),
    (.loss, "hinge", ["HingeLoss", "hinge_loss"]),
    (.loss, "lsgan", ["MSELoss", "mse", "least_squares", "ls", "l2"]),
    (.loss, "wgan", ["wasserstein", "w", "wasserstein_loss"]),
    (.loss, "wgan_gp", ["wgan-gp", "wgangp", "wasserstein_gp", "gp"]),
    (
      .data, "folder",
      ["ImageFolder", "image_folder", "dir", "directory", "images", "image_directory", "custom"]
    ),
    (.data, "cifar10", ["CIFAR-10", "cifar_10", "cifar"]),
    (.data, "idx", ["MNIST", "FashionMNIST", "fashion_mnist", "EMNIST", "KMNIST"]),
    (.data, "synthetic", ["fake", "FakeData", "shapes", "toy"]),
  ]

  /// Where `graphc data fetch` puts what everybody knows by name: the name as it is compared, the one that is fetched,
  /// and the source with what it needs to be told.
  private static let fetched:
    [(plain: String, name: String, source: String, attribute: String, value: String)] = [
      ("mnist", "mnist", "idx", "images", "data/mnist/train-images-idx3-ubyte.gz"),
      ("fashionmnist", "fashion-mnist", "idx", "images", "data/fashion-mnist/train-images-idx3-ubyte.gz"),
      ("cifar10", "cifar10", "cifar10", "path", "data/cifar10"),
      ("cifar", "cifar10", "cifar10", "path", "data/cifar10"),
    ]

  /// A data set that has a name, as a source of it.
  private mutating func fetched(_ text: String, _ node: YAMLNode) -> YAMLNode? {
    let plain = LayerHabit.plain(text.split(separator: ".").last.map(String.init) ?? "")
    guard let known = Self.fetched.first(where: { $0.plain == plain }),
      let schema = schemas(.data).first(where: { $0.name == known.source }),
      schema.attributes.contains(where: { $0.name == known.attribute })
    else { return nil }
    let value = schema.primary == known.attribute ? known.value : "{\(known.attribute): \(known.value)}"
    let path = YAMLNode(.scalar(known.value, isPlain: true), span: node.span)
    return replaced(
      node, by: "{\(known.source): \(value)}", known.source, [(known.attribute, path)],
      note: "`graphc data fetch \(known.name)` brings the files there, unless you have them elsewhere")
  }

  /// Choices that an argument turns into another one.
  private static let variants:
    [(kind: ChoiceKind, name: String, argument: String, value: String, here: String)] = [
      (.loss, "bce", "from_logits", "true", "bce_with_logits")
    ]

  /// The choice of that name, with such arguments.
  private func variant(_ name: String, _ kind: ChoiceKind, _ arguments: [(name: String?, value: PythonValue)])
    -> String
  {
    let names = schemas(kind).map(\.name)
    return Self.variants.first { variant in
      variant.kind == kind && variant.name == name && names.contains(variant.here)
        && arguments.contains { $0.name == variant.argument && $0.value.yaml?.lowercased() == variant.value }
    }?.here ?? name
  }

  /// Keys that hold the two networks' optimisers.
  private static let networkKeys: [(name: String, spellings: [String])] = [
    (NetworkPreset.maker.name, ["G", "netG", "gen", "g"]),
    (NetworkPreset.judge.name, ["D", "netD", "disc", "d", "critic"]),
  ]

  /// The name here of a choice, which may stand with its module: `torch.optim.Adam`.
  func choiceName(_ written: String, _ kind: ChoiceKind) -> String? {
    let names = schemas(kind).map(\.name)
    if names.contains(written) { return written }
    guard let last = written.split(separator: ".").last.map(String.init) else { return nil }
    let plain = LayerHabit.plain(last)
    if plain.isEmpty { return nil }
    if let name = names.first(where: { LayerHabit.plain($0) == plain }) { return name }
    return Self.choiceNames.first { choice in
      choice.kind == kind && names.contains(choice.name)
        && choice.spellings.contains { LayerHabit.plain($0) == plain }
    }?.name
  }

  // MARK: train

  mutating func train(_ node: YAMLNode) -> YAMLNode {
    guard let entries = node.entries else { return node }
    var node = node
    node.content = .mapping(
      joined(entries).map { entry in
        var entry = entry
        if let kind = ChoiceKind(rawValue: entry.key) { entry.value = choice(entry, kind) }
        return entry
      })
    return node
  }

  /// What stands under `data`, `loss` or `optimizer`.
  mutating func choice(_ entry: YAMLNode.Entry, _ kind: ChoiceKind) -> YAMLNode {
    let node = entry.value
    if node.isNull { return node }
    if let entries = node.entries {
      if kind == .optimizer, let split = networks(entries, node) { return split }
      return mappingChoice(joined(entries), node, kind)
    }
    if let text = node.scalar { return scalarChoice(text, node, kind) }
    return node
  }

  /// `{G: …, D: …}`
  private mutating func networks(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> YAMLNode? {
    func network(_ key: String) -> String? {
      Self.networkKeys.first { $0.name == key || $0.spellings.contains(key) }?.name
    }
    guard entries.contains(where: { network($0.key) != nil }) else { return nil }
    var node = node
    node.content = .mapping(
      entries.map { entry in
        var entry = entry
        if let name = network(entry.key) {
          if name != entry.key {
            report(
              Diagnostic(
                .otherSpelling, at: entry.keySpan, ["written": entry.key, "here": name],
                fixes: [FixIt("write `\(name)`", edits: [edits.replace(entry.keySpan, by: name)])]))
            entry.key = name
          }
          entry.value = choice(entry, .optimizer)
        }
        return entry
      })
    return node
  }

  private mutating func scalarChoice(_ text: String, _ node: YAMLNode, _ kind: ChoiceKind) -> YAMLNode {
    if kind == .data, let source = fetched(text, node) { return source }
    if schemas(kind).contains(where: { $0.name == text }) { return node }
    if let call = PythonReader.call(text),
      let name = choiceName(call.name, kind).map({
        variant($0, kind, call.arguments.map { ($0.name, $0.value) })
      }),
      let schema = schemas(kind).first(where: { $0.name == name })
    {
      return call.arguments.isEmpty ? renamed(text, name, node, kind) : called(call, schema, node)
    }
    if let name = choiceName(text, kind) { return renamed(text, name, node, kind) }
    // `adam 0.0002`
    let words = text.split { $0 == " " || $0 == "," }.map(String.init)
    if words.count == 2, YAMLScalar.double(words[1]) != nil, let name = choiceName(words[0], kind),
      let primary = schemas(kind).first(where: { $0.name == name })?.primary
    {
      let value = YAMLNode(.scalar(words[1], isPlain: true), span: node.span)
      return replaced(node, by: "{\(name): \(words[1])}", name, [(primary, value)])
    }
    // A learning rate alone.
    if kind == .optimizer, YAMLScalar.double(text) != nil {
      return replaced(node, by: "{adam: {lr: \(text)}}", "adam", [("lr", node)])
    }
    // A path alone.
    if kind == .data, text.hasPrefix("/") || text.hasPrefix("~") || text.hasPrefix(".") || text.contains("/")
    {
      let isFile = text.hasSuffix(".gz") || text.contains("idx3")
      let (name, attribute) = isFile ? ("idx", "images") : ("folder", "path")
      if schemas(kind).contains(where: { $0.name == name }) {
        return replaced(node, by: "{\(name): \(edits.text(node.span))}", name, [(attribute, node)])
      }
    }
    return node
  }

  private mutating func renamed(_ written: String, _ name: String, _ node: YAMLNode, _ kind: ChoiceKind)
    -> YAMLNode
  {
    let required = schemas(kind).first { $0.name == name }?.attributes.first {
      if case .required = $0.requirement { true } else { false }
    }
    // A source of files needs to know where they are.
    let here = required == nil ? name : "{\(name): …}"
    report(
      Diagnostic(
        .otherSpelling, at: node.span, ["written": written, "here": here],
        notes: required.map { [.init("`\($0.name)` of `\(name)`: \($0.summary)")] } ?? [],
        fixes: required == nil ? [FixIt("write `\(name)`", edits: [edits.replace(node.span, by: name)])] : [])
    )
    return YAMLNode(.scalar(name, isPlain: true), span: node.span)
  }

  private mutating func replaced(
    _ node: YAMLNode, by here: String, _ name: String, _ attributes: [(name: String, value: YAMLNode)],
    note: String? = nil
  ) -> YAMLNode {
    report(
      Diagnostic(
        .otherSpelling, at: node.span, ["written": edits.text(node.span), "here": here],
        notes: note.map { [.init($0)] } ?? [],
        fixes: [FixIt("write `\(here)`", edits: [edits.replace(node.span, by: here)])]))
    let entries = attributes.map { YAMLNode.Entry(key: $0.name, keySpan: node.span, value: $0.value) }
    return YAMLNode(
      .mapping([.init(key: name, keySpan: node.span, value: YAMLNode(.mapping(entries), span: node.span))]),
      span: node.span)
  }

  /// `Adam(lr=0.0002, betas=(0.5, 0.999))`
  private mutating func called(_ call: PythonCall, _ schema: Schema, _ node: YAMLNode) -> YAMLNode {
    var given: [AttributeTranslator.Given] = []
    var refused: [String] = []
    for argument in call.arguments {
      if let name = argument.name {
        given.append(.init(name: name, value: argument.value))
      } else if given.isEmpty, let primary = schema.primary,
        argument.value.formula.flatMap(YAMLScalar.double) != nil
      {
        given.append(.init(name: primary, value: argument.value))
      } else if argument.value.yaml?.contains("parameters") != true {
        // PyTorch gets the parameters first.
        if case .call = argument.value.content { continue }
        refused.append("`\(argument.value.yaml ?? "…")` in `\(call.name)`")
      }
    }
    var attributes: [(name: String, value: PythonValue)] = []
    let result = AttributeTranslator(schema: schema, isLayer: false, origin: nil).translate(given)
    for (argument, outcome) in zip(given, result.outcomes) {
      switch outcome {
      case .kept: attributes.append((argument.name, argument.value))
      case .attribute(let name, let value): attributes.append((name, value))
      case .leftOut, .activation: break
      case .refused(let what): refused.append(what)
      case .unknown: refused.append("`\(argument.name)` of `\(schema.name)`")
      }
    }
    let parts = attributes.compactMap { attribute in attribute.value.yaml.map { "\(attribute.name): \($0)" } }
    let here = parts.isEmpty ? schema.name : "{\(schema.name): {\(parts.joined(separator: ", "))}}"
    if refused.isEmpty {
      return replaced(
        node, by: here, schema.name, attributes.map { ($0.name, Self.node($0.value, node.span)) })
    }
    report(
      Diagnostic(
        .noCounterpart, at: node.span, ["what": refused.joined(separator: " and ")],
        notes: [.init("the rest is `\(here)`")]))
    return YAMLNode(.scalar(schema.name, isPlain: true), span: node.span)
  }

  // MARK: Mappings

  private mutating func mappingChoice(
    _ entries: [YAMLNode.Entry], _ node: YAMLNode, _ kind: ChoiceKind
  ) -> YAMLNode {
    let all = schemas(kind)
    // The name stands as a key, as it should.
    if let chosen = entries.first(where: { entry in all.contains { $0.name == entry.key } }),
      let schema = all.first(where: { $0.name == chosen.key })
    {
      return named(chosen, schema, entries, node)
    }
    // `{type: Adam, lr: 0.0002}`
    for key in Self.typeKeys {
      let rest = flattened(entries.filter { $0.key != key })
      guard let type = entries.first(where: { $0.key == key }), let text = type.value.scalar,
        let name = choiceName(text, kind).map({
          variant($0, kind, rest.map { ($0.key, Self.value($0.value)) })
        }),
        let schema = all.first(where: { $0.name == name })
      else { continue }
      return unnamed(rest, schema, node, nameSpan: type.keySpan, type: type)
    }
    // `{Adam: {lr: 0.0002}}`
    if let chosen = entries.first(where: { choiceName($0.key, kind) != nil }),
      let name = choiceName(chosen.key, kind).map({ name in
        // A choice with one value alone, or none, is no variant of another.
        chosen.value.entries.map { own in variant(name, kind, own.map { ($0.key, Self.value($0.value)) }) }
          ?? name
      }),
      let schema = all.first(where: { $0.name == name })
    {
      return named(chosen, schema, entries, node)
    }
    // `{lr: 0.0002}`
    let candidates =
      kind.standard.map { name in all.filter { $0.name == name } } ?? all.filter { $0.primary == "path" }
    let keys = flattened(entries)
    if let schema = candidates.first, !keys.isEmpty, isComplete(keys.map(\.key), schema) {
      return unnamed(keys, schema, node, nameSpan: keys[0].keySpan, type: nil)
    }
    return node
  }

  /// Whether keys are all attributes of a choice, under whatever names, and those that it needs among them.
  private func isComplete(_ keys: [String], _ schema: Schema) -> Bool {
    let names = keys.map { key -> String? in
      if schema.attributes.contains(where: { $0.name == key }) { return key }
      switch ArgumentHabits.find(key, of: schema.name, isLayer: false) {
      case .attribute(let name), .complement(let name), .channelsLastShape(let name): return name
      case .beta: return "betas"
      case .needless, .needlessCalls, .activation, .onlyOne: return key
      case nil: return nil
      }
    }
    return !names.contains(nil)
      && schema.attributes.allSatisfy { attribute in
        if case .required = attribute.requirement { names.contains(attribute.name) } else { true }
      }
  }

  /// The name is a key, with its attributes in it or beside it.
  private mutating func named(
    _ chosen: YAMLNode.Entry, _ schema: Schema, _ entries: [YAMLNode.Entry], _ node: YAMLNode
  ) -> YAMLNode {
    var item = TranslatedItem(schema: schema, node: node, key: chosen)
    if chosen.key != schema.name {
      item.record(chosen.keySpan, chosen.key, schema.name, edits.replace(chosen.keySpan, by: schema.name))
    }
    if let own = chosen.value.entries {
      _ = translate(joined(own), origin: nil, isLayer: false, &item)
    }
    var result = finish(item, schema.name)
    if entries.count > 1, let made = result.entries?.first(where: { $0.keySpan == chosen.keySpan }) {
      // Attributes beside the name are entries of the mapping itself.
      let beside = entries.filter { $0.keySpan != chosen.keySpan }
      var around = TranslatedItem(
        schema: schema, node: node, key: .init(key: schema.name, keySpan: chosen.keySpan, value: node))
      _ = translate(beside, origin: nil, isLayer: false, &around)
      let kept = finish(around, schema.name).entries?.first?.value.entries ?? around.entries
      result.content = .mapping([made] + kept)
    }
    return result
  }

  /// The name is a value (`type: Adam`), or there is none.
  private mutating func unnamed(
    _ attributes: [YAMLNode.Entry], _ schema: Schema, _ node: YAMLNode, nameSpan: SourceSpan,
    type: YAMLNode.Entry?
  ) -> YAMLNode {
    var item = TranslatedItem(
      schema: schema, node: node, key: .init(key: schema.name, keySpan: nameSpan, value: node))
    let count = bag.diagnostics.count
    _ = translate(attributes, origin: nil, isLayer: false, &item)
    let isWhole = bag.diagnostics.count == count
    var value = item.value
    value.content = .mapping(
      item.entries
        + item.added.map { .init(key: $0.name, keySpan: nameSpan, value: Self.node($0.value, nameSpan)) })
    let text = Self.text(schema.name, value, edits)
    let here = value.entries?.isEmpty == true ? schema.name : "{\(text)}"
    if isWhole {
      let isWritable = !edits.hasComment(node.span) && !edits.isOverride(node.span)
      let replacement = edits.isFlow(node) ? here : text.hasSuffix("}") ? text : here
      report(
        Diagnostic(
          .otherSpelling, at: nameSpan, ["written": edits.text(node.span), "here": here],
          notes: item.changes.map { change in
            .init(
              change.here.map { "`\(change.written)` is `\($0)`" }
                ?? "`\(change.written)` is left out: \(change.why)")
          },
          fixes: [
            FixIt("write `\(here)`", edits: isWritable ? [edits.replace(node.span, by: replacement)] : [])
          ]))
    }
    return YAMLNode(.mapping([.init(key: schema.name, keySpan: nameSpan, value: value)]), span: node.span)
  }
}
