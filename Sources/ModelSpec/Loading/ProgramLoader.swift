import Diagnostics

/// Reads `draw`, `values`, `updates` and `metrics` of `train:`.
struct ProgramLoader {
  let reader: ExpressionReader
  /// The names of the model's networks, in their order.
  let networks: [String]
  /// How many classes the model has.
  let classes: Int?

  static let keys = ["draw", "values", "updates", "metrics"]
  static let updateKeys = [
    "network", "minimize", "name", "times", "every", "clip_gradients", "clip_weights",
  ]
  static let distributions = ["normal", "uniform", "bernoulli", "class"]

  /// What a word in place of a draw most likely means: noise for a generator, or a class of the data.
  private static let meantDraws = [
    "normal": "{normal: latent}", "gaussian": "{normal: latent}", "randn": "{normal: latent}",
    "latent": "{normal: latent}", "noise": "{normal: latent}",
    "uniform": "{uniform: [-1, 1], size: latent}", "rand": "{uniform: [0, 1], size: latent}",
    "class": "{class: classes}", "label": "{class: classes}",
  ]

  /// - Returns: What is written; nil where one of its parts has no meaning. The updates are empty where
  ///   there are none.
  func load(_ train: YAMLNode?) -> TrainingProgram? {
    func entries(_ key: String) -> [YAMLNode.Entry]? {
      guard let node = train?.entry(key)?.value, !node.isNull else { return [] }
      if node.entries == nil { reader.reportWrongType(node, "`train.\(key)`", "a mapping of names") }
      return node.entries
    }
    let drawEntries = entries("draw")
    let valueEntries = entries("values")
    let metricEntries = entries("metrics")
    let draws = drawEntries?.map(draw)
    let values = valueEntries?.map(value)
    let updates = updates(train?.entry("updates")?.value)
    let metrics = metricEntries?.map { entry in
      reader.formula(entry.value, what: "`\(entry.key)` of `metrics`").map {
        MetricSpec(name: entry.key, formula: $0)
      }
    }
    guard let draws, let values, let updates, let metrics, !draws.contains(where: { $0 == nil }),
      !values.contains(where: { $0 == nil }), !metrics.contains(where: { $0 == nil })
    else { return nil }
    return TrainingProgram(
      draws: draws.compactMap { $0 }, values: values.compactMap { $0 }, updates: updates,
      metrics: metrics.compactMap { $0 })
  }

  // MARK: Draws

  /// `{normal: 16}`, `{uniform: [-1, 1], size: 2}`, `{class: 10}`, `{bernoulli: 0.05}`,
  /// `{uniform: [0, 1], like: image}`.
  private func draw(_ entry: YAMLNode.Entry) -> DrawSpec? {
    let what = "the draw `\(entry.key)`"
    guard reader.isVariableName(entry.key, at: entry.keySpan) else { return nil }
    guard let entries = entry.value.entries,
      let kind = entries.first(where: { Self.distributions.contains($0.key) })
    else {
      reader.reportWrongType(
        entry.value, what,
        "a mapping such as {normal: 16}, {uniform: [-1, 1]}, {bernoulli: 0.1} or {class: 10}",
        meant: entry.value.plainScalar.flatMap { Self.meantDraws[$0.lowercased()] })
      return nil
    }
    var isWhole = true
    for other in entries where other.key != kind.key && !["size", "like"].contains(other.key) {
      reader.unknownKey(other, among: Self.distributions + ["size", "like"], context: what)
      isWhole = false
    }
    func number(_ node: YAMLNode, _ range: ClosedRange<Double>) -> Double? {
      reader.number(node, range, isOpen: false, in: .global, what: what)
    }
    let sizes = 1...1_000_000
    var shape = DrawSpec.Shape.perImage
    var distribution: DrawSpec.Distribution?
    switch kind.key {
    case "normal":
      distribution = .normal
      if !kind.value.isNull {
        guard let size = reader.int(kind.value, sizes, in: .global, what: what) else { return nil }
        shape = .vector(size)
      }
    case "uniform":
      let bounds = (kind.value.elements ?? []).compactMap { number($0, -1e30...1e30) }
      if bounds.count == 2, bounds[0] < bounds[1] {
        distribution = .uniform(low: bounds[0], high: bounds[1])
      } else {
        reader.reportWrongType(kind.value, what, "two bounds, the lower one first")
      }
    case "bernoulli": distribution = number(kind.value, 0...1).map { .bernoulli($0) }
    default:
      distribution = reader.int(kind.value, sizes, in: .global, what: what).map { .classes($0) }
    }
    if let node = entries.first(where: { $0.key == "size" })?.value {
      guard let size = reader.int(node, sizes, in: .global, what: what) else { return nil }
      shape = .vector(size)
    }
    if let node = entries.first(where: { $0.key == "like" })?.value {
      guard reader.choice(node, ["image"], what: "`like` of \(what)") != nil else { return nil }
      shape = .image
    }
    guard isWhole, let distribution else { return nil }
    return DrawSpec(name: entry.key, distribution: distribution, shape: shape, span: entry.keySpan)
  }

  // MARK: Values

  /// `name: formula` or `name(x, y): formula`.
  private func value(_ entry: YAMLNode.Entry) -> ValueDefinition? {
    var name = entry.key
    var parameters: [String] = []
    if let open = entry.key.firstIndex(of: "("), entry.key.last == ")" {
      name = String(entry.key[..<open]).trimmingBlanks
      let list = entry.key[entry.key.index(after: open)...].dropLast()
      parameters = list.split(separator: ",", omittingEmptySubsequences: false)
        .map { String($0).trimmingBlanks }
      for parameter in parameters where !reader.isVariableName(parameter, at: entry.keySpan) { return nil }
    }
    guard reader.isVariableName(name, at: entry.keySpan) else { return nil }
    if UpdateSpec.reservedNames.contains(name) {
      reader.report(Diagnostic(.reservedName, at: entry.keySpan, ["name": name]))
      return nil
    }
    return reader.formula(entry.value, what: "`\(name)`", parameters: parameters).map {
      ValueDefinition(name: name, parameters: parameters, formula: $0, span: entry.keySpan)
    }
  }

  // MARK: Updates

  private func updates(_ node: YAMLNode?) -> [UpdateSpec]? {
    guard let node, !node.isNull else { return [] }
    guard let elements = node.elements else {
      reader.reportWrongType(node, "`train.updates`", "a list of {network: …, minimize: …}")
      return nil
    }
    var updates: [UpdateSpec] = []
    for element in elements {
      guard let update = update(element, named: { UpdateSpec.freeName($0, among: updates.map(\.name)) })
      else { continue }
      updates.append(update)
    }
    return updates.count == elements.count ? updates : nil
  }

  private func update(_ node: YAMLNode, named free: (String) -> String) -> UpdateSpec? {
    guard let entries = node.entries else {
      reader.reportWrongType(node, "an update", "a mapping such as {network: …, minimize: …}")
      return nil
    }
    var isWhole = true
    var misspelled: [String] = []
    for entry in entries where !Self.updateKeys.contains(entry.key) {
      misspelled += reader.unknownKey(entry, among: Self.updateKeys, context: "an update")
      isWhole = false
    }
    for key in ["network", "minimize"] where node.entry(key) == nil {
      if !misspelled.contains(key) {
        reader.report(Diagnostic(.missingKey, at: node.span, ["context": "an update", "key": key]))
      }
      isWhole = false
    }
    func value(_ key: String) -> YAMLNode? { node.entry(key)?.value }
    let moved = value("network").flatMap(movedNetworks)
    let objective = value("minimize").flatMap { reader.formula($0, what: "`minimize`") }
    let counts = 1...1_000_000
    var times: Int? = 1
    if let node = value("times") { times = reader.int(node, counts, in: .global, what: "`times`") }
    var every: Int? = 1
    if let node = value("every") { every = reader.int(node, counts, in: .global, what: "`every`") }
    var name = value("name")?.scalar
    if let node = value("name"), !Expression.isName(name ?? "") {
      _ = reader.isVariableName(node.scalar ?? "", at: node.span)
      isWhole = false
    } else if let node = value("name"), let written = name, UpdateSpec.reservedNames.contains(written) {
      reader.report(Diagnostic(.reservedName, at: node.span, ["name": written]))
      isWhole = false
    }
    var gradientClip: UpdateSpec.GradientClip?
    if let node = value("clip_gradients") {
      gradientClip = self.gradientClip(node)
      if gradientClip == nil { isWhole = false }
    }
    var weightClip: Double?
    if let node = value("clip_weights") {
      weightClip = reader.number(node, 0...1e30, isOpen: true, in: .global, what: "`clip_weights`")
      if weightClip == nil { isWhole = false }
    }
    guard isWhole, let moved, let objective, let times, let every else { return nil }
    name = name ?? free(UpdateSpec.defaultName(moved.map(\.value)))
    return UpdateSpec(
      name: name ?? "", networks: moved, objective: objective, times: times, every: every,
      gradientClip: gradientClip, weightClip: weightClip, span: node.span)
  }

  /// A network's name, or a list of them.
  private func movedNetworks(_ node: YAMLNode) -> [Spanned<String>]? {
    let nodes = node.elements ?? [node]
    var moved: [Spanned<String>] = []
    for element in nodes {
      guard let name = element.scalar, networks.contains(name) else {
        var diagnostic = Diagnostic(
          .unknownChoice, at: element.span, ["what": "network", "name": element.scalar ?? element.kindText])
        if let near = element.scalar.flatMap({ nearestName(to: $0, among: networks) }) {
          diagnostic.fixes = [
            FixIt("write `\(near)`", edits: [.init(span: element.span, replacement: near)])
          ]
        } else {
          diagnostic.notes = [.init("there are: \(networks.joined(separator: ", "))")]
        }
        reader.report(diagnostic)
        return nil
      }
      moved.append(Spanned(name, span: element.span))
    }
    return moved.isEmpty ? nil : moved
  }

  /// `{norm: 1}`, `{value: 0.5}`, or the norm alone.
  private func gradientClip(_ node: YAMLNode) -> UpdateSpec.GradientClip? {
    func bound(_ node: YAMLNode) -> Double? {
      reader.number(node, 0...1e30, isOpen: true, in: .global, what: "`clip_gradients`")
    }
    guard let entries = node.entries else { return bound(node).map { .norm($0) } }
    guard entries.count == 1, ["norm", "value"].contains(entries[0].key) else {
      reader.reportWrongType(node, "`clip_gradients`", "{norm: …} or {value: …}")
      return nil
    }
    return bound(entries[0].value).map { entries[0].key == "norm" ? .norm($0) : .value($0) }
  }
}

extension UpdateSpec {
  /// What a row of metrics holds besides: no value and no update is called so.
  public static let reservedNames = ["step", "epoch", "images_per_second", "data_wait_ms", "events"]

  /// What the metrics call the objective of an update without a name.
  public static func defaultName(_ networks: [String]) -> String {
    if networks.count == 1, let preset = NetworkPreset.named(networks[0]) { return preset.lossName }
    return "loss_" + networks.joined(separator: "_")
  }

  /// The name, with a number behind it where it is taken.
  static func freeName(_ name: String, among taken: [String]) -> String {
    if !taken.contains(name) { return name }
    var number = 2
    while taken.contains("\(name)_\(number)") { number += 1 }
    return "\(name)_\(number)"
  }
}

extension ExpressionReader {
  /// The formula that a scalar holds, with the model's numbers put in; or nil with a report.
  ///
  /// - Parameter parameters: Names that stand for what a call gives.
  func formula(_ node: YAMLNode, what: String, parameters: [String] = []) -> Formula? {
    guard let text = node.scalar, !node.isNull else {
      reportWrongType(node, what, "a formula, such as mean(discriminator(real))")
      return nil
    }
    do throws(Expression.SyntaxError) {
      let expression = try Expression.parse(text)
      var isWhole = true
      let closed = expression.replacing { name, range in
        // What formulas name comes first; a number of the model may be called as no such thing.
        if parameters.contains(name) || self.tensors.contains(name) { return nil }
        guard self.globals.names.contains(name) else { return Expression.members(name, range: range) }
        let named = YAMLNode(.scalar(name, isPlain: true), span: self.span(of: range, in: node))
        guard let number = self.number(named, in: .global, what: what) else {
          isWhole = false
          return nil
        }
        return Expression(.number(number), range: range)
      }
      guard isWhole else { return nil }
      return Formula(
        closed, span: node.span, start: node.textStart)
    } catch {
      report(diagnostic(error, text, node))
      return nil
    }
  }
}
