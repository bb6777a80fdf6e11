import Diagnostics
import GraphIR
import ModelSpec

/// What the two networks, the loss and the data must agree on, checked before any data is opened.
struct Agreements {
  let spec: ModelSpec
  let sources: SourceMap
  /// Nil where a network does not fit in itself; what depends on it is not checked.
  let images: TensorType?
  let generatorLayers: [LayerSummary]
  let scores: TensorType?
  let discriminatorLayers: [LayerSummary]

  func check(into bag: inout DiagnosticBag) {
    checkLatent(&bag)
    checkImages(&bag)
    checkScores(&bag)
    checkLoss(&bag)
    checkRange(&bag)
  }

  private func checkLatent(_ bag: inout DiagnosticBag) {
    guard let declared = spec.generator.declaredInput, declared.value != [spec.latent.value] else { return }
    let expected = declared.value.map(String.init).joined(separator: "×")
    var fixes: [FixIt] = []
    if declared.value.count == 1, let span = spec.latent.span {
      fixes = [FixIt("set `latent` to \(expected)", edits: [.init(span: span, replacement: expected)])]
    }
    bag.report(
      Diagnostic(
        .latentMismatch, at: declared.span ?? spec.generator.span,
        ["expected": expected, "actual": "\(spec.latent.value)"],
        notes: spec.latent.span.map { [.init("`latent` stands here", at: $0)] } ?? [], fixes: fixes))
  }

  private func checkImages(_ bag: inout DiagnosticBag) {
    let image = [spec.channels.value, spec.height.value, spec.width.value]
    let expected = Self.text(image)
    let actual = images.map { $0.shape.dropFirst().compactMap(\.fixedExtent) }
    let last = spec.generator.layers.last
    if let actual, actual != image {
      var fixes: [FixIt] = []
      let shaping = lastShaping(spec.generator, generatorLayers)
      let edits = zip([spec.channels, spec.height, spec.width], actual).compactMap { size, value in
        size.value == value ? nil : size.span.map { FixIt.Edit(span: $0, replacement: "\(value)") }
      }
      if actual.count == 3, !edits.isEmpty {
        fixes.append(FixIt("set `image` to \(Self.text(actual))", edits: edits))
      }
      bag.report(
        Diagnostic(
          .imageMismatch, at: shaping?.span ?? last?.span ?? spec.generator.span,
          ["actual": Self.text(actual), "expected": expected],
          notes: spec.height.span.map { [.init("`image` stands here", at: $0)] } ?? [], fixes: fixes))
    }
    if let declared = spec.discriminator.declaredInput, declared.value != actual ?? image {
      let made = actual ?? image
      var fixes: [FixIt] = []
      if let span = declared.span {
        fixes = [
          FixIt(
            "let the discriminator expect \(Self.text(made))",
            edits: [.init(span: span, replacement: "[\(made.map(String.init).joined(separator: ", "))]")])
        ]
      }
      bag.report(
        Diagnostic(
          .discriminatorInputMismatch, at: declared.span ?? spec.discriminator.span,
          ["expected": Self.text(declared.value), "actual": Self.text(made)],
          notes: last.map { [.init("the generator's images are made here", at: $0.span)] } ?? [],
          fixes: fixes))
    }
  }

  private func checkScores(_ bag: inout DiagnosticBag) {
    guard let scores, !spec.discriminator.isPatch else { return }
    let extents = scores.shape.dropFirst().compactMap(\.fixedExtent)
    let count = extents.reduce(1, *)
    guard count != 1, let layer = lastShaping(spec.discriminator, discriminatorLayers) else { return }
    var fixes: [FixIt] = []
    if let fix = kernelFix(layer, extents) { fixes.append(fix) }
    fixes.append(
      FixIt(
        "for one score a patch, write the discriminator as `discriminator: {output: patch, layers: […]}`"))
    bag.report(
      Diagnostic(
        .scoreShape, at: layer.span, ["actual": Self.text(extents), "count": "\(count)"],
        notes: inputNote(layer) + layer.expansion, fixes: fixes))
  }

  /// A kernel as large as what it sees, where that alone gives one score.
  private func kernelFix(_ layer: LayerSpec, _ extents: [Int]) -> FixIt? {
    guard layer.kind.name.value == "conv2d", layer.kind.int("out_channels") == 1, extents.count == 3,
      let index = spec.discriminator.layers.firstIndex(where: { $0.name == layer.name }),
      layer.kind.size("dilation").map({ $0 == (1, 1) }) == true
    else { return nil }
    let input =
      index == 0
      ? [spec.channels.value, spec.height.value, spec.width.value] : discriminatorLayers[index - 1].outputShape
    let padding = layer.kind.size("padding") ?? (0, 0)
    guard input.count == 3 else { return nil }
    return ShapeFixes.setSize(
      "kernel_size", to: Size2(input[1] + 2 * padding.height, input[2] + 2 * padding.width), in: layer)
  }

  private func inputNote(_ layer: LayerSpec) -> [Diagnostic.Note] {
    guard let index = spec.discriminator.layers.firstIndex(where: { $0.name == layer.name }), index > 0,
      discriminatorLayers.indices.contains(index - 1)
    else { return [] }
    let before = discriminatorLayers[index - 1]
    return [.init("\(Self.text(before.outputShape)) is produced here", at: before.span)]
  }

  private func checkLoss(_ bag: inout DiagnosticBag) {
    guard scores != nil, let last = spec.discriminator.layers.last else { return }
    let loss = spec.train.loss.name
    let endsInSigmoid = last.kind.name.value == "sigmoid"
    func lossFix(_ name: String) -> [FixIt] {
      loss.span.map { [FixIt("set `loss` to `\(name)`", edits: [.init(span: $0, replacement: name)])] }
        ?? [FixIt("write `loss: \(name)` under `train:`")]
    }
    let lossNote = loss.span.map { [Diagnostic.Note("the loss is chosen here", at: $0)] } ?? []
    switch (LossDefinition.named(loss.value).scores, endsInSigmoid) {
    case (.probabilities, false):
      bag.report(
        Diagnostic(
          .bceNeedsSigmoid, at: last.span, ["last": last.kind.name.value], notes: lossNote,
          fixes: lossFix("bce_with_logits") + [FixIt("write `- sigmoid` after it")]))
    case (.logits, true):
      bag.report(
        Diagnostic(.sigmoidUnderLogits, at: last.span, notes: lossNote, fixes: lossFix("bce")))
    case (.probabilities, true):
      bag.report(
        Diagnostic(
          .sigmoidSaturates, at: last.span, notes: lossNote,
          fixes: [logitsFix(last, loss)]))
    case (.logits, false): break
    }
  }

  /// Takes the last `sigmoid` out and changes the loss.
  private func logitsFix(_ sigmoid: LayerSpec, _ loss: Spanned<String>) -> FixIt {
    let title = "remove the last `sigmoid` and set `loss` to `bce_with_logits`"
    guard let lossSpan = loss.span else { return FixIt(title) }
    let location = sources.start(of: sigmoid.span)
    let line = sources.line(location.line, of: sigmoid.span.source)
    guard line.drop(while: { $0 == " " }).hasPrefix("- sigmoid") else { return FixIt(title) }
    let start = sigmoid.span.range.lowerBound - line.prefix(location.column - 1).utf8.count
    let place = SourceSpan(source: sigmoid.span.source, range: start..<start + line.utf8.count + 1)
    return FixIt(
      title,
      edits: [
        .init(span: place, replacement: ""), .init(span: lossSpan, replacement: "bce_with_logits"),
      ])
  }

  private func checkRange(_ bag: inout DiagnosticBag) {
    guard images != nil, let last = spec.generator.layers.last, let data = spec.train.data,
      let range = data.numbers("range"), range.count == 2
    else { return }
    let name = last.kind.name.value
    let dataText = "[\(Self.number(range[0])), \(Self.number(range[1]))]"
    let made: [Double]
    switch name {
    case "tanh": made = [-1, 1]
    case "sigmoid": made = [0, 1]
    default:
      bag.report(
        Diagnostic(
          .unboundedOutput, at: last.span, ["last": name, "data": dataText],
          fixes: range == [-1, 1] ? [FixIt("write `- tanh` after it")] : []))
      return
    }
    guard made != range else { return }
    let madeText = "[\(Self.number(made[0])), \(Self.number(made[1]))]"
    let other = name == "tanh" ? "sigmoid" : "tanh"
    var fixes: [FixIt] = []
    if let span = data.attributes["range"]?.span {
      fixes.append(FixIt("set `range` to \(madeText)", edits: [.init(span: span, replacement: madeText)]))
    }
    if (other == "tanh" && range == [-1, 1]) || (other == "sigmoid" && range == [0, 1]),
      let span = last.kind.name.span
    {
      fixes.append(
        FixIt("end the generator in `\(other)`", edits: [.init(span: span, replacement: other)]))
    }
    bag.report(
      Diagnostic(
        .outputRange, at: last.span, ["last": name, "range": madeText, "data": dataText],
        notes: (data.attributes["range"]?.span ?? data.name.span).map {
          [.init("the data's range is \(dataText)", at: $0)]
        } ?? [], fixes: fixes))
  }

  // MARK: Words

  /// The last layer that decides the shape: not an activation.
  private func lastShaping(_ network: NetworkSpec, _ summaries: [LayerSummary]) -> LayerSpec? {
    network.layers.last { LayerDefinition.byName[$0.kind.name.value]?.isElementwise != true }
  }

  private static func text(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
