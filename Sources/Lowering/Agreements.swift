import Diagnostics
import GraphIR
import ModelSpec

/// What the two networks and the loss must agree on, checked before any data is opened.
struct Agreements {
  let spec: ModelSpec
  let sources: SourceMap
  /// The network that makes images.
  let maker: NetworkSpec
  /// Nil where a network does not fit in itself; what depends on it is not checked.
  let images: TensorType?
  /// The network that scores them.
  let judge: NetworkSpec
  let scores: TensorType?
  let judgeLayers: [LayerSummary]

  func check(into bag: inout DiagnosticBag) {
    // Written updates say themselves what is given to whom, and what becomes of the scores.
    guard spec.train.loss != nil else { return }
    checkLatent(&bag)
    checkJudgeInput(&bag)
    checkScores(&bag)
    checkLoss(&bag)
    checkRealLabel(&bag)
  }

  // MARK: Sizes

  private func checkLatent(_ bag: inout DiagnosticBag) {
    let latent = spec.latentSize
    guard let declared = maker.inputs[0].declaredExtents,
      declared.value != [latent], declared.value != [latent, 1, 1]
    else { return }
    var fixes: [FixIt] = []
    if declared.value.dropFirst().allSatisfy({ $0 == 1 }), let span = spec.latent?.span {
      let size = "\(declared.value[0])"
      fixes = [FixIt("set `latent` to \(size)", edits: [.init(span: span, replacement: size)])]
    }
    bag.report(
      Diagnostic(
        .latentMismatch, at: declared.span ?? maker.span,
        ["expected": Self.text(declared.value), "actual": "\(latent)"],
        notes: spec.latent?.span.map { [.init("`latent` stands here", at: $0)] } ?? [], fixes: fixes))
  }

  private var image: [Int] { [spec.channels.value, spec.height.value, spec.width.value] }

  /// The shape that the generator makes, without the batch.
  private var made: [Int]? { images.map { $0.shape.dropFirst().compactMap(\.fixedExtent) } }

  private func checkJudgeInput(_ bag: inout DiagnosticBag) {
    let given = made ?? image
    guard let declared = judge.inputs[0].declaredExtents, declared.value != given else { return }
    var fixes: [FixIt] = []
    if let span = declared.span {
      let list = "[\(given.map(String.init).joined(separator: ", "))]"
      fixes = [
        FixIt(
          "let the \(judge.name) expect \(Self.text(given))", edits: [.init(span: span, replacement: list)])
      ]
    }
    bag.report(
      Diagnostic(
        .judgeInputMismatch, at: declared.span ?? judge.span,
        ["expected": Self.text(declared.value), "actual": Self.text(given)],
        notes: maker.outputLayer.map {
          [.init("the \(maker.name)'s images are made here", at: $0.span)]
        } ?? [], fixes: fixes))
  }

  private func checkScores(_ bag: inout DiagnosticBag) {
    guard let scores, !judge.isPatch else { return }
    let extents = scores.shape.dropFirst().compactMap(\.fixedExtent)
    let count = extents.reduce(1, *)
    guard count != 1, let layer = judge.lastShaping else { return }
    var fixes = [oneScoreFix(layer, extents)].compactMap { $0 }
    if extents.count == 3, let first = judge.layers.first {
      fixes.append(
        FixIt(
          "for one score a patch, write the \(judge.name) as `{output: patch, layers: […]}`",
          edits: ListEdits(sources: sources).insertKeys(["output: patch", "layers:"], beforeListOf: first)))
    }
    bag.report(
      Diagnostic(
        .scoreShape, at: layer.span,
        ["actual": extents.count == 1 ? "\(count)" : "\(Self.text(extents)), \(count)"],
        notes: inputNote(layer) + layer.expansion, fixes: fixes))
  }

  /// One channel, out of a kernel as large as what it sees.
  private func oneScoreFix(_ layer: LayerSpec, _ extents: [Int]) -> FixIt? {
    if layer.kind.name.value == "linear" { return ShapeFixes.set("out_features", to: "1", in: layer) }
    if extents.count == 1 {
      return FixIt(
        "write `linear: 1` behind it", edits: ListEdits(sources: sources).insert("linear: 1", after: layer))
    }
    guard layer.kind.name.value == "conv2d", extents.count == 3 else { return nil }
    var fixes: [FixIt?] = []
    if extents[0] != 1 { fixes.append(ShapeFixes.set("out_channels", to: "1", in: layer)) }
    if extents[1...] != [1, 1] { fixes.append(fullKernel(layer)) }
    let parts = fixes.compactMap { $0 }
    guard parts.count == fixes.count, !parts.isEmpty else { return nil }
    return FixIt(parts.map(\.title).joined(separator: " and "), edits: parts.flatMap(\.edits))
  }

  private func fullKernel(_ layer: LayerSpec) -> FixIt? {
    guard let index = judge.layers.firstIndex(where: { $0.name == layer.name }),
      layer.from == nil, let dilation = layer.kind.size("dilation"), dilation == (1, 1)
    else { return nil }
    let input =
      index == 0
      ? judge.inputs[0].declaredExtents?.value ?? image : judgeLayers[index - 1].outputShape
    guard input.count == 3 else { return nil }
    let padding = layer.kind.size("padding") ?? (0, 0)
    return ShapeFixes.setSize(
      "kernel_size", to: Size2(input[1] + 2 * padding.height, input[2] + 2 * padding.width), in: layer)
  }

  private func inputNote(_ layer: LayerSpec) -> [Diagnostic.Note] {
    guard let index = judge.layers.firstIndex(where: { $0.name == layer.name }), index > 0,
      layer.from == nil
    else { return [] }
    let before = judgeLayers[index - 1]
    return [.init("\(Self.text(before.outputShape)) is produced here", at: before.span)]
  }

  // MARK: The loss

  private func checkLoss(_ bag: inout DiagnosticBag) {
    guard scores != nil, let last = judge.outputLayer, let loss = spec.train.loss?.name else { return }
    let edits = ListEdits(sources: sources)
    let notes = loss.span.map { [Diagnostic.Note("the loss is chosen here", at: $0)] } ?? []
    switch (LossDefinition.named(loss.value).scores, last.kind.name.value == "sigmoid") {
    case (.probabilities, false):
      bag.report(
        Diagnostic(
          .bceNeedsSigmoid, at: last.span, ["last": last.kind.name.value], notes: notes,
          fixes: [
            lossFix("bce_with_logits"),
            FixIt("write `- sigmoid` after it", edits: edits.insert("sigmoid", after: last)),
          ]))
    case (.logits, true):
      bag.report(
        Diagnostic(
          .sigmoidUnderLogits, at: last.span, notes: notes,
          fixes: [FixIt("remove the last `sigmoid`", edits: edits.remove(last)), lossFix("bce")]))
    case (.probabilities, true):
      var fix = lossFix("bce_with_logits")
      let removal = edits.remove(last)
      fix.title = "remove the last `sigmoid`, and \(fix.title)"
      fix.edits = fix.edits.isEmpty || removal.isEmpty ? [] : fix.edits + removal
      bag.report(Diagnostic(.sigmoidSaturates, at: last.span, notes: notes, fixes: [fix]))
    case (.logits, false), (.values, _), (.targets, _): break
    }
  }

  private func checkRealLabel(_ bag: inout DiagnosticBag) {
    let label = spec.train.realLabel
    guard label.value != 1, let loss = spec.train.loss?.name, !LossDefinition.named(loss.value).readsRealLabel
    else { return }
    let readers = LossDefinition.all.filter(\.readsRealLabel).map { "`\($0.schema.name)`" }
    bag.report(
      Diagnostic(
        .realLabelUnread, at: label.span ?? spec.train.span, ["loss": loss.value],
        notes: (loss.span.map { [.init("the loss is chosen here", at: $0)] } ?? [])
          + [.init("it is read by \(readers.joined(separator: " and ")): remove it, or choose one of them")]))
  }

  private func lossFix(_ name: String) -> FixIt {
    spec.train.loss?.name.span.map {
      FixIt("set `loss` to `\(name)`", edits: [.init(span: $0, replacement: name)])
    } ?? FixIt("write `loss: \(name)` under `train:`")
  }

  // MARK: Words

  private static func text(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }
}
