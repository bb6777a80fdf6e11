import ArgumentParser
import Datasets
import Diagnostics
import GraphIR
import Lowering
import ModelSpec
import Training

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a model: shapes, agreements, cost.",
    discussion:
      "Reads no data, but for the beginnings of a few pictures where they are there, and writes nothing. Every mistake is reported with its line and a fix."
  )

  @OptionGroup var model: ModelOptions
  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print the model written out instead: blocks, repetitions, defaults, and the loss as formulas.")
  var expand = false

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let loaded = model.load()
    let isSound = !loaded.stages.isEmpty && loaded.stages.allSatisfy { $0.lowering.model != nil }
    if expand {
      model.printDiagnostics(loaded)
      guard isSound else { throw Exit.invalidInput }
      for (index, stage) in loaded.stages.enumerated() {
        if stage.spec.stage != nil { Console.print("# stage \(index + 1) of \(loaded.stages.count)") }
        Console.print(DisplayText(lines: stage.spec.expanded.resolvedYAML()), terminator: "")
      }
      return
    }
    let summaries = try loaded.stages.map { stage in
      try stage.lowering.model.flatMap {
        $0.steps.isEmpty ? nil : StepSummary(try compile(stage.spec, $0, threads: threads))
      }
    }
    let summary = summaries.max { ($0?.memory.total ?? 0) < ($1?.memory.total ?? 0) } ?? nil
    switch format {
    case .json: Console.print(DisplayText(lines: json(loaded, summary).text(isPretty: true)))
    case .text:
      model.printDiagnostics(loaded)
      if let spec = loaded.spec, let data = spec.train.data {
        for warning in DataGlance.warnings(
          data, channels: spec.channels.value, height: spec.height.value, width: spec.width.value)
        { Console.message("warning: \(warning)") }
      }
      for (index, stage) in loaded.stages.enumerated() {
        if stage.spec.stage != nil { Console.print(stageText(index, of: loaded)) }
        Console.print(
          DisplayText(
            lines: CheckReport(
              spec: stage.spec, lowering: stage.lowering, summary: summaries[index], sources: loaded.sources
            ).text))
      }
    }
    if !isSound { throw Exit.invalidInput }
  }

  /// A stage's place in the training, and what becomes of the weights.
  private func stageText(_ index: Int, of loaded: ModelOptions.Loaded) -> DisplayText {
    var text: DisplayText = (index == 0 ? "" : "\n") + "stage \(index + 1) of \(loaded.stages.count)"
    guard index > 0, let earlier = loaded.stages[index - 1].lowering.model,
      let later = loaded.stages[index].lowering.model
    else { return text }
    let change = StageChange(from: earlier, to: later)
    text += ": \(change.kept.count) weights go on"
    if !change.begun.isEmpty { text += "; these begin: \(listedNames(change.begun))" }
    if !change.dropped.isEmpty { text += "; these end: \(listedNames(change.dropped))" }
    return text
  }

  private func json(_ memory: MemoryEstimate) -> JSONValue {
    .object([
      "state": .int(memory.state), "arena": .int(memory.arena), "samples": .int(memory.samples),
      "batches": .int(memory.batches), "images": memory.images.map { .int($0) } ?? .null,
      "program": .int(MemoryEstimate.program),
    ])
  }

  private func json(_ loaded: ModelOptions.Loaded, _ summary: StepSummary?) -> JSONValue {
    let renderer = JSONRenderer(sources: loaded.sources)
    func network(_ layers: [LayerSummary]) -> JSONValue {
      .object([
        "parameters": .int(layers.reduce(0) { $0 + $1.parameters }),
        "layers": .array(
          layers.map { layer in
            .object([
              "name": .string(layer.name), "op": .string(layer.op),
              "output_shape": .array(layer.outputShape.map { .int($0) }),
              "parameters": .int(layer.parameters), "macs": .int(layer.multiplyAdds),
              "line": .int(loaded.sources.start(of: layer.span).line),
            ])
          }),
      ])
    }
    return .object([
      "model": loaded.spec.map { .string($0.name) } ?? .null,
      "diagnostics": .array(
        ModelOptions.first(ModelOptions.writtenDiagnostics, of: loaded.diagnostics).map(renderer.value(of:))),
      "diagnostics_omitted": .int(max(0, loaded.diagnostics.count - ModelOptions.writtenDiagnostics)),
      "networks": .object((loaded.lowering?.networks ?? []).map { ($0.name, network($0.layers)) }),
      "step": summary.map { summary in
        .object([
          "batch_size": .int(summary.batch), "precision": .string(summary.precision.rawValue),
          "flops": .number(summary.flops),
          "peak_memory_bytes": .int(summary.memory.total),
          "memory_bytes": json(summary.memory),
          "fusions": .array(
            summary.fusions.map { .object(["fusion": .string($0.name), "count": .int($0.count)]) }),
        ])
      } ?? .null,
    ])
  }
}

/// The tables that `check` prints.
struct CheckReport {
  let spec: ModelSpec
  let lowering: ModelLowering.Result
  let summary: StepSummary?
  let sources: SourceMap

  var text: String {
    let image = Text.shape([spec.channels.value, spec.height.value, spec.width.value])
    var text = "\(visibleText(spec.name)): \(spec.latent.value) numbers → \(image) images\n"
    for network in lowering.networks { text += "\n" + table(network.name, network.layers) }
    guard let summary else { return text }
    let precision = summary.precision == .fp32 ? "" : ", \(summary.precision.rawValue)"
    text += "\none training step, batch \(summary.batch)\(precision): \(Text.flops(summary.flops)), "
    text += "\(summary.kernels) kernels, peak memory \(Text.bytes(summary.memory.total))"
    if spec.train.data != nil, summary.memory.images == nil {
      text += "; the images of the data set come on top, at most \(Text.bytes(Dataset.memoryLimit))"
    }
    text += "\n"
    for fusion in summary.fusions { text += "  \(fusion.count) × \(fusion.name)\n" }
    text.removeLast()
    return text
  }

  private func table(_ name: String, _ layers: [LayerSummary]) -> String {
    var rows = [["", name, "output", "parameters", "MACs", "line"]]
    for layer in layers {
      rows.append([
        layer.name, layer.op, Text.shape(layer.outputShape),
        layer.parameters == 0 ? "–" : Text.grouped(layer.parameters),
        layer.multiplyAdds == 0 ? "–" : Text.grouped(layer.multiplyAdds),
        "\(sources.start(of: layer.span).line)",
      ])
    }
    rows.append([
      "", "total", "", Text.grouped(layers.reduce(0) { $0 + $1.parameters }),
      Text.grouped(layers.reduce(0) { $0 + $1.multiplyAdds }), "",
    ])
    return Text.table(rows, [.left, .left, .left, .right, .right, .right])
  }
}
