import ArgumentParser
import Datasets
import Diagnostics
import Glibc
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model.",
    discussion: """
      Makes a run folder with the model as it was resolved, metrics, pictures of samples, checkpoints and a \
      report. Ctrl-C stops after the current step and saves; `--resume` goes on from there, with the same \
      numbers as if it had never stopped. A run does not remember `--convolution`: give it again, or the steps \
      from there on are computed by other algorithms, which round differently.
      """)

  @Argument(help: "The model's YAML file; left out with --resume.")
  var model: String?

  @Option(help: "The run folder, which must not exist; by default runs/NAME-1, then -2 and so on.")
  var out: String?

  @Option(help: "Continue the run in this folder.")
  var resume: String?

  @Option(
    help: """
      Stop after so many steps, those before a resume included. A run that was stopped before remembers it; one \
      that has come so far goes on to where its model ends.
      """)
  var maxSteps: Int?

  @Flag(help: "With --resume: go on although the data is not what it was.")
  var acceptChanges = false

  @Option(help: "What all random numbers depend on, in place of the model's `train.seed`.")
  var seed: Int?

  @Option(help: "Begin with the weights of this safetensors file.")
  var weights: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one value of the model.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "Colours in messages: auto, always or never.")
  var color: ColorChoice = .auto

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if let maxSteps, maxSteps < 1 { throw ValidationError("--max-steps must be at least 1.") }
    if let seed, seed < 0 { throw ValidationError("--seed must not be negative.") }
    if (model == nil) == (resume == nil) {
      throw ValidationError("Name a model, or a run's folder with --resume.")
    }
    if resume == nil, acceptChanges { throw ValidationError("--accept-changes goes with --resume.") }
    if resume != nil, out != nil || weights != nil || seed != nil || !overrides.isEmpty {
      throw ValidationError(
        "--resume goes on with the run as it is: --out, --weights, --seed and --set are for new runs.")
    }
  }

  func run() throws {
    try reportingFileErrors {
      if let resume {
        try continueRun(in: resume)
      } else if let model {
        try startRun(model)
      }
    }
  }

  // MARK: Beginning

  private func startRun(_ path: String) throws {
    var options = ModelOptions()
    options.model = path
    options.overrides = overrides + (seed.map { ["train.seed=\($0)"] } ?? [])
    options.color = color
    let (spec, lowered, sources) = try options.loadChecked()
    guard let data = spec.train.data else {
      throw fail("\(path): `train` names no `data` to train on", Exit.invalidInput)
    }
    // All that can be wrong with the data shows before the folder is made.
    let dataset = try openData(data, spec, sources)
    let schedule = try makeSchedule(spec, dataset, lowered, sources)
    let compiled = try makeModel(spec, lowered, dataset, options.model)
    WeightInitializer(seed: spec.train.seed).fill(compiled.store, with: lowered.definitions)
    if let weights { _ = try compiled.store.loadWeights(contentsOf: weights) }
    let folder = try out.map { try RunFolder.create(at: $0) } ?? RunFolder.createNumbered(name: spec.name)
    let fingerprint = try DataFingerprint(data, count: dataset.count)
    try folder.writeResolvedSpec(spec.resolvedYAML())
    if !dataset.classes.isEmpty { try folder.writeClassNames(dataset.classes.map(\.name)) }
    try folder.writeData(fingerprint)
    try train(compiled, dataset, schedule, folder, fingerprint, from: 0, until: maxSteps, sources: sources)
  }

  private func continueRun(in path: String) throws {
    let folder = try RunFolder.open(at: path)
    var options = ModelOptions()
    options.model = folder.paths.resolvedSpec
    options.overrides = []
    options.color = color
    let (spec, lowered, sources) = try options.loadChecked(quietly: true)
    guard let data = spec.train.data else {
      throw fail("\(folder.paths.resolvedSpec): `train` names no `data` to train on", Exit.invalidInput)
    }
    let dataset = try openData(data, spec, sources)
    let schedule = try makeSchedule(spec, dataset, lowered, sources)
    let compiled = try makeModel(spec, lowered, dataset, options.model)
    if !dataset.classes.isEmpty, unsafe access(folder.paths.classNames, F_OK) == 0 {
      try folder.checkClassNames(dataset.classes.map(\.name))
    }
    let found = try folder.paths.findCheckpoint()
    if let reason = found.reason {
      Console.message("warning: \(reason); taking \(found.path), the newest that is whole")
    }
    let saved = found.checkpoint.metadata
    try found.checkpoint.restore(into: compiled.store, structure: StructureHash(spec))
    try checkFinite(compiled.store, from: found.path)
    let fingerprint = try DataFingerprint(data, count: dataset.count)
    try checkChanges(fingerprint, spec, saved, folder)
    // A limit that was reached is done with.
    let remembered = saved.until.flatMap { $0 > saved.step ? $0 : nil }
    try train(
      compiled, dataset, schedule, folder, fingerprint, from: saved.step, until: maxSteps ?? remembered,
      sources: sources)
  }

  /// Says what has changed since a checkpoint was saved.
  ///
  /// - Throws: Where the data has, and nobody asked for that.
  private func checkChanges(
    _ fingerprint: DataFingerprint, _ spec: ModelSpec, _ saved: CheckpointMetadata, _ folder: RunFolder
  ) throws {
    let settings = saved.settings.isEmpty ? [:] : spec.trainSettings()
    for key in Set(settings.keys).union(saved.settings.keys).sorted() {
      let (before, after) = (saved.settings[key], settings[key])
      if before == after { continue }
      // Those decide how far a run goes and what it writes, not what it computes.
      let isHarmless = ["epochs", "max_steps", "sample_every", "checkpoint_every", "keep"].contains {
        key == "train.\($0)"
      }
      Console.message(
        (isHarmless ? "" : "warning: ")
          + "`\(key)` is \(after ?? "not set"), and was \(before ?? "not set") up to step \(saved.step)")
    }
    let earlier = folder.readData()
    guard let text = saved.data, text != fingerprint.text else {
      if earlier == nil { try folder.writeData(fingerprint) }
      return
    }
    var changes = earlier.map { fingerprint.changes(since: $0) } ?? []
    if changes.isEmpty { changes = ["it is \(fingerprint.text) in place of \(text)"] }
    let what = "the data has changed since step \(saved.step): \(changes.joined(separator: "; "))"
    guard acceptChanges else {
      throw fail(
        "\(what)\nOther images would follow than in an unbroken run. Bring the data back, or go on with what is "
          + "there: graphc train --resume \(folder.paths.folder) --accept-changes", Exit.invalidInput)
    }
    Console.message("warning: \(what)")
    try folder.writeData(fingerprint)
  }

  private func openData(_ data: Configured, _ spec: ModelSpec, _ sources: SourceMap) throws -> Dataset {
    let dataset: Dataset
    do {
      dataset = try Dataset(
        data, channels: spec.channels.value, height: spec.height.value, width: spec.width.value,
        seed: spec.train.seed, threads: threads.count)
    } catch { throw DataPathHint.adding(to: error, data, sources) }
    for line in dataset.summary.lines {
      Console.message("\(line.isWarning ? "warning: " : "")\(line.topic): \(line.text)")
    }
    return dataset
  }

  private func makeSchedule(
    _ spec: ModelSpec, _ dataset: Dataset, _ lowered: LoweredModel, _ sources: SourceMap
  ) throws -> BatchSchedule {
    let batch = spec.train.batchSize.value
    guard
      let schedule = BatchSchedule(
        imageCount: dataset.count, batchSize: batch, dropsLast: spec.train.dropLast, seed: spec.train.seed)
    else {
      throw fail(
        "\(dataset.count) images are fewer than a batch of \(batch), and `drop_last` leaves none to train on",
        Exit.invalidInput)
    }
    if !spec.train.dropLast,
      let problem = lowered.steps.lazy.compactMap({
        BatchNormCheck.problem($0.graph, batch: dataset.count % batch)
      }).first
    {
      color.show([problem], in: sources)
      Console.message(
        "The last batch of \(dataset.count) images has one image: write `drop_last: true` under `train:`, or choose another batch size."
      )
      throw Exit.invalidInput
    }
    return schedule
  }

  /// The model, unless the machine is too small for it.
  private func makeModel(
    _ spec: ModelSpec, _ lowered: LoweredModel, _ dataset: Dataset, _ path: String
  ) throws -> CompiledModel {
    let model = try compile(spec, lowered, threads: threads.count, convolutions: convolutions.policy)
    try checkMemory(MemoryEstimate(model, dataset: dataset).total, for: path)
    return model
  }

  private func train(
    _ model: CompiledModel, _ dataset: Dataset, _ schedule: BatchSchedule, _ folder: RunFolder,
    _ data: DataFingerprint, from start: Int, until last: Int?, sources: SourceMap
  ) throws {
    let loop = TrainingLoop(
      model, dataset: dataset, schedule: schedule, folder: folder, startStep: start, maxSteps: last,
      data: data)
    if let maxSteps, maxSteps > loop.modelLastStep {
      Console.message(
        "--max-steps \(maxSteps) changes nothing: the model ends at step \(loop.modelLastStep)")
    }
    try TrainingSession(loop, sources: sources).run()
  }
}
