import Diagnostics

/// Reads `train:`.
struct TrainLoader {
  let tree: SourceTree
  let catalog: SpecCatalog
  let reader: ExpressionReader
  /// The names of the model's networks, in their order.
  let networks: [String]
  /// How many classes the model has.
  let classes: Int?

  static let keys = [
    "data", "loss", "draw", "values", "updates", "metrics", "optimizer", "batch_size", "epochs", "max_steps",
    "seed", "drop_last", "precision", "augment", "accumulate", "average", "stages",
    "real_label", "sample_every", "checkpoint_every", "evaluate_every", "keep", "tensorboard",
  ]

  /// What holds where no loss is written.
  static let standardLoss = "bce"
  /// What holds where no optimiser is written.
  static let standardOptimizer = "adam"

  func load(_ entry: YAMLNode.Entry?) -> TrainSpec? {
    let node = entry?.value
    if let node, node.entries == nil, !node.isNull {
      reader.reportWrongType(node, "`train`", "a mapping")
      return nil
    }
    for item in node?.entries ?? [] where !Self.keys.contains(item.key) {
      reader.unknownKey(item, among: Self.keys, context: "`train`")
    }
    func value(_ key: String) -> YAMLNode? { node?.entry(key)?.value }
    func int(_ key: String, _ range: ClosedRange<Int>) -> Int? {
      value(key).flatMap { reader.int($0, range, in: .global, what: "`train.\(key)`") }
    }
    let count = 1...(1 << 40)
    let data = value("data").flatMap {
      configured($0, catalog.dataSources.map(\.schema), "data source", span: $0.span)
    }
    let program = ProgramLoader(reader: reader, networks: networks, classes: classes).load(node)
    let writesUpdates = node?.entry("updates") != nil
    var loss: Configured?
    if writesUpdates {
      for entry in ["loss", "real_label"].compactMap({ node?.entry($0) }) {
        reader.report(
          Diagnostic(
            .unknownKey, at: entry.keySpan, ["key": entry.key, "context": "`train` beside `updates`"],
            notes: [.init("a loss is a short form of updates: keep one of the two")]))
      }
    } else {
      loss = configured(value("loss"), catalog.losses, "loss", default: Self.standardLoss)
    }
    let optimizers = optimizers(value("optimizer"))
    let batchSize = int("batch_size", 1...65_536)
    let epochs = int("epochs", count)
    let maxSteps = int("max_steps", count)
    let seed = int("seed", 0...Int.max)
    let dropLast = value("drop_last").flatMap {
      reader.bool($0, in: .global, what: "`train.drop_last`")
    }
    let precision = value("precision").flatMap {
      reader.choice($0, Precision.allCases.map(\.rawValue), what: "`train.precision`")
    }.flatMap(Precision.init)
    let realLabel = value("real_label").flatMap {
      reader.number($0, 0...1, isOpen: false, in: .global, what: "`train.real_label`")
    }
    let sampleEvery = int("sample_every", count)
    let checkpointEvery = int("checkpoint_every", count)
    let evaluateEvery = int("evaluate_every", count)
    let keep = int("keep", count)
    let tensorboard = value("tensorboard").flatMap {
      reader.bool($0, in: .global, what: "`train.tensorboard`")
    }
    let accumulate = int("accumulate", 1...10_000)
    let averages = value("average").map(averages) ?? []
    let augment = value("augment").map(augment)
    if case .some(.none) = augment { return nil }
    guard let program, loss != nil || writesUpdates, let optimizers else { return nil }
    return TrainSpec(
      span: entry?.keySpan, data: data, dataFields: data.map(fields) ?? [], loss: loss, program: program,
      optimizers: optimizers, augment: augment ?? nil, averages: averages, accumulate: accumulate ?? 1,
      batchSize: Spanned(batchSize ?? 64, span: value("batch_size")?.span), epochs: epochs ?? 25,
      maxSteps: maxSteps, seed: seed ?? 0, dropLast: dropLast ?? false, precision: precision ?? .fp32,
      realLabel: Spanned(realLabel ?? 1, span: value("real_label")?.span), sampleEvery: sampleEvery ?? 200,
      checkpointEvery: checkpointEvery ?? 500, evaluateEvery: evaluateEvery, keep: keep,
      tensorboard: tensorboard ?? false)
  }

  /// What the data source gives of every example.
  private func fields(_ data: Configured) -> [DataField] {
    guard let source = catalog.dataSources.first(where: { $0.schema.name == data.name.value }) else {
      preconditionFailure("`\(data.name.value)` was configured, and the catalog has none of it")
    }
    return source.fields(data)
  }

  /// One for all networks, or a mapping of networks to their own; a network that it leaves out has Adam.
  private func optimizers(_ node: YAMLNode?) -> [NetworkOptimizer]? {
    var found: [NetworkOptimizer] = []
    if let entries = node?.entries, entries.contains(where: { networks.contains($0.key) }) {
      for entry in entries where !networks.contains(entry.key) {
        reader.unknownKey(entry, among: networks, context: "`optimizer`")
      }
      found = networks.compactMap { name in
        configured(node?.entry(name)?.value, catalog.optimizers, "optimizer", default: Self.standardOptimizer)
          .map { NetworkOptimizer(network: name, optimizer: $0) }
      }
    } else if let shared = configured(node, catalog.optimizers, "optimizer", default: Self.standardOptimizer)
    {
      found = networks.map { NetworkOptimizer(network: $0, optimizer: shared) }
    }
    return found.count == networks.count ? found : nil
  }

  /// `[color, cutout]`, or `{policy: [color], adaptive: {target: 0.6, images: 500000}}`; nil with a report.
  private func augment(_ node: YAMLNode) -> AugmentSpec? {
    func policy(_ node: YAMLNode) -> [Spanned<String>]? {
      let names = (node.elements ?? [node]).map { element in
        reader.choice(element, catalog.augmentations, what: "`augment`").map {
          Spanned($0, span: element.span)
        }
      }
      return names.contains { $0 == nil } ? nil : names.compactMap { $0 }
    }
    guard let entries = node.entries else {
      return policy(node).map { AugmentSpec(policy: $0, adaptive: nil) }
    }
    let keys = ["policy", "adaptive"]
    for entry in entries where !keys.contains(entry.key) {
      reader.unknownKey(entry, among: keys, context: "`augment`")
    }
    let all = catalog.augmentations.map { Spanned($0) }
    guard let policy = node.entry("policy").map({ policy($0.value) }) ?? all else { return nil }
    guard let adaptive = node.entry("adaptive"), adaptive.value.plainScalar != "false" else {
      return AugmentSpec(policy: policy, adaptive: nil)
    }
    let schema = Self.adaptive
    let value = adaptive.value.plainScalar == "true" ? nil : adaptive.value
    guard let read = reader.attributes(value, of: schema, named: adaptive.keySpan, in: .global) else {
      return nil
    }
    let given = Configured(name: Spanned(schema.name), attributes: read)
    guard let target = given.number("target"), let images = given.number("images") else { return nil }
    return AugmentSpec(policy: policy, adaptive: .init(target: target, images: images))
  }

  private static let adaptive = Schema(
    "adaptive", "Changes as many images as the discriminator's scores ask for.", primary: "target",
    [
      .init(
        "target", .number(-1...1), .defaultsTo(.number(0.6)),
        "the mean sign of the scores of real images that is sought"),
      .init(
        "images", .number(1...1e18), .defaultsTo(.number(500_000)),
        "after how many images the probability can have gone from 0 to 1"),
    ])

  /// `{generator: 0.999}`, or `{generator: {half_life: 10000}}`.
  private func averages(_ node: YAMLNode) -> [NetworkAverage] {
    guard let entries = node.entries else {
      reader.reportWrongType(node, "`average`", "a mapping such as {\(networks.first ?? "network"): 0.999}")
      return []
    }
    for entry in entries where !networks.contains(entry.key) {
      reader.unknownKey(entry, among: networks, context: "`average`")
    }
    let schema = Self.average
    return networks.compactMap { name in
      guard let entry = entries.first(where: { $0.key == name }),
        let read = reader.attributes(entry.value, of: schema, named: entry.keySpan, in: .global)
      else { return nil }
      let given = Configured(name: Spanned(schema.name), attributes: read)
      let decay = given.number("decay").map { NetworkAverage.Memory.decay($0) }
      let halfLife = given.number("half_life").map { NetworkAverage.Memory.halfLife($0) }
      return (decay ?? halfLife).map { NetworkAverage(network: name, memory: $0, span: entry.keySpan) }
    }
  }

  private static let average: Schema = {
    var schema = Schema(
      "average", "The average of a network's weights over the steps.", primary: "decay",
      [
        .init("decay", .number(0...0.999_999_9), .optional, "the share that stays at each step"),
        .init(
          "half_life", .number(0...1e18, isOpen: true), .optional,
          "after how many images half of what was is left"),
      ])
    schema.alternatives = ["decay", "half_life"]
    return schema
  }()

  /// The one key that names a choice, with the other keys added to its attributes.
  private func choice(
    in entries: [YAMLNode.Entry], _ schemas: [Schema], span: SourceSpan
  ) -> (name: String, span: SourceSpan, value: YAMLNode)? {
    let named = entries.filter { entry in schemas.contains { $0.name == entry.key } }
    guard named.count == 1, let schema = schemas.first(where: { $0.name == named[0].key }) else {
      // A misspelt name is at least no attribute.
      let strange = entries.filter { entry in
        !schemas.contains { schema in schema.attributes.contains { $0.name == entry.key } }
      }
      guard named.isEmpty, strange.count == 1 else { return nil }
      return (strange[0].key, strange[0].keySpan, strange[0].value)
    }
    let chosen = named[0]
    guard var attributes = chosen.value.asEntries(primary: schema.primary, keySpan: chosen.keySpan) else {
      return nil
    }
    for entry in entries where entry.key != chosen.key {
      if let first = attributes.first(where: { $0.key == entry.key }) {
        reader.report(
          Diagnostic(
            .yamlDuplicateKey, at: entry.keySpan, ["key": entry.key],
            notes: [.init("it stands here first", at: first.keySpan)]))
      } else {
        attributes.append(entry)
      }
    }
    return (chosen.key, chosen.keySpan, YAMLNode(.mapping(attributes), span: span))
  }

  private func configured(
    _ node: YAMLNode?, _ schemas: [Schema], _ what: String, default name: String
  ) -> Configured? {
    if let node { return configured(node, schemas, what, span: node.span) }
    guard let schema = schemas.first(where: { $0.name == name }) else { return nil }
    let nowhere = SourceSpan(source: tree.root.span.source, range: 0..<0)
    return reader.attributes(nil, of: schema, named: nowhere, in: .global).map {
      Configured(name: Spanned(name), attributes: $0)
    }
  }

  /// `adam`, `{adam: {…}}`, or with attributes beside the name: `{folder: photos/, flip: true}`.
  private func configured(
    _ node: YAMLNode, _ schemas: [Schema], _ what: String, span: SourceSpan
  ) -> Configured? {
    let name: String
    let nameSpan: SourceSpan
    var value: YAMLNode?
    if let text = node.scalar, !node.isNull {
      (name, nameSpan) = (text, node.span)
    } else if let entries = node.entries, entries.count == 1 {
      (name, nameSpan, value) = (entries[0].key, entries[0].keySpan, entries[0].value)
    } else if let entries = node.entries, let choice = choice(in: entries, schemas, span: node.span) {
      (name, nameSpan, value) = choice
    } else {
      reader.report(
        Diagnostic(
          .wrongType, at: node.span,
          [
            "what": "the \(what)",
            "expected": "one of \(schemas.map { "`\($0.name)`" }.joined(separator: ", "))",
            "actual": node.entries.map { "\($0.count) of them" } ?? node.kindText,
          ]))
      return nil
    }
    guard let schema = schemas.first(where: { $0.name == name }) else {
      var diagnostic = Diagnostic(.unknownChoice, at: nameSpan, ["what": what, "name": name])
      let names = schemas.map(\.name)
      if let near = nearestName(to: name, among: names) {
        diagnostic.fixes = [FixIt("write `\(near)`", edits: [.init(span: nameSpan, replacement: near)])]
      } else {
        diagnostic.notes = [.init("there are: \(names.joined(separator: ", "))")]
      }
      reader.report(diagnostic)
      return nil
    }
    return reader.attributes(value, of: schema, named: nameSpan, in: .global).map {
      Configured(name: Spanned(name, span: nameSpan), attributes: $0)
    }
  }
}
