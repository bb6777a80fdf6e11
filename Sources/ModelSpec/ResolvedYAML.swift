import Diagnostics

extension ModelSpec {
  /// The model as YAML with everything written out: blocks and repetitions, every attribute, the defaults
  /// of `train`, and absolute paths. Loading it gives an equal model.
  public func resolvedYAML() -> String {
    var writer = ResolvedWriter()
    writer.line("name: \(YAMLText.string(name))")
    writer.line(
      "image: {channels: \(channels.value), height: \(height.value), width: \(width.value)}")
    if let latent { writer.line("latent: \(latent.value)") }
    if let classes { writer.line("classes: \(classes.value)") }
    writer.line("init: \(initialization)")
    // A model without `networks` has both that are known by their names.
    let namesAll = NetworkPreset.all.allSatisfy { network(named: $0.name) != nil }
    let others =
      namesAll || networks.contains { $0.role == nil } ? networks.filter { $0.role == nil } : networks
    for network in networks where network.role != nil && others.count < networks.count {
      writer.blankLine()
      writer.network(network)
    }
    if !others.isEmpty {
      writer.blankLine()
      writer.line("networks:")
      writer.indented { writer in for network in others { writer.network(network) } }
    }
    writer.blankLine()
    writer.train(train)
    return writer.text
  }
}

/// Writes lines with their indentation.
private struct ResolvedWriter {
  private(set) var text = ""
  private var depth = 0

  mutating func blankLine() { text += "\n" }

  mutating func line(_ line: String) { text += String(repeating: "  ", count: depth) + line + "\n" }

  mutating func indented(_ levels: Int = 1, _ body: (inout ResolvedWriter) -> Void) {
    depth += levels
    body(&self)
    depth -= levels
  }

  // MARK: Networks

  mutating func network(_ network: NetworkSpec) {
    line("\(network.name):")
    indented { writer in
      let inputs = network.inputs.map { "\(YAMLText.string($0.name)): \(YAMLText.shape($0.type.value))" }
      writer.line("inputs: {\(inputs.joined(separator: ", "))}")
      if !network.outputs.isEmpty {
        let outputs = network.outputs.map {
          "\(YAMLText.string($0.name)): \(YAMLText.string($0.layer.value))"
        }
        writer.line("outputs: {\(outputs.joined(separator: ", "))}")
      }
      if network.isFrozen { writer.line("frozen: true") }
      if network.isPatch { writer.line("output: patch") }
      writer.line("layers:")
      writer.indented { $0.layers(network.layers, prefixes: [""]) }
    }
  }

  /// - Parameter prefixes: What stands before the names of this list's layers, then of the lists around.
  private mutating func layers(_ layers: [LayerSpec], prefixes: [String]) {
    for layer in layers {
      let kind = layer.kind.name.value
      if kind == "residual" {
        line("- residual:")
        indented(3) { writer in
          writer.line("layers:")
          writer.indented { $0.layers(layer.body, prefixes: [layer.name + "."] + prefixes) }
          if !layer.shortcut.isEmpty {
            writer.line("shortcut:")
            writer.indented { $0.layers(layer.shortcut, prefixes: [layer.name + ".shortcut."] + prefixes) }
          }
        }
      } else {
        let isAlone = layer.kind.attributes.isEmpty && !layer.isNamed && layer.from == nil
        line(isAlone ? "- \(kind)" : "- \(kind): \(YAMLText.attributes(layer.kind))")
      }
      indented { writer in
        if layer.isNamed { writer.line("name: \(YAMLText.string(Self.local(layer.name, prefixes)))") }
        if let from = layer.from {
          writer.line(
            "from: [\(from.map { YAMLText.string(Self.local($0.value, prefixes)) }.joined(separator: ", "))]")
        }
      }
    }
  }

  /// A layer's name as its own list, or a list inside of it, calls it.
  private static func local(_ name: String, _ prefixes: [String]) -> String {
    for prefix in prefixes where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count)
      if !rest.contains(".") { return String(rest) }
    }
    return name
  }

  // MARK: The program

  mutating func program(_ program: TrainingProgram) {
    section("draw", program.draws.map { "\($0.name): \(YAMLText.draw($0))" })
    section(
      "values",
      program.values.map { value in
        let parameters = value.parameters.isEmpty ? "" : "(\(value.parameters.joined(separator: ", ")))"
        return "\(value.name)\(parameters): \(YAMLText.formula(value.formula))"
      })
    if !program.updates.isEmpty {
      line("updates:")
      indented { writer in for update in program.updates { writer.update(update) } }
    }
    section("metrics", program.metrics.map { "\($0.name): \(YAMLText.formula($0.formula))" })
  }

  private mutating func section(_ key: String, _ lines: [String]) {
    if lines.isEmpty { return }
    line("\(key):")
    indented { writer in for line in lines { writer.line(line) } }
  }

  private mutating func update(_ update: UpdateSpec) {
    let networks = update.networks.map(\.value)
    line("- network: \(networks.count == 1 ? networks[0] : YAMLText.list(networks))")
    indented { writer in
      writer.line("name: \(update.name)")
      if update.times != 1 { writer.line("times: \(update.times)") }
      if update.every != 1 { writer.line("every: \(update.every)") }
      writer.line("minimize: \(YAMLText.formula(update.objective))")
      switch update.gradientClip {
      case .norm(let bound): writer.line("clip_gradients: {norm: \(YAMLText.number(bound))}")
      case .value(let bound): writer.line("clip_gradients: {value: \(YAMLText.number(bound))}")
      case nil: break
      }
      if let bound = update.weightClip { writer.line("clip_weights: \(YAMLText.number(bound))") }
    }
  }

  // MARK: train

  mutating func train(_ train: TrainSpec) {
    line("train:")
    indented { writer in
      if let data = train.data { writer.line("data: \(YAMLText.configured(data))") }
      if let loss = train.loss { writer.line("loss: \(YAMLText.configured(loss))") }
      writer.program(train.program)
      writer.line("optimizer:")
      writer.indented { writer in
        for entry in train.optimizers {
          writer.line("\(YAMLText.string(entry.network)): \(YAMLText.configured(entry.optimizer))")
        }
      }
      writer.line("batch_size: \(train.batchSize.value)")
      writer.line("epochs: \(train.epochs)")
      if let steps = train.maxSteps { writer.line("max_steps: \(steps)") }
      writer.line("seed: \(train.seed)")
      writer.line("drop_last: \(train.dropLast)")
      writer.line("precision: \(train.precision.rawValue)")
      if train.loss != nil { writer.line("real_label: \(YAMLText.number(train.realLabel.value))") }
      writer.line("sample_every: \(train.sampleEvery)")
      writer.line("checkpoint_every: \(train.checkpointEvery)")
      if let every = train.evaluateEvery { writer.line("evaluate_every: \(every)") }
      if let keep = train.keep { writer.line("keep: \(keep)") }
      if train.tensorboard { writer.line("tensorboard: true") }
      if let augment = train.augment { writer.line("augment: \(YAMLText.augment(augment))") }
      if train.accumulate > 1 { writer.line("accumulate: \(train.accumulate)") }
      if !train.averages.isEmpty {
        writer.line("average: {\(train.averages.map(YAMLText.average).joined(separator: ", "))}")
      }
    }
  }
}

/// Values as YAML's flow style writes them.
enum YAMLText {
  /// A mapping's key.
  static func key(_ text: String) -> String {
    text.utf8.allSatisfy { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "#") && $0 > 0x20 && $0 < 0x7F }
      && NetworkLoader.isLayerName(String(text.prefix(1))) ? text : string(text)
  }

  static func configured(_ configured: Configured) -> String {
    configured.attributes.isEmpty
      ? configured.name.value : "{\(configured.name.value): \(attributes(configured))}"
  }

  /// All attributes in the order of their names.
  static func attributes(_ configured: Configured) -> String {
    let pairs = configured.attributes.sorted { $0.key < $1.key }.map { "\($0.key): \(value($0.value.value))" }
    return "{\(pairs.joined(separator: ", "))}"
  }

  private static func value(_ value: AttributeValue) -> String {
    switch value {
    case .choices(let choices):
      choices.count == 1 ? choice(choices[0]) : list(choices.map(choice))
    case .int(let value): "\(value)"
    case .number(let value): number(value)
    case .bool(let value): "\(value)"
    case .string(let value): string(value)
    case .size(let height, let width): height == width ? "\(height)" : "[\(height), \(width)]"
    case .ints(let values): list(values.map(String.init))
    case .numbers(let values): list(values.map(number))
    case .path(let path, let base):
      string(FilePath.absolute(FilePath.join(base, FilePath.replacingHome(path))))
    }
  }

  private static func choice(_ choice: AttributeValue.Choice) -> String {
    let pairs = choice.attributes.sorted { $0.key < $1.key }.map { "\($0.key): \(value($0.value))" }
    return pairs.isEmpty ? choice.name : "{\(choice.name): {\(pairs.joined(separator: ", "))}}"
  }

  static func augment(_ augment: AugmentSpec) -> String {
    let policy = list(augment.policy.map(\.value))
    guard let adaptive = augment.adaptive else { return policy }
    let (target, images) = (number(adaptive.target), number(adaptive.images))
    return "{policy: \(policy), adaptive: {target: \(target), images: \(images)}}"
  }

  static func average(_ average: NetworkAverage) -> String {
    switch average.memory {
    case .decay(let decay): "\(average.network): {decay: \(number(decay))}"
    case .halfLife(let images): "\(average.network): {half_life: \(number(images))}"
    }
  }

  static func formula(_ formula: Formula) -> String { formula.text }

  static func draw(_ draw: DrawSpec) -> String {
    var size: [String] = []
    switch draw.shape {
    case .perImage: break
    case .vector(let count): size = ["size: \(count)"]
    case .image: size = ["like: image"]
    }
    let distribution =
      switch draw.distribution {
      case .normal: "normal: "
      case .uniform(let low, let high): "uniform: \(list([number(low), number(high)]))"
      case .bernoulli(let probability): "bernoulli: \(number(probability))"
      case .classes(let count): "class: \(count)"
      }
    return "{\(([distribution] + size).joined(separator: ", "))}"
  }

  static func shape(_ shape: NetworkInput.Shape) -> String {
    switch shape {
    case .latent: "latent"
    case .image: "image"
    case .label: "class"
    case .draw(let name): name
    case .extents(let extents): list(extents.map(String.init))
    }
  }

  static func list(_ elements: [String]) -> String { "[\(elements.joined(separator: ", "))]" }

  /// The fewest digits that read back the same.
  static func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// A word alone where YAML reads it as itself, else in double quotes.
  static func string(_ text: String) -> String {
    let special = ["null", "true", "false"]
    if NetworkLoader.isLayerName(text), !special.contains(text.lowercased()) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        quoted += "\\\(scalar)"
      } else if scalar.visibleEscape == nil, scalar.value != 0xFFFE, scalar.value != 0xFFFF {
        quoted.unicodeScalars.append(scalar)
      } else {
        // What libyaml does not read as it is, and what would not be seen.
        let hex = String(scalar.value, radix: 16)
        let digits = scalar.value > 0xFFFF ? 8 : 4
        quoted += (digits == 8 ? "\\U" : "\\u") + String(repeating: "0", count: digits - hex.count) + hex
      }
    }
    return quoted + "\""
  }
}
