import Datasets
import Diagnostics
import Files
import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import Training

/// A model as its YAML file describes it, checked: every shape and every agreement between its networks.
public struct Model: Sendable {
  private let stages: [(spec: ModelSpec, lowered: LoweredModel)]
  private let resolved: String
  private let isStaged: Bool

  /// What the file does well enough, but may not mean: one text each, with the lines that it is about.
  public let warnings: [String]

  /// Reads and checks a model.
  ///
  /// - Parameters:
  ///   - path: The YAML file.
  ///   - overrides: Values that are changed, as `--set` takes them: `train.epochs=3`.
  /// - Throws: `GraphcError` with every mistake, where it lies, and how it is mended.
  public init(contentsOf path: String, overrides: [String] = []) throws(GraphcError) {
    let checked = ModelChecker(catalog: .standard, path: path, overrides: overrides).check()
    func text(_ diagnostics: [Diagnostic]) -> String {
      TerminalRenderer(sources: checked.sources, usesColor: false).render(diagnostics)
    }
    let stages = checked.stages.compactMap { stage in
      stage.lowering.model.map { (spec: stage.spec, lowered: $0) }
    }
    guard !stages.isEmpty, stages.count == checked.stages.count, !checked.hasErrors else {
      throw GraphcError(text(checked.diagnostics), exitCode: 65)
    }
    self.stages = stages
    isStaged = checked.stagedText != nil
    resolved = checked.stagedText ?? stages[0].spec.resolvedYAML()
    warnings = checked.diagnostics.map { text([$0]) }
  }

  /// The model's name.
  public var name: String { stages[0].spec.name }

  /// The names of its networks, in their order.
  public var networks: [String] { stages[0].lowered.networks.map(\.name) }

  /// How many numbers of a network train, or nil where the model has no network of that name.
  public func parameterCount(of network: String) -> Int? {
    stages[stages.count - 1].lowered.network(named: network)?.layers.reduce(0) { $0 + $1.parameters }
  }

  /// How far a training is.
  public struct Progress: Sendable {
    /// Counted from one.
    public var step: Int
    /// What the step reports, such as its losses, in the order of the model's metrics.
    public var metrics: [(name: String, value: Float)]
  }

  /// Trains the model from its beginning, into a folder that is made.
  ///
  /// - Parameters:
  ///   - folder: The run's folder; it must not exist, or be empty.
  ///   - steps: The last step, where it comes before the end of the model's own epochs.
  ///   - threads: How many threads compute; the result does not depend on it.
  ///   - progress: Is told of each step; ends the training by `false`, with all saved.
  /// - Returns: What was trained, as `TrainedModel(run:)` reads it.
  /// - Throws: `GraphcError` where the data cannot be read, a loss becomes infinite, or a file cannot be written.
  @discardableResult public func train(
    into folder: String, steps: Int? = nil, threads: Int = ProcessorCount.usable,
    progress: (Progress) -> Bool = { _ in true }
  ) throws(GraphcError) -> TrainedModel {
    try GraphcError.rethrowing { () throws in
      let first = try ready(0, threads: threads)
      let run = try RunFolder.create(at: folder)
      try run.writeResolvedSpec(resolved)
      if !first.dataset.classes.isEmpty { try run.writeClassNames(first.dataset.classes.map(\.name)) }
      try run.writeData(first.fingerprint)
      let plan = isStaged ? StagePlan(stages) : nil
      var (next, index, step) = (Optional(first), 0, 0)
      var earlier: TensorStore?
      while let stage = next {
        let store = stage.model.store
        WeightInitializer(seed: stage.model.spec.train.seed).fill(
          store, with: stage.model.lowered.definitions)
        if let earlier { store.begin(after: earlier) }
        earlier = store
        let loop = TrainingLoop(
          stage.model, dataset: stage.dataset, schedule: stage.schedule, folder: run, startStep: step,
          maxSteps: steps, data: stage.fingerprint, stage: plan?.stages[index])
        var goesOn = true
        let ending = try loop.run(
          onStep: { row in
            goesOn = progress(
              Progress(step: row.step, metrics: row.metrics.map { (name: $0.name, value: $0.value) }))
          }, shouldStop: { !goesOn })
        next = nil
        guard case .finished = ending, let plan, index + 1 < plan.stages.count,
          loop.lastStep == plan.stages[index].end, loop.lastStep != steps
        else { break }
        (index, step) = (index + 1, loop.lastStep)
        next = try ready(index, threads: threads)
      }
    }
    return try TrainedModel(run: folder, threads: threads)
  }

  private struct Ready {
    var model: CompiledModel
    var dataset: Dataset
    var schedule: BatchSchedule
    var fingerprint: DataFingerprint
  }

  /// Opens a stage's data and compiles its graphs.
  private func ready(_ index: Int, threads: Int) throws -> Ready {
    let (spec, lowered) = stages[index]
    guard let data = spec.train.data else {
      throw GraphcError("the model's `train` names no `data` to train on", exitCode: 65)
    }
    let dataset = try Dataset(
      data, channels: spec.channels.value, height: spec.height.value, width: spec.width.value,
      seed: spec.train.seed, threads: threads)
    let batch = spec.train.batchSize.value
    // Each stage goes through the images in an order of its own, as `graphc train` does.
    let seed = index == 0 ? spec.train.seed : namedSeed(spec.train.seed, "stage.\(index)")
    guard
      let schedule = BatchSchedule(
        imageCount: dataset.count, batchSize: batch, dropsLast: spec.train.dropLast, seed: seed)
    else {
      throw GraphcError(
        "\(dataset.count) images are fewer than a batch of \(batch), and `drop_last` leaves none",
        exitCode: 65)
    }
    if !spec.train.dropLast,
      lowered.steps.contains(where: { BatchNormCheck.problem($0.graph, batch: dataset.count % batch) != nil })
    {
      throw GraphcError(
        "the last batch of \(dataset.count) images has one image, which batch norm cannot train on: set `drop_last`",
        exitCode: 65)
    }
    let model = try CompiledModel(spec, lowered, threads: threads)
    return Ready(
      model: model, dataset: dataset, schedule: schedule,
      fingerprint: try DataFingerprint(data, count: dataset.count))
  }
}
