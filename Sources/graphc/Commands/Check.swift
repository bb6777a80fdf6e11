import ArgumentParser
import Datasets
import Diagnostics
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a model: shapes, agreements, cost.",
    discussion: """
      Reads no data, but for the beginnings of a few pictures where they are there, and writes nothing unless \
      --fix is given. Every mistake is reported with its line and its fixes; each fix was tried on the text.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print the model written out instead: blocks, repetitions, defaults, and the loss as formulas.")
  var expand = false

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @Flag(help: "Apply the first fix of each mistake to the model's files, and show what changed.")
  var fix = false

  @Flag(help: "Also run training steps on made-up data, and say how long one takes.")
  var time = false

  func run() throws {
    ProcessMemory.keepFreed()
    let fixed = fix ? try FixedFiles(model) : nil
    var loaded = fixed?.loaded ?? model.load()
    let isSound = !loaded.stages.isEmpty && loaded.stages.allSatisfy { $0.lowering.model != nil }
    if expand {
      model.printDiagnostics(loaded)
      guard isSound else { throw Exit.invalidInput }
      let specs = loaded.stages.map(\.spec.expanded)
      let text = specs[0].stage == nil ? specs[0].resolvedYAML() : ExpandedStages(specs).yaml
      Console.print(DisplayText(lines: text), terminator: "")
      return
    }
    var summaries: [StepSummary?] = []
    var seconds: [Double?] = []
    for stage in loaded.stages {
      guard let lowered = stage.lowering.model, !lowered.steps.isEmpty else {
        summaries.append(nil)
        seconds.append(nil)
        continue
      }
      let cost = try cost(of: stage.spec, lowered, &loaded)
      summaries.append(cost.summary)
      seconds.append(cost.seconds)
    }
    let largest = summaries.indices.max {
      (summaries[$0]?.memory.total ?? 0) < (summaries[$1]?.memory.total ?? 0)
    }
    switch format {
    case .json:
      let (summary, seconds) = (largest.flatMap { summaries[$0] }, largest.flatMap { seconds[$0] })
      Console.print(DisplayText(lines: json(loaded, summary, seconds, fixed).text(isPretty: true)))
    case .text:
      if let fixed {
        Console.print(DisplayText(lines: fixed.difference), terminator: "")
        for override in fixed.model.overrides {
          Console.message("write `--set \(override.meant)` in place of `--set \(override.given)`")
        }
      }
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
        if let seconds = seconds[index], let summary = summaries[index] {
          let rate = Text.fixed(Double(summary.batch) / seconds, 0)
          Console.print(
            "a step takes \(Text.fixed(seconds * 1e3, 1)) ms here (median of \(Self.timedSteps)): \(rate) images a second"
          )
        }
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

  /// What a step costs; where the machine has too little memory for it, that becomes one more diagnostic.
  private func cost(
    of spec: ModelSpec, _ lowered: LoweredModel, _ loaded: inout ModelOptions.Loaded
  ) throws -> (summary: StepSummary, seconds: Double?) {
    let compiled = try compile(spec, lowered, threads: threads)
    let step = StepSummary(compiled)
    if let advice = memoryAdvice(spec, compiled, step) {
      if !Silences(loaded.sources).isSilenced(advice) { loaded.diagnostics.append(advice) }
      return (step, nil)
    }
    guard time else { return (step, nil) }
    WeightInitializer(seed: spec.train.seed).fill(compiled.store, with: lowered.definitions)
    return (step, secondsPerStep(compiled, lowered.schedule, batch: step.batch))
  }

  private static let timedSteps = 5

  /// How long a step takes on the average of a period: a graph that runs on some steps only counts in its share.
  private func secondsPerStep(_ model: CompiledModel, _ schedule: StepSchedule, batch: Int) -> Double {
    let runs = (0..<schedule.period).flatMap { schedule.runs(at: $0) }
    return model.steps.indices.reduce(0) { seconds, index in
      let share = Double(runs.count { $0.graph == index }) / Double(schedule.period)
      let plan = model.plan(ofStep: index, batch: batch)
      let result = Benchmark(plan, on: model.executor).run(steps: Self.timedSteps, warmup: 1)
      return seconds + share * result.medianSeconds
    }
  }

  /// That the machine is too small, and the largest batch that it has room for.
  private func memoryAdvice(_ spec: ModelSpec, _ model: CompiledModel, _ step: StepSummary) -> Diagnostic? {
    let available = ProcessMemory.limit(besides: Graphc.addressSpaceAtStart)
    guard step.memory.total > available else { return nil }
    func fits(_ batch: Int) -> Bool {
      MemoryEstimate(model, batch: batch).total <= available
    }
    var fixes: [FixIt] = []
    if fits(1) {
      var (low, high) = (1, step.batch)
      while high - low > max(1, low / 16) {
        let middle = (low + high) / 2
        if fits(middle) { low = middle } else { high = middle }
      }
      let edits = spec.train.batchSize.span.map { [FixIt.Edit(span: $0, replacement: "\(low)")] }
      fixes = [FixIt("set `batch_size` to \(low), the largest that fits", edits: edits ?? [])]
    }
    return Diagnostic(
      .memory, at: spec.train.batchSize.span,
      ["needed": Text.bytes(step.memory.total), "available": Text.bytes(available)],
      notes: fixes.isEmpty
        ? [.init("no batch fits: smaller images and fewer `out_channels` take less")] : [], fixes: fixes)
  }

  private func json(_ memory: MemoryEstimate) -> JSONValue {
    .object([
      "state": .int(memory.state), "arena": .int(memory.arena), "samples": .int(memory.samples),
      "scoring": .int(memory.scoring), "batches": .int(memory.batches),
      "images": memory.images.map { .int($0) } ?? .null,
      "program": .int(MemoryEstimate.program),
    ])
  }

  private func json(
    _ loaded: ModelOptions.Loaded, _ summary: StepSummary?, _ seconds: Double?, _ fixed: FixedFiles?
  ) -> JSONValue {
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
    let applied: [(key: String, value: JSONValue)] =
      fixed.map { fixed in
        [
          (key: "applied", value: .array(fixed.model.titles.map { .string($0) })),
          (key: "difference", value: .string(fixed.difference)),
          (
            key: "overrides",
            value: .array(
              fixed.model.overrides.map {
                .object(["given": .string($0.given), "meant": .string($0.meant)])
              })
          ),
        ]
      } ?? []
    let result = JSONValue.object([
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
          "milliseconds": seconds.map { .number($0 * 1e3) } ?? .null,
          "fusions": .array(
            summary.fusions.map { .object(["fusion": .string($0.name), "count": .int($0.count)]) }),
        ])
      } ?? .null,
    ])
    guard case .object(let pairs) = result else { return result }
    return .object(pairs + applied)
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
    let made = spec.latent.map { "\($0.value) numbers → " } ?? ""
    var text = "\(visibleText(spec.name)): \(made)\(image) images\n"
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
