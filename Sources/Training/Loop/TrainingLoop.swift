import Datasets
import Diagnostics
import Files
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Runtime

/// Trains a model: the adversarial loop with its metrics, samples and checkpoints.
///
/// Everything that a step does is a function of the seed, the step's number and the state before it, so that
/// a run that is stopped and resumed goes on with the same bytes.
public final class TrainingLoop {
  /// Why training ended.
  public enum Ending: Sendable {
    case finished
    /// Somebody asked to stop; the state is saved.
    case interrupted
  }

  public enum Failure: Error, Sendable {
    case file(FileError)
    case diverged(Divergence)
  }

  public let model: CompiledModel
  public let dataset: Dataset
  public let schedule: BatchSchedule
  public let folder: RunFolder
  /// Steps that were done before this loop.
  public let startStep: Int
  /// The number of the last step.
  public let lastStep: Int
  /// Nil for a model that makes no images.
  private let pictures: Pictures?

  /// What draws the pictures of samples.
  private struct Pictures {
    var sampler: Sampler
    /// What all of them have in common.
    var noise: [Float]
  }
  private let structure: StructureHash
  private let settings: [String: String]
  private let data: DataFingerprint?
  private var diagnosis = RunDiagnosis()
  /// What TensorBoard shows of the run; nil where nobody asked for it.
  private var events: EventFile?
  /// What is computed of samples every so many steps; nil where nobody asked for it.
  private var score: RunScore?
  private var best: Double?
  /// How much the data's images differ; nil before it is asked for, or where they cannot be read.
  private var dataDiversity: Double?
  /// Where the model's own settings end.
  public let modelLastStep: Int
  /// Those of the data that the step reads.
  private let fields: [Dataset.Field]
  private let clock: BatchClock
  /// The stage that the loop is of; nil where the training has none.
  private let stage: StagePlan.Stage?
  /// The last step that was asked for, whatever the stage.
  private let limit: Int?

  /// - Parameters:
  ///   - startStep: The step of the checkpoint that `model.store` was restored from; zero for a new run.
  ///   - maxSteps: The last step, where it comes before the end of the epochs.
  ///   - data: What checkpoints say that the run was trained on.
  ///   - stage: The stage that the model is of; steps are counted over all stages.
  ///   - memory: What the diagnosis of the steps before remembers (`CheckpointMetadata.diagnosis`).
  public init(
    _ model: CompiledModel, dataset: Dataset, schedule: BatchSchedule, folder: RunFolder, startStep: Int,
    maxSteps: Int?, data: DataFingerprint? = nil, stage: StagePlan.Stage? = nil, memory: String? = nil
  ) {
    if let memory { diagnosis.recall(memory) }
    self.model = model
    self.dataset = dataset
    self.schedule = schedule
    self.folder = folder
    self.startStep = startStep
    structure = StructureHash(model.spec)
    settings = model.spec.trainSettings()
    self.data = data
    self.stage = stage
    limit = maxSteps
    fields = dataset.fields.filter { model.reads($0.name) }
    clock = BatchClock(model.lowered)
    let (epochs, perEpoch) = (model.spec.train.epochs, schedule.stepsPerEpoch)
    let whole = epochs.multipliedReportingOverflow(by: perEpoch)
    let inEpochs = whole.overflow ? .max : clock.steps(consuming: whole.partialValue)
    modelLastStep = min(model.spec.train.maxSteps ?? .max, stage?.end ?? inEpochs)
    lastStep = min(maxSteps ?? .max, modelLastStep)
    var plans = model.steps.indices.map { model.plan(ofStep: $0, batch: schedule.batchSize) }
    if let maker = model.spec.imageMaker {
      let sampler = Sampler(model, examples: Self.examples(of: dataset, for: maker, in: model))
      plans.append(sampler.plan(batch: Sampler.gridImages))
      pictures = Pictures(
        sampler: sampler, noise: sampler.noise(count: Sampler.gridImages, seed: model.spec.train.seed))
    } else {
      pictures = nil
    }
    model.executor.reserve(for: plans)
  }

  /// Runs the remaining steps.
  ///
  /// - Parameters:
  ///   - onDamagedLog: Is told of rows of the steps before that are lost.
  ///   - onFinding: Is told of what the run shows of how it goes.
  ///   - onSaved: Is told that a checkpoint was saved.
  ///   - onStep: Is told of every step.
  ///   - shouldStop: Is asked after every step.
  ///   - isInterrupted: Is asked while the loop waits for images.
  ///   - willSave: Is told before a checkpoint is begun.
  ///   - didSave: Is told when it is whole, or has failed.
  /// - Throws: `Failure.diverged` when a loss is infinite or NaN, or when the state is before it would be
  ///   saved: the step is then not logged, and the last checkpoint is kept; `Failure.file` when data cannot
  ///   be read or a file cannot be written.
  public func run(
    onDamagedLog: (MetricsLog.Damage) -> Void = { _ in }, onFinding: (Finding) -> Void = { _ in },
    onSaved: () -> Void = {}, onStep: (MetricsRow) -> Void, shouldStop: () -> Bool,
    isInterrupted: () -> Bool = { false }, willSave: () -> Void = {}, didSave: () -> Void = {}
  ) throws(Failure) -> Ending {
    let log = try file { () throws(FileError) in
      try MetricsLog(path: folder.paths.metrics, continuingAfter: startStep)
    }
    if let damage = log.damage { onDamagedLog(damage) }
    // What was told before is not told again.
    for row in log.precedingRows { _ = diagnosis.note(row) }
    if startStep == lastStep, !lacksPicture { return .finished }
    try openEvents()
    defer { events = nil }
    if lacksPicture, let pictures {
      try write(samples(of: pictures, step: startStep), pictures.sampler, step: startStep)
    }
    guard startStep < lastStep else { return .finished }
    try openScore()
    let loader = BatchLoader(
      dataset, fields: fields, schedule: schedule, startingAt: batches(before: startStep))
    defer { loader.stop() }
    let watch = ContinuousClock()
    for step in startStep..<lastStep {
      let began = watch.now
      guard loader.waitForNext(unless: isInterrupted) else {
        willSave()
        defer { didSave() }
        try saveBefore(step, log)
        return .interrupted
      }
      // What was brought in makes another network: its gradients' averages are of the one before.
      if let stage, stage.fadeSteps > 0, step == stage.firstStep + stage.fadeSteps {
        model.store.forgetOptimizers()
      }
      var row = try compute(step, loader, log)
      row.imagesPerSecond /= Benchmark.seconds(watch.now - began)
      let done = step + 1
      let (isLast, stops) = (done == lastStep, shouldStop())
      let isBest = evaluate(&row, isLast: isLast)
      let saves = done % model.spec.train.checkpointEvery == 0 || isLast || stops || isBest
      if saves, let slot = model.store.firstNonfinite() {
        throw .diverged(Divergence(step: done, loss: nil, cause: .tensor(slot.name)))
      }
      onStep(row)
      row.findings = diagnosis.note(row)
      // A stop is no reason to look: what is told is the same as in a run that was not stopped.
      let (isEnd, train) = (done == modelLastStep, model.spec.train)
      // A picture that cannot be written loses no step: the state is saved first.
      var failure: Failure?
      if let pictures, done % train.sampleEvery == 0 || isLast {
        let samples = samples(of: pictures, step: done)
        // Noted in any case: the state that is saved then is that of a run whose picture was written.
        if let diversity = diversity(of: samples), done % train.sampleEvery == 0 || isEnd {
          row.findings += diagnosis.note(diversity: diversity, step: done)
        }
        do throws(Failure) { try write(samples, pictures.sampler, step: done) } catch { failure = error }
      }
      if done % train.checkpointEvery == 0 || isEnd {
        row.findings += diagnosis.note(model.store, model.lowered.definitions, step: done)
      }
      try file { () throws(FileError) in
        try log.append(row)
        try events?.append(scalars: row.metrics.map { ($0.name, $0.value) }, step: done)
      }
      row.findings.forEach(onFinding)
      if saves || failure != nil && model.store.firstNonfinite() == nil {
        willSave()
        defer { didSave() }
        try save(step: done, epoch: row.epoch, log)
        if isBest, let best {
          try file { () throws(FileError) in try folder.markBest(step: done, score: best) }
        }
        onSaved()
      }
      if let failure { throw failure }
      if stops, !isLast { return .interrupted }
    }
    return .finished
  }

  // MARK: One step

  /// One run of a step's graph.
  private struct Run {
    var step: Int
    var run: StepSchedule.Run
    /// The number of the batch that it reads; nil where it reads none.
    var batch: Int?
    var plan: CPUPlan
  }

  /// A batch that several runs read.
  private struct HeldBatch {
    /// By the names of the data's fields.
    var values: [String: [Float]] = [:]

    func write(_ fields: [String], to plan: CPUPlan, _ executor: CPUExecutor) {
      for name in fields {
        guard let given = values[name] else { preconditionFailure("the batch has no `\(name)`") }
        executor.withInput(name, of: plan) { input in
          for index in input.indices { input[index] = given[index] }
        }
      }
    }
  }

  /// The runs of a step, each with its batch.
  private func runs(of step: Int) -> [Run] {
    let first = stage?.firstStep ?? 0
    return clock.runs(of: step - first).map { run, batch in
      let count = batch.map { schedule.batch(at: $0).places.count }
      return Run(
        step: step, run: run, batch: batch,
        plan: model.plan(ofStep: run.graph, batch: count ?? schedule.batchSize))
    }
  }

  /// Makes a step. The row's images a second are yet the number of the images.
  private func compute(_ step: Int, _ loader: BatchLoader, _ log: MetricsLog) throws(Failure) -> MetricsRow {
    var row = MetricsRow(
      step: step + 1, epoch: epoch(of: step), metrics: [], imagesPerSecond: 0, dataWaitMilliseconds: 0)
    let runs = runs(of: step)
    // Batches that a later run of the step reads again.
    var held: [Int: HeldBatch] = [:]
    var lastDraw = -1
    for (place, run) in runs.enumerated() {
      if let number = run.batch {
        if let batch = held[number] {
          batch.write(model.lowered.steps[run.run.graph].fields, to: run.plan, model.executor)
        } else {
          let isReadAgain = runs[(place + 1)...].contains { $0.batch == number }
          let (batch, values) = try load(run, isHeld: isReadAgain, loader, log)
          held[number] = values
          row.epoch = batch.epoch
          row.dataWaitMilliseconds += batch.secondsWaited * 1e3
        }
      }
      if run.run.ordinal != lastDraw, !model.lowered.steps[run.run.graph].guards.isEmpty {
        row.imagesPerSecond += Double(run.plan.batch)
      }
      lastDraw = run.run.ordinal
      fillInputs(run)
      let executor = model.executor
      // Each objective is looked at before the update that follows from it: the weights that led to it still
      // stand.
      for (place, name) in model.lowered.steps[run.run.graph].guards.enumerated() {
        if place == 0 { executor.run(run.plan, until: name) } else { executor.resume(run.plan, until: name) }
        if !executor.scalar(name, in: run.plan).isFinite { throw .diverged(divergence(run, name)) }
      }
      if model.lowered.steps[run.run.graph].guards.isEmpty {
        executor.run(run.plan)
      } else {
        executor.resume(run.plan)
      }
      for output in run.plan.graph.outputs {
        row.set(output.name, to: executor.scalar(output.name, in: run.plan))
      }
    }
    return row
  }

  /// The epoch of the last batch that was read before a step, or of the first.
  private func epoch(of step: Int) -> Int {
    schedule.batch(at: max(0, batches(before: step) - 1)).epoch
  }

  /// How many batches of the stage's data the steps before this one consume.
  private func batches(before step: Int) -> Int { clock.batches(before: step - (stage?.firstStep ?? 0)) }

  /// Gets a run's examples. Where one cannot be read, what the steps before came to is saved.
  private func load(
    _ run: Run, isHeld: Bool, _ loader: BatchLoader, _ log: MetricsLog
  ) throws(Failure) -> (BatchLoader.Batch, HeldBatch?) {
    let fields = model.lowered.steps[run.run.graph].fields
    do throws(FileError) {
      var held = HeldBatch()
      let batch = try loader.next { field, values in
        if isHeld { held.values[field.name] = values.indices.map { values[$0] } }
        guard fields.contains(field.name) else { return }
        model.executor.withInput(field.name, of: run.plan) { input in
          for index in values.indices { input[index] = values[index] }
        }
      }
      return (batch, isHeld ? held : nil)
    } catch {
      // In the middle of a step there is nothing that a checkpoint could hold. That saving fails too is the lesser
      // news.
      if run.run.ordinal == 0 { try? saveBefore(run.step, log) }
      throw .file(error)
    }
  }

  /// Saves what the steps before this one came to, unless that is done or not worth it.
  private func saveBefore(_ step: Int, _ log: MetricsLog) throws(Failure) {
    let isSaved = step == startStep || step % model.spec.train.checkpointEvery == 0
    if isSaved || model.store.firstNonfinite() != nil { return }
    try save(step: step, epoch: epoch(of: step), log)
  }

  private func fillInputs(_ run: Run) {
    for draw in model.lowered.steps[run.run.graph].draws {
      model.executor.fill(
        draw, of: run.plan, seed: model.spec.train.seed, step: run.step, ordinal: run.run.ordinal)
    }
    for clock in model.lowered.steps[run.run.graph].clocks {
      model.executor.fill(
        clock, of: run.plan, step: run.step - (stage?.firstStep ?? 0), epoch: epoch(of: run.step),
        fade: stage?.fade(at: run.step) ?? 1)
    }
  }

  /// Finds out where the first infinity or NaN of a run came from whose objective is one.
  private func divergence(_ run: Run, _ loss: String) -> Divergence {
    var divergence = Divergence(step: run.step + 1, loss: loss, cause: .unknown)
    // What an optimiser spoiled, in the step before or, for a later objective, in this one. Statistics do
    // not count: this step has already moved them, and no loss reads them.
    if let slot = model.store.firstNonfinite(where: { $0.role != .statistic }) {
      divergence.cause = .tensor(slot.name)
      return divergence
    }
    // Else an op did, on weights that are sound and still there: the same run again, op by op. Its inputs'
    // memory has held other values since.
    let executor = model.executor
    if let batch = run.batch {
      let images = schedule.images(at: batch)
      do {
        for field in fields where model.lowered.steps[run.run.graph].fields.contains(field.name) {
          try executor.withInput(field.name, of: run.plan) { (span) throws(FileError) in
            for (place, index) in images.indices.enumerated() {
              try dataset.fill(
                field, at: index, epoch: images.epoch, into: &span, offset: place * field.valueCount)
            }
          }
        }
      } catch { return divergence }
    }
    fillInputs(run)
    if let node = executor.firstNonfiniteNode(run.plan) {
      divergence.cause = .op(
        node.op.definition.mnemonic, layer: node.origin.layer, span: node.origin.span)
    }
    return divergence
  }

  /// The first examples of the data, for a network that makes images of images; those that cannot be read
  /// are zeros, of which training itself tells.
  private static func examples(
    of dataset: Dataset, for maker: NetworkSpec, in model: CompiledModel
  ) -> [String: [Float]] {
    let names = Sampler.conditions(of: maker, in: model.spec)
    var examples: [String: [Float]] = [:]
    for field in dataset.fields where names.contains(field.name) {
      var values = [Float](repeating: 0, count: Sampler.gridImages * field.valueCount)
      var span = values.mutableSpan
      for place in 0..<Sampler.gridImages {
        try? dataset.fill(
          field, at: place % dataset.count, epoch: 0, into: &span, offset: place * field.valueCount)
      }
      examples[field.name] = values
    }
    return examples
  }

  // MARK: Files

  private func save(step: Int, epoch: Int, _ log: MetricsLog) throws(Failure) {
    let metadata = CheckpointMetadata(
      step: step, epoch: epoch, seed: model.spec.train.seed, modelName: model.spec.name,
      structure: structure, data: data?.text, settings: settings,
      until: limit.flatMap { step < $0 && (stage != nil || $0 < modelLastStep) ? $0 : nil },
      diagnosis: diagnosis.memory)
    try file { () throws(FileError) in
      // No checkpoint knows more steps than the log.
      try log.synchronize()
      try folder.saveCheckpoint(of: model.store, metadata: metadata, keep: model.spec.train.keep)
    }
  }

  /// What the generator makes of the noise that all sample pictures have in common.
  private func samples(of pictures: Pictures, step: Int) -> [Float] {
    pictures.sampler.values(from: pictures.noise, fade: stage?.fade(at: step) ?? 1)
  }

  private func write(_ samples: [Float], _ sampler: Sampler, step: Int) throws(Failure) {
    let images = (0..<Sampler.gridImages).map { sampler.image($0, in: samples) }
    guard let grid = imageGrid(images, columns: sampler.columns) else { return }
    try file { () throws(FileError) in
      try grid.writePNG(to: folder.paths.sample(step: step))
      try events?.append(grid, name: "samples", step: step)
    }
  }

  /// Whether the model makes images, of which pictures are drawn.
  public var drawsPictures: Bool { pictures != nil }

  /// Whether the step that the run continues after should have left a picture, and left none: that it could not be
  /// written was why the run ended.
  public var lacksPicture: Bool {
    guard drawsPictures, startStep > stage?.firstStep ?? 0,
      startStep % model.spec.train.sampleEvery == 0 || startStep == lastStep
    else { return false }
    let path = folder.paths.sample(step: startStep)
    // What cannot be looked at cannot be written either.
    guard case .some(.none) = try? FileStatus(ofFileAt: path, followingLinks: false) else { return false }
    return true
  }

  /// How much samples differ from each other, relative to the data's images.
  private func diversity(of samples: [Float]) -> Double? {
    if dataDiversity == nil { dataDiversity = try? measureData() }
    guard let dataDiversity, dataDiversity > 0 else { return nil }
    return SampleDiversity.of(samples, count: Sampler.gridImages) / dataDiversity
  }

  /// How much the first images of the data differ, as many as a grid has.
  private func measureData() throws(FileError) -> Double? {
    let size = model.spec.channels.value * model.spec.height.value * model.spec.width.value
    guard let field = fields.first(where: { $0.valueCount == size }) else { return nil }
    let count = min(Sampler.gridImages, dataset.count)
    var values = [Float](repeating: 0, count: count * size)
    var span = values.mutableSpan
    for index in 0..<count {
      try dataset.fill(field, at: index, epoch: 0, into: &span, offset: index * size)
    }
    return SampleDiversity.of(values, count: count)
  }

  /// Opens what samples are scored with, and goes on with the best score of the steps before.
  private func openScore() throws(Failure) {
    guard model.spec.train.evaluateEvery != nil else { return }
    score = try file { () throws(FileError) in
      if let earlier = try folder.paths.bestScore(), earlier.step <= startStep { best = earlier.score }
      if let refusal = RunScore.refusal(for: model.spec) { throw refusal }
      guard let pictures else { preconditionFailure("a model that makes images draws pictures") }
      return try RunScore(pictures.sampler, model.spec, dataset)
    }
  }

  /// Scores the samples where it is time, and puts the score into the step's row.
  ///
  /// - Returns: Whether it is the best so far.
  private func evaluate(_ row: inout MetricsRow, isLast: Bool) -> Bool {
    guard let score, let every = model.spec.train.evaluateEvery, row.step % every == 0 || isLast else {
      return false
    }
    let distance = score.distance(fade: stage?.fade(at: row.step) ?? 1)
    row.set(RunScore.metric, to: Float(distance))
    guard distance.isFinite, distance < best ?? .infinity else { return false }
    best = distance
    return true
  }

  /// Begins what TensorBoard shows, where it is asked for.
  private func openEvents() throws(Failure) {
    guard model.spec.train.tensorboard else { return }
    events = try file { () throws(FileError) in
      let events = try EventFile(inFolder: folder.paths.tensorboard, continuingAfter: startStep)
      let lines = model.spec.resolvedYAML().split(separator: "\n", omittingEmptySubsequences: false)
      // An indented block is code to Markdown.
      try events.append(
        text: lines.map { "    \($0)" }.joined(separator: "\n"), name: "model", step: startStep + 1)
      return events
    }
  }

  private func file<Result>(_ body: () throws(FileError) -> Result) throws(Failure) -> Result {
    do { return try body() } catch { throw .file(error) }
  }
}

/// Training that came to infinity or NaN.
public struct Divergence: Sendable {
  public enum Cause: Sendable {
    /// A parameter, statistic or optimiser's state that holds such a value.
    case tensor(String)
    /// The first op that made such a value, its layer, and the text of the model that it comes from.
    case op(String, layer: String?, span: SourceSpan?)
    case unknown
  }

  /// Counted from one.
  public var step: Int
  /// The loss that showed it; nil where it was seen in the state before that would be saved.
  public var loss: String?
  public var cause: Cause
}
