import Diagnostics
import ModelSpec

/// Advice on one network's layers.
struct NetworkAdvice {
  let network: NetworkSpec
  /// Those of the top level, in the order of the layers.
  let layers: [LayerSummary]
  let spec: ModelSpec
  let sources: SourceMap

  private static let norms = ["batch_norm2d", "batch_norm1d"]
  private static let weighted = ["conv2d", "conv_transpose2d", "linear"]

  func check(into bag: inout DiagnosticBag) {
    checkBiases(&bag)
    checkNormAtEdge(&bag)
    checkKernels(&bag)
    checkScores(&bag)
    checkBatch(&bag)
  }

  // MARK: Pairs of layers

  /// Every layer with the one that alone reads it next, in all lists.
  private var pairs: [(layer: LayerSpec, next: LayerSpec)] {
    var pairs: [(LayerSpec, LayerSpec)] = []
    func walk(_ layers: [LayerSpec]) {
      for (index, layer) in layers.enumerated() {
        walk(layer.body)
        walk(layer.shortcut)
        // What has a name may be read elsewhere, too.
        if index + 1 < layers.count, layers[index + 1].from == nil, !layer.isNamed {
          pairs.append((layer, layers[index + 1]))
        }
      }
    }
    walk(network.layers)
    return pairs
  }

  private func checkBiases(_ bag: inout DiagnosticBag) {
    let found = pairs.filter { layer, next in
      Self.weighted.contains(layer.kind.name.value) && layer.kind.bool("bias") == true
        && Self.norms.contains(next.kind.name.value)
    }
    guard let first = found.first else { return }
    var spans: Set<SourceSpan> = [first.layer.span]
    var notes: [Diagnostic.Note] = []
    var edits = withoutBias(first.layer)
    for (layer, _) in found where spans.insert(layer.span).inserted {
      notes.append(.init("so is that of `\(layer.kind.name.value)` here", at: layer.span))
      edits += withoutBias(layer)
    }
    let isWhole = edits.count == spans.count
    bag.report(
      Diagnostic(
        .biasBeforeNorm, at: first.layer.span,
        ["layer": first.layer.kind.name.value, "norm": first.next.kind.name.value], notes: notes,
        fixes: [FixIt("write `bias: false`\(spans.count > 1 ? " in each" : "")", edits: isWhole ? edits : [])]
      ))
  }

  private func withoutBias(_ layer: LayerSpec) -> [FixIt.Edit] {
    if let span = layer.kind.attributes["bias"]?.span {
      // A name stands for other layers, too.
      let text = String(decoding: sources.sources[span.source.index].text[span.range], as: UTF8.self)
      return text == "true" ? [.init(span: span, replacement: "false")] : []
    }
    return AttributeEdits(sources: sources).add("bias: false", to: layer).map { [$0] } ?? []
  }

  // MARK: The first and the last layer

  private var isMaker: Bool { network.name == spec.imageMaker?.name }
  private var isJudge: Bool { network.name == spec.imageJudge?.name }

  private func checkNormAtEdge(_ bag: inout DiagnosticBag) {
    let kinds = network.layers.map(\.kind.name.value)
    var found: (layer: LayerSpec, place: String, why: String)?
    if isMaker, let last = kinds.lastIndex(where: Self.weighted.contains),
      let index = kinds[(last + 1)...].firstIndex(where: Self.norms.contains)
    {
      found = (
        network.layers[index], "the output",
        "it gives the pictures of every batch the same mean and contrast in each colour"
      )
    } else if isJudge, let index = kinds.firstIndex(where: Self.norms.contains),
      kinds[..<index].count(where: Self.weighted.contains) <= 1,
      kinds.count(where: Self.weighted.contains) > 1, !kinds[..<index].contains("residual")
    {
      found = (
        network.layers[index], "the input",
        "it hides the brightness and contrast that tell real pictures from made ones"
      )
    }
    guard let found, found.layer.from == nil, !found.layer.isNamed else { return }
    bag.report(
      Diagnostic(
        .normAtEdge, at: found.layer.span,
        [
          "norm": found.layer.kind.name.value, "place": found.place, "network": network.name,
          "why": found.why,
        ], notes: found.layer.expansion,
        fixes: [FixIt("leave it out", edits: ListEdits(sources: sources).remove(found.layer))]))
  }

  /// What a layer does to the range of values; one end or none where it leaves the other open.
  private static let bounds: [String: String] = [
    "tanh": "between -1 and 1", "hardtanh": "between its ends", "relu6": "between 0 and 6",
    "relu": "at 0 and above",
    "softplus": "above 0", "elu": "above -1", "celu": "above -1", "selu": "above -1.76",
    "silu": "above -0.28",
    "gelu": "above -0.17", "mish": "above -0.31", "softmax": "between 0 and 1",
    "log_softmax": "at 0 and below",
    "sigmoid": "between 0 and 1",
  ]

  private func checkScores(_ bag: inout DiagnosticBag) {
    guard isJudge, let loss = spec.train.loss?.name, let last = network.outputLayer,
      let bounds = Self.bounds[last.kind.name.value],
      asksForMore(LossDefinition.named(loss.value).scores, than: last.kind.name.value)
    else { return }
    bag.report(
      Diagnostic(
        .boundedScores, at: last.span,
        ["network": network.name, "last": last.kind.name.value, "bounds": bounds, "loss": loss.value],
        notes: loss.span.map { [.init("the loss is chosen here", at: $0)] } ?? [],
        fixes: [
          FixIt("remove the last `\(last.kind.name.value)`", edits: ListEdits(sources: sources).remove(last))
        ]))
  }

  /// Whether a loss wants scores without the bounds that an activation gives them. What a sigmoid is to logits is
  /// an agreement, not advice.
  private func asksForMore(_ scores: LossDefinition.Scores, than activation: String) -> Bool {
    switch scores {
    case .logits: activation != "sigmoid"
    case .values: true
    case .probabilities, .targets: false
    }
  }

  // MARK: Kernels

  /// Source: Odena, Dumoulin and Olah 2016, "Deconvolution and Checkerboard Artifacts".
  private func checkKernels(_ bag: inout DiagnosticBag) {
    guard isMaker else { return }
    var seen: Set<SourceSpan> = []
    func walk(_ layers: [LayerSpec]) {
      for layer in layers {
        walk(layer.body)
        guard layer.kind.name.value == "conv_transpose2d", let kernel = layer.kind.size("kernel_size"),
          let stride = layer.kind.size("stride"), let dilation = layer.kind.size("dilation"),
          dilation == (1, 1)
        else { continue }
        // Of an image of one pixel nothing overlaps, and a kernel below the stride leaves gaps, which is asked for.
        let uneven = [(kernel.height, stride.height), (kernel.width, stride.width)].contains {
          $0 > $1 && $0 % $1 != 0
        }
        guard uneven, seen.insert(layer.span).inserted else { continue }
        let isSquare = kernel.height == kernel.width
        bag.report(
          Diagnostic(
            .checkerboard, at: layer.kind.attributes["kernel_size"]?.span ?? layer.span,
            [
              "stride": stride.height == stride.width
                ? "\(stride.height)" : "\(stride.height)×\(stride.width)",
              "kernel": isSquare ? "\(kernel.height)" : "\(kernel.height)×\(kernel.width)",
            ], notes: layer.expansion, fixes: [evenKernel(layer)].compactMap { $0 }))
      }
    }
    walk(network.layers)
  }

  /// A kernel that the stride divides, with the padding that keeps the output's size.
  private func evenKernel(_ layer: LayerSpec) -> FixIt? {
    func square(_ name: String) -> Int? {
      layer.kind.size(name).flatMap { $0.height == $0.width ? $0.height : nil }
    }
    guard let kernel = square("kernel_size"), let stride = square("stride"), let padding = square("padding"),
      let outputPadding = square("output_padding")
    else { return nil }
    let size = kernel - 2 * padding + outputPadding
    let multiples = [kernel / stride * stride, (kernel / stride + 1) * stride].sorted {
      abs($0 - kernel) < abs($1 - kernel)
    }
    for candidate in multiples where candidate > 0 {
      for newPadding in 0...candidate {
        let newOutputPadding = size - candidate + 2 * newPadding
        guard (0..<stride).contains(newOutputPadding) else { continue }
        var edits: [FixIt.Edit] = []
        var words: [String] = []
        var added: [String] = []
        for (name, old, new) in [
          ("kernel_size", kernel, candidate), ("padding", padding, newPadding),
          ("output_padding", outputPadding, newOutputPadding),
        ] where old != new {
          words.append("\(name): \(new)")
          if let span = layer.kind.attributes[name]?.span {
            edits.append(.init(span: span, replacement: "\(new)"))
          } else {
            added.append("\(name): \(new)")
          }
        }
        if !added.isEmpty {
          guard let edit = AttributeEdits(sources: sources).add(added.joined(separator: ", "), to: layer)
          else { return nil }
          edits.append(edit)
        }
        return FixIt("write `\(words.joined(separator: ", "))`, which makes the same size", edits: edits)
      }
    }
    return nil
  }

  // MARK: The batch

  /// Fewer values than that give a variance that is off by a third and more.
  private static let fewestValues = 16

  private func checkBatch(_ bag: inout DiagnosticBag) {
    let batch = spec.train.batchSize.value
    var worst: (layer: LayerSpec, pixels: Int)?
    for (layer, summary) in zip(network.layers, layers) where Self.norms.contains(layer.kind.name.value) {
      let pixels = max(1, summary.outputShape.dropFirst().reduce(1, *))
      if pixels < worst?.pixels ?? Int.max { worst = (layer, pixels) }
    }
    guard let worst, worst.pixels * batch < Self.fewestValues, worst.pixels * batch > 1 else { return }
    let enough = (Self.fewestValues + worst.pixels - 1) / worst.pixels
    bag.report(
      Diagnostic(
        .smallBatch, at: worst.layer.span,
        ["batch": "\(batch)", "norm": worst.layer.kind.name.value, "count": "\(worst.pixels * batch)"],
        notes: spec.train.batchSize.span.map { [.init("`batch_size` stands here", at: $0)] } ?? [],
        fixes: [
          FixIt(
            "set `batch_size` to \(enough)",
            edits: spec.train.batchSize.span.map { [.init(span: $0, replacement: "\(enough)")] } ?? [])
        ]))
  }
}
