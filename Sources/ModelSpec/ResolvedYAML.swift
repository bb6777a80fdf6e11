import Glibc

extension ModelSpec {
  /// The model with everything written out: no variables, blocks or repetitions, every default, absolute
  /// paths. Loading it gives the same model.
  public func resolvedYAML() -> String {
    var printer = ResolvedYAMLPrinter()
    printer.line("name: \(ResolvedYAMLPrinter.text(name))", 0)
    printer.line("image: {channels: \(channels.value), height: \(height.value), width: \(width.value)}", 0)
    printer.line("latent: \(latent.value)", 0)
    printer.line("init: \(initialization)", 0)
    printer.network(generator)
    printer.network(discriminator)
    printer.train(train)
    return printer.output
  }
}

private struct ResolvedYAMLPrinter {
  private(set) var output = ""

  mutating func line(_ text: String, _ indent: Int) {
    output += String(repeating: " ", count: indent) + text + "\n"
  }

  mutating func network(_ network: NetworkSpec) {
    line("", 0)
    line("\(network.name):", 0)
    let declared = network.declaredInput.map { extents in
      extents.value.count == 1 ? "\(extents.value[0])" : Self.list(extents.value.map(String.init))
    }
    line("inputs: {\(Self.text(network.inputName)): \(declared ?? "null")}", 2)
    if let output = network.output { line("outputs: \(Self.text(output.value))", 2) }
    if network.isPatch { line("output: patch", 2) }
    line("layers:", 2)
    layers(network.layers, indent: 4, prefix: "")
  }

  private mutating func layers(_ layers: [LayerSpec], indent: Int, prefix: String) {
    func short(_ name: String) -> String {
      Self.text(name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
    }
    for layer in layers {
      if layer.kind.name.value == "residual" {
        line("- residual:", indent)
        line("layers:", indent + 6)
        self.layers(layer.body, indent: indent + 8, prefix: layer.name + ".")
        if !layer.shortcut.isEmpty {
          line("shortcut:", indent + 6)
          self.layers(layer.shortcut, indent: indent + 8, prefix: layer.name + ".shortcut.")
        }
      } else {
        line("- \(Self.configured(layer.kind))", indent)
      }
      if layer.isNamed { line("name: \(short(layer.name))", indent + 2) }
      if let from = layer.from { line("from: \(Self.list(from.map { short($0.value) }))", indent + 2) }
    }
  }

  mutating func train(_ train: TrainSpec) {
    line("", 0)
    line("train:", 0)
    if let data = train.data { line("data: {\(Self.configured(data))}", 2) }
    line("loss: {\(Self.configured(train.loss))}", 2)
    line("optimizer:", 2)
    line("generator: {\(Self.configured(train.generatorOptimizer))}", 4)
    line("discriminator: {\(Self.configured(train.discriminatorOptimizer))}", 4)
    line("batch_size: \(train.batchSize.value)", 2)
    line("epochs: \(train.epochs)", 2)
    if let maxSteps = train.maxSteps { line("max_steps: \(maxSteps)", 2) }
    line("seed: \(train.seed)", 2)
    line("drop_last: \(train.dropLast)", 2)
    line("precision: \(train.precision)", 2)
    line("real_label: \(train.realLabel)", 2)
    line("sample_every: \(train.sampleEvery)", 2)
    line("checkpoint_every: \(train.checkpointEvery)", 2)
  }

  /// `conv2d: {kernel_size: [4, 4], …}`, attributes by name.
  private static func configured(_ configured: Configured) -> String {
    let attributes = configured.attributes.sorted { $0.key < $1.key }
    let pairs = attributes.map { "\($0.key): \(value($0.value.value))" }
    return "\(text(configured.name.value)): {\(pairs.joined(separator: ", "))}"
  }

  private static func value(_ value: AttributeValue) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .number(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): text(value)
    case .size(let height, let width): list(["\(height)", "\(width)"])
    case .ints(let values): list(values.map(String.init))
    case .numbers(let values): list(values.map { "\($0)" })
    case .path(let path, let base): text(absolute(path, base: base))
    }
  }

  private static func list(_ elements: [String]) -> String { "[\(elements.joined(separator: ", "))]" }

  /// A scalar that reads back as this text.
  static func text(_ text: String) -> String {
    let isPlain =
      text.utf8.first.map { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 } == true
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
      } && YAMLScalar.bool(text) == nil && !["null", "Null", "NULL"].contains(text)
    if isPlain { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\x" + (hex.count == 1 ? "0" : "") + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func absolute(_ path: String, base: String) -> String {
    let joined = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
    if joined.hasPrefix("/") { return joined }
    guard let folder = unsafe getcwd(nil, 0) else { return joined }
    defer { unsafe free(folder) }
    return unsafe String(cString: folder) + "/" + joined
  }
}
