import ArgumentParser
import Datasets
import Diagnostics
import Files
import Glibc
import GraphIR
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

  @Option(
    help: ArgumentHelp(
      "Stop in time to save, the program's start included, such as 8h or 90m; --resume goes on.",
      valueName: "time"))
  var timeLimit: TimeSpan?

  @Option(help: "What all random numbers depend on, in place of the model's `train.seed`.")
  var seed: Int?

  @Flag(
    help: "Write what TensorBoard shows, into the run's folder: as the model's `train.tensorboard: true`.")
  var tensorboard = false

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
    if resume != nil, out != nil || weights != nil || seed != nil || tensorboard || !overrides.isEmpty {
      throw ValidationError(
        "--resume goes on with the run as it is: --out, --weights, --seed, --tensorboard and --set are for new runs."
      )
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

  /// A training as its model tells it: in stages, or all in one.
  private struct Course {
    var stages: [(spec: ModelSpec, lowered: LoweredModel)]
    /// Nil where there are no stages.
    var plan: StagePlan?
    /// What `resolved.yaml` says.
    var resolved: String
    var sources: SourceMap

    /// The stage and how many there are, for messages; nil where there are none.
    func number(ofStage index: Int) -> (number: Int, count: Int)? {
      plan == nil ? nil : (index + 1, stages.count)
    }
  }

  /// A stage that is ready to train: its data opened, its graphs compiled.
  private struct ReadyStage {
    var model: CompiledModel
    var dataset: Dataset
    var schedule: BatchSchedule
    var fingerprint: DataFingerprint
  }

  private func course(of path: String, overrides: [String], quietly: Bool) throws -> Course {
    var options = ModelOptions()
    options.model = path
    options.overrides = overrides
    options.color = color
    let (loaded, stages) = try options.loadStages(quietly: quietly)
    let isStaged = loaded.stagedText != nil
    return Course(
      stages: stages, plan: isStaged ? StagePlan(stages) : nil,
      resolved: loaded.stagedText ?? stages[0].spec.resolvedYAML(), sources: loaded.sources)
  }

  /// Opens a stage's data and compiles its graphs; its store is yet all zero.
  private func ready(_ index: Int, of course: Course, path: String) throws -> ReadyStage {
    let (spec, lowered) = course.stages[index]
    guard let data = spec.train.data else {
      throw fail("\(path): `train` names no `data` to train on", Exit.invalidInput)
    }
    let dataset = try openData(data, spec, lowered, course.sources)
    let schedule = try makeSchedule(spec, dataset, lowered, course.sources, stage: index)
    return ReadyStage(
      model: try makeModel(spec, lowered, dataset, path), dataset: dataset, schedule: schedule,
      fingerprint: try DataFingerprint(data, count: dataset.count))
  }

  /// Gives a stage its first values: those of the stage before under their names, the rest at random.
  private func begin(_ stage: ReadyStage, after earlier: TensorStore?) {
    WeightInitializer(seed: stage.model.spec.train.seed).fill(
      stage.model.store, with: stage.model.lowered.definitions)
    if let earlier { stage.model.store.begin(after: earlier) }
  }

  private func startRun(_ path: String) throws {
    let course = try course(
      of: path,
      overrides: overrides + (seed.map { ["train.seed=\($0)"] } ?? [])
        + (tensorboard ? ["train.tensorboard=true"] : []), quietly: false)
    // All that can be wrong with the data shows before the folder is made.
    let first = try ready(0, of: course, path: path)
    begin(first, after: nil)
    if let weights { _ = try first.model.store.loadWeights(contentsOf: weights) }
    let folder =
      try out.map { try RunFolder.create(at: $0) } ?? RunFolder.createNumbered(name: first.model.spec.name)
    try folder.writeResolvedSpec(course.resolved)
    if !first.dataset.classes.isEmpty { try folder.writeClassNames(first.dataset.classes.map(\.name)) }
    try folder.writeData(first.fingerprint)
    try train(course, first, stage: 0, folder, from: 0, until: maxSteps, path: path)
  }

  private func continueRun(in path: String) throws {
    let folder = try RunFolder.open(at: path)
    let resolved = folder.paths.resolvedSpec
    let course = try course(of: resolved, overrides: [], quietly: true)
    let found = try folder.paths.findCheckpoint()
    if let reason = found.reason {
      Console.message("warning: \(reason); taking \(found.path), the newest that is whole")
    }
    let saved = found.checkpoint.metadata
    // A checkpoint at a stage's end is of that stage, and the next one goes on from it.
    let index = course.plan?.stage(after: saved.step) ?? 0
    let savedIndex = course.plan?.stage(savedAfter: saved.step) ?? 0
    let stage = try ready(index, of: course, path: resolved)
    if !stage.dataset.classes.isEmpty, try FileStatus(ofFileAt: folder.paths.classNames) != nil {
      try folder.checkClassNames(stage.dataset.classes.map(\.name))
    }
    let (savedSpec, savedLowered) = course.stages[savedIndex]
    let store = index == savedIndex ? stage.model.store : TensorStore(savedLowered.definitions)
    try found.checkpoint.restore(into: store, structure: StructureHash(savedSpec))
    try checkFinite(store, from: found.path)
    try checkChanges(stage.fingerprint, savedSpec, saved, folder)
    if index != savedIndex { begin(stage, after: store) }
    // A limit that was reached is done with.
    let remembered = saved.until.flatMap { $0 > saved.step ? $0 : nil }
    try train(
      course, stage, stage: index, folder, from: saved.step, until: maxSteps ?? remembered,
      memory: index == savedIndex ? saved.diagnosis : nil, path: resolved)
  }

  /// Settings that decide how far a run goes and what it writes, not what it computes.
  private static let harmless = [
    "epochs", "max_steps", "sample_every", "checkpoint_every", "evaluate_every", "keep", "tensorboard",
  ]

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
      let isHarmless = Self.harmless.contains { key == "train.\($0)" }
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

  private func openData(
    _ data: Configured, _ spec: ModelSpec, _ lowered: LoweredModel, _ sources: SourceMap
  ) throws -> Dataset {
    let dataset: Dataset
    do {
      // A network knows as many classes as the model says, and no others.
      if let classes = spec.classes, lowered.steps.contains(where: { $0.fields.contains("label") }) {
        try Dataset.requireClasses(classes.value, of: data)
      }
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
    _ spec: ModelSpec, _ dataset: Dataset, _ lowered: LoweredModel, _ sources: SourceMap, stage: Int
  ) throws -> BatchSchedule {
    let batch = spec.train.batchSize.value
    // Each stage goes through the images in an order of its own.
    let seed = stage == 0 ? spec.train.seed : namedSeed(spec.train.seed, "stage.\(stage)")
    guard
      let schedule = BatchSchedule(
        imageCount: dataset.count, batchSize: batch, dropsLast: spec.train.dropLast, seed: seed)
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
    if let refusal = RunScore.refusal(for: spec) { throw fail("\(path): \(refusal)", Exit.invalidInput) }
    let model = try compile(spec, lowered, threads: threads, convolutions: convolutions.policy)
    try checkMemory(MemoryEstimate(model, dataset: dataset).total, for: path)
    model.reserveMemory()
    return model
  }

  /// Trains the stage that is ready, and those behind it.
  private func train(
    _ course: Course, _ first: ReadyStage, stage firstIndex: Int, _ folder: RunFolder, from start: Int,
    until last: Int?, memory: String? = nil, path: String
  ) throws {
    var (next, index, step, memory) = (Optional(first), firstIndex, start, memory)
    while let stage = next {
      // Only its store outlives the stage: two would not fit where one does.
      next = nil
      let store = stage.model.store
      let loop = TrainingLoop(
        stage.model, dataset: stage.dataset, schedule: stage.schedule, folder: folder, startStep: step,
        maxSteps: last, data: stage.fingerprint, stage: course.plan?.stages[index], memory: memory)
      memory = nil
      let end = course.plan?.steps ?? loop.modelLastStep
      if let maxSteps, maxSteps > end {
        Console.message("--max-steps \(maxSteps) changes nothing: the model ends at step \(end)")
      }
      let ending = try TrainingSession(
        loop, sources: course.sources, stage: course.number(ofStage: index), timeLimit: timeLimit
      ).run()
      guard ending == .finished, let plan = course.plan, index + 1 < plan.stages.count,
        loop.lastStep == plan.stages[index].end, loop.lastStep != last
      else { return }
      index += 1
      step = loop.lastStep
      let ready = try ready(index, of: course, path: path)
      begin(ready, after: store)
      next = ready
    }
  }
}
