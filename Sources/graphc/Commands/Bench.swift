import ArgumentParser
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

extension Precision: ExpressibleByArgument {}

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time a model's training step, or its networks, on data in memory.")

  @OptionGroup var model: ModelOptions

  @OptionGroup var graphs: GraphOptions

  @Option(help: "Images a step; the model's batch size by default.")
  var batchSize: Int?

  @Option(help: "How many steps are timed.")
  var steps = 10

  @Option(help: "How many steps run before.")
  var warmup = 2

  @Option(
    help: ArgumentHelp(
      "Write one step's times to this file, for chrome://tracing or Perfetto.", valueName: "file"))
  var trace: String?

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @Option(help: "fp32 or bf16, in place of the model's `train.precision`.")
  var precision: Precision?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if let batchSize, !(1...65_536).contains(batchSize) {
      throw ValidationError("--batch-size must be from 1 to 65536.")
    }
    if trace == "" { throw ValidationError("--trace needs a file's name.") }
    if steps < 1 || warmup < 0 { throw ValidationError("--steps must be at least 1, --warmup at least 0.") }
  }

  func run() throws {
    if let trace { try reportingFileErrors { try outputs.check(trace) } }
    let (written, lowered, sources) = try model.loadChecked(quietly: true)
    let function = try graphs.graphFunction(of: lowered)
    try graphs.checkPasses(graphs.disabled, of: function)
    var spec = written
    if let precision { spec.train.precision = precision }
    let batch = batchSize ?? spec.train.batchSize.value
    if case .step(let index) = function,
      let problem = BatchNormCheck.problem(lowered.steps[index].graph, batch: batch)
    {
      model.color.show([problem], in: sources)
      throw Exit.invalidInput
    }
    let compiled = try compile(
      spec, lowered, threads: threads, disabled: Set(graphs.disabled), convolutions: convolutions.policy
    )
    let plan: CPUPlan
    switch function {
    case .step(let index): plan = compiled.plan(ofStep: index, batch: batch)
    case .network(let network): plan = compiled.plan(of: network.name, batch: batch)
    }
    try checkMemory(compiled.store.byteCount + plan.scratchBytes + plan.persistentBytes, for: model.model)
    WeightInitializer(seed: spec.train.seed).fill(compiled.store, with: lowered.definitions)
    let benchmark = Benchmark(plan, on: compiled.executor)
    let result = benchmark.run(steps: steps, warmup: warmup)
    let threads = compiled.executor.threads
    switch format {
    case .json:
      Console.print(
        DisplayText(lines: json(result, plan, spec.train.precision, threads).text(isPretty: true)))
    case .text: Console.print(DisplayText(lines: text(result, plan, spec.train.precision, threads)))
    }
    // After the result: a path that cannot be written loses nothing.
    if let trace {
      try reportingFileErrors {
        try writeFileAtomically(
          Array(benchmark.trace().json.text().utf8), to: trace, replacing: outputs.replacement)
      }
    }
  }

  private func json(
    _ result: Benchmark.Result, _ plan: CPUPlan, _ precision: Precision, _ threads: Int
  ) -> JSONValue {
    .object([
      "model": .string(model.model), "function": .string(graphs.function),
      "precision": .string(precision.rawValue), "batch_size": .int(plan.batch),
      "threads": .int(threads), "isa": .string(InstructionSet.current), "steps": .int(steps),
      "median_ms": .number(result.medianSeconds * 1e3),
      "images_per_second": .number(Double(plan.batch) / result.medianSeconds),
      "gflops": .number(result.flops / result.medianSeconds * 1e-9),
      "peak_gflops": result.peak.map { .number($0 * 1e-9) } ?? .null,
      "peak_rss_bytes": .int(result.peakResidentBytes),
      "ops": .array(
        result.rows.map { row in
          .object([
            "op": .string(row.op), "layer": row.layer.map { .string($0) } ?? .null,
            "algorithm": row.algorithm.map { .string($0) } ?? .null,
            "ms": .number(row.seconds * 1e3), "gflops": .number(row.flops / row.seconds * 1e-9),
            "share": .number(row.share),
          ])
        }),
    ])
  }

  private func text(
    _ result: Benchmark.Result, _ plan: CPUPlan, _ precision: Precision, _ threads: Int
  ) -> String {
    var rows = [["op", "layer", "algorithm", "ms", "GFLOP/s", "share"]]
    for row in result.rows where row.share >= 0.002 {
      let rate = row.flops / row.seconds * 1e-9
      rows.append([
        row.op, row.layer ?? "", row.algorithm ?? "", Text.fixed(row.seconds * 1e3, 3),
        rate >= 1 ? Text.fixed(rate, 0) : "–", Text.fixed(row.share * 100, 1) + " %",
      ])
    }
    let rate = Double(plan.batch) / result.medianSeconds
    let speed = result.flops / result.medianSeconds
    let share = result.peak.map { " (\(Text.fixed(speed / $0 * 100, 0)) % of the FMA peak)" } ?? ""
    return Text.table(rows, [.left, .left, .left, .right, .right, .right])
      + "\n\(Text.fixed(result.medianSeconds * 1e3, 2)) ms (median of \(steps)), \(Text.fixed(rate, 0)) images/s, "
      + "\(Text.fixed(speed * 1e-9, 0)) GFLOP/s\(share), \(precision.rawValue), batch \(plan.batch), "
      + "\(threads) thread\(threads == 1 ? "" : "s"), \(InstructionSet.current), peak memory \(Text.bytes(result.peakResidentBytes))"
  }
}
