import Datasets
import Diagnostics
import GraphIR
import Interchange
import Lowering
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
  private let sampler: Sampler
  private let sampleNoise: [Float]
  private let structure: StructureHash
  private let settings: [String: String]
  private let data: DataFingerprint?
  /// Where the model's own settings end.
  public let modelLastStep: Int
  /// Those of the data that the step reads.
  private let fields: [Dataset.Field]

  /// - Parameters:
  ///   - startStep: The step of the checkpoint that `model.store` was restored from; zero for a new run.
  ///   - maxSteps: The last step, where it comes before the end of the epochs.
  ///   - data: What checkpoints say that the run was trained on.
  public init(
    _ model: CompiledModel, dataset: Dataset, schedule: BatchSchedule, folder: RunFolder, startStep: Int,
    maxSteps: Int?, data: DataFingerprint? = nil
  ) {
    self.model = model
    self.dataset = dataset
    self.schedule = schedule
    self.folder = folder
    self.startStep = startStep
    structure = StructureHash(model.spec)
    settings = model.spec.trainSettings()
    self.data = data
    fields = dataset.fields.filter { model.step.input(named: $0.name) != nil }
    let (epochs, perEpoch) = (model.spec.train.epochs, schedule.stepsPerEpoch)
    let whole = epochs.multipliedReportingOverflow(by: perEpoch)
    modelLastStep = min(model.spec.train.maxSteps ?? .max, whole.overflow ? .max : whole.partialValue)
    lastStep = min(maxSteps ?? .max, modelLastStep)
    sampler = Sampler(model)
    sampleNoise = sampler.noise(count: Sampler.gridImages, seed: model.spec.train.seed)
    model.executor.reserve(for: [
      model.stepPlan(batch: schedule.batchSize), sampler.plan(batch: Sampler.gridImages),
    ])
  }

  /// Runs the remaining steps.
  ///
  /// - Parameters:
  ///   - onDamagedLog: Is told of rows of the steps before that are lost.
  ///   - onStep: Is told of every step.
  ///   - shouldStop: Is asked after every step.
  /// - Throws: `Failure.diverged` when a loss is infinite or NaN, or when the state is before it would be
  ///   saved: the step is then not logged, and the last checkpoint is kept; `Failure.file` when data cannot
  ///   be read or a file cannot be written.
  public func run(
    onDamagedLog: (MetricsLog.Damage) -> Void = { _ in }, onStep: (MetricsRow) -> Void,
    shouldStop: () -> Bool
  ) throws(Failure) -> Ending {
    let log = try file { () throws(FileError) in
      try MetricsLog(path: folder.paths.metrics, continuingAfter: startStep)
    }
    if let damage = log.damage { onDamagedLog(damage) }
    guard startStep < lastStep else { return .finished }
    let loader = BatchLoader(dataset, fields: fields, schedule: schedule, startingAt: startStep)
    defer { loader.stop() }
    let clock = ContinuousClock()
    for step in startStep..<lastStep {
      let began = clock.now
      let batch = try load(step, loader, log)
      try compute(step)
      let row = metrics(step, batch, Benchmark.seconds(clock.now - began))
      let done = step + 1
      let (isLast, stops) = (done == lastStep, shouldStop())
      let saves = done % model.spec.train.checkpointEvery == 0 || isLast || stops
      if saves, let slot = model.store.firstNonfinite() {
        throw .diverged(Divergence(step: done, loss: nil, cause: .tensor(slot.name)))
      }
      try file { () throws(FileError) in try log.append(row) }
      onStep(row)
      if done % model.spec.train.sampleEvery == 0 || isLast { try writeSamples(step: done) }
      if saves { try save(step: done, epoch: batch.epoch, log) }
      if stops, !isLast { return .interrupted }
    }
    return .finished
  }

  // MARK: One step

  private func plan(for step: Int) -> CPUPlan {
    model.stepPlan(batch: schedule.batch(at: step).places.count)
  }

  /// Gets the step's images. Where one cannot be read, what the steps before came to is saved.
  private func load(_ step: Int, _ loader: BatchLoader, _ log: MetricsLog) throws(Failure)
    -> BatchLoader.Batch
  {
    do throws(FileError) {
      let plan = plan(for: step)
      return try loader.next { field, values in
        model.executor.withInput(field.name, of: plan) { input in
          for index in values.indices { input[index] = values[index] }
        }
      }
    } catch {
      let isSaved = step == startStep || step % model.spec.train.checkpointEvery == 0
      if !isSaved, model.store.firstNonfinite() == nil {
        // That this fails too is the lesser news.
        try? save(step: step, epoch: schedule.batch(at: step - 1).epoch, log)
      }
      throw .file(error)
    }
  }

  private func compute(_ step: Int) throws(Failure) {
    let (plan, executor) = (plan(for: step), model.executor)
    fillNoise(step, of: plan)
    // Each loss is looked at before the update that follows from it: the weights that led to it still stand.
    executor.run(plan, until: "loss_d")
    if !executor.scalar("loss_d", in: plan).isFinite { throw .diverged(divergence(step, "loss_d", plan)) }
    executor.resume(plan, until: "loss_g")
    if !executor.scalar("loss_g", in: plan).isFinite { throw .diverged(divergence(step, "loss_g", plan)) }
    executor.resume(plan)
  }

  private func fillNoise(_ step: Int, of plan: CPUPlan) {
    model.executor.fillNormal("noise", of: plan, seed: model.spec.train.seed, stream: .noise, step: step)
  }

  private func metrics(
    _ step: Int, _ batch: BatchLoader.Batch, _ seconds: Double
  ) -> MetricsRow {
    let plan = model.stepPlan(batch: batch.count)
    func scalar(_ name: String) -> Float { model.executor.scalar(name, in: plan) }
    return MetricsRow(
      step: step + 1, epoch: batch.epoch, lossD: scalar("loss_d"), lossG: scalar("loss_g"),
      dReal: scalar("d_real"), dFake: scalar("d_fake"), imagesPerSecond: Double(batch.count) / seconds,
      dataWaitMilliseconds: batch.secondsWaited * 1e3)
  }

  /// Finds out where the first infinity or NaN of a step came from whose loss is one.
  private func divergence(_ step: Int, _ loss: String, _ plan: CPUPlan) -> Divergence {
    var divergence = Divergence(step: step + 1, loss: loss, cause: .unknown)
    // What an optimiser spoiled, in the step before or, for the generator's loss, in this one. Statistics do
    // not count: this step has already moved them, and no loss reads them.
    if let slot = model.store.firstNonfinite(where: { $0.role != .statistic }) {
      divergence.cause = .tensor(slot.name)
      return divergence
    }
    // Else an op did, on weights that are sound and still there: the same step again, op by op. Its inputs'
    // memory has held other values since.
    let executor = model.executor
    let images = schedule.images(at: step)
    do {
      for field in fields {
        try executor.withInput(field.name, of: plan) { (span) throws(FileError) in
          for (place, index) in images.indices.enumerated() {
            try dataset.fill(
              field, at: index, epoch: images.epoch, into: &span, offset: place * field.valueCount)
          }
        }
      }
    } catch { return divergence }
    fillNoise(step, of: plan)
    if let node = executor.firstNonfiniteNode(plan) {
      divergence.cause = .op(
        node.op.definition.mnemonic, layer: node.origin.layer, span: node.origin.span)
    }
    return divergence
  }

  // MARK: Files

  private func save(step: Int, epoch: Int, _ log: MetricsLog) throws(Failure) {
    let metadata = CheckpointMetadata(
      step: step, epoch: epoch, seed: model.spec.train.seed, modelName: model.spec.name,
      structure: structure, data: data?.text, settings: settings,
      until: step < lastStep && lastStep < modelLastStep ? lastStep : nil)
    try file { () throws(FileError) in
      // No checkpoint knows more steps than the log.
      try log.synchronize()
      try folder.saveCheckpoint(of: model.store, metadata: metadata, keep: model.spec.train.keep)
    }
  }

  private func writeSamples(step: Int) throws(Failure) {
    guard let grid = imageGrid(sampler.images(from: sampleNoise), columns: 8) else { return }
    try file { () throws(FileError) in try grid.writePNG(to: folder.paths.sample(step: step)) }
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
