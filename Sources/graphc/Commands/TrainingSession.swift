import ArgumentParser
import Diagnostics
import Files
import Glibc
import Interchange
import Lowering
import ModelSpec
import Training

/// A training loop as the user sees it: progress, signals, the report, and what is said at the end.
struct TrainingSession {
  let loop: TrainingLoop
  let sources: SourceMap
  private let summary: StepSummary
  /// The most memory that the process will have taken above its start, in bytes. Opening the images can take
  /// more than training on them: photographs are many times the size of what is kept of them.
  private let predictedMemory: Int
  private let timeLimit: TimeSpan?

  /// - Parameters:
  ///   - loop: One that is about to begin, its images opened.
  ///   - timeLimit: How long the program may run, from its start on.
  init(
    _ loop: TrainingLoop, sources: SourceMap, stage: (number: Int, count: Int)? = nil, timeLimit: TimeSpan?
  ) {
    self.loop = loop
    self.stage = stage
    self.timeLimit = timeLimit
    self.sources = sources
    summary = StepSummary(loop.model, dataset: loop.dataset)
    predictedMemory = max(summary.memory.total, ProcessMemory.peakResidentBytes - Graphc.memoryAtStart)
  }

  private var folder: RunFolder { loop.folder }
  private var model: CompiledModel { loop.model }
  /// Which stage the loop is of, counted from one, and of how many; nil where the training has none.
  private let stage: (number: Int, count: Int)?

  /// - Returns: Whether the loop came to its end, or the time limit did before.
  /// - Throws: The exit code, where the command ends with it.
  func run() throws -> TrainingLoop.Ending {
    let steps = loop.lastStep - loop.startStep
    guard steps > 0 || loop.lacksPicture else {
      Console.message("\(folder.paths.folder) has made \(loop.startStep) steps, \(whyNoMore)")
      if try FileStatus(ofFileAt: folder.paths.report) == nil { try writeReport() }
      return .finished
    }
    let threads = model.executor.threads
    Console.message(
      (stage.map { "stage \($0.number) of \($0.count), " } ?? "")
        + "\(model.spec.name): \(Text.grouped(loop.dataset.count)) image"
        + "\(loop.dataset.count == 1 ? "" : "s"), \(steps) steps of "
        + "\(loop.schedule.batchSize), \(threads) thread\(threads == 1 ? "" : "s"), "
        + "\(Text.bytes(predictedMemory)) of memory, into \(folder.paths.folder)"
    )
    StopSignals.install()
    let outcome = Result { () throws(TrainingLoop.Failure) in try runShowingProgress() }
    reportMemory()
    switch outcome {
    case .success(.finished):
      do {
        try writeReport()
      } catch let error as FileError {
        throw fail(
          "\(error)\nthe training is complete and saved: \(folder.paths.checkpoint(step: loop.lastStep))\n"
            + "once that is mended, graphc train --resume \(folder.paths.folder) writes the report",
          ExitCode(error.exitCode))
      }
      let isLast = stage.map { $0.number == $0.count || loop.lastStep < loop.modelLastStep } ?? true
      if isLast {
        let paths = folder.paths
        Console.print(
          "\(loop.drawsPictures ? paths.sample(step: loop.lastStep) : paths.checkpoint(step: loop.lastStep))")
      }
      return .finished
    case .success(.interrupted):
      try writeReport()
      try endInterrupted()
      return .interrupted
    case .failure(.diverged(let divergence)):
      // It shows how the losses went there; that it cannot be written matters less.
      try? writeReport()
      throw fail(describe(divergence), Exit.diverged)
    case .failure(.file(let error)):
      try? writeReport()
      let state: DisplayText =
        latestCheckpoint == nil ? keptState : "\(keptState)\nonce that is mended, \(howToGoOn)"
      throw fail("\(error)\n\(state)", ExitCode(error.exitCode))
    }
  }

  private func endInterrupted() throws {
    let state: DisplayText =
      latestCheckpoint == nil ? "before the first step; nothing is saved" : "\(howToGoOn)"
    if let signal = StopSignals.pending {
      Console.message("stopped; \(state)")
      throw Exit.signal(signal)
    }
    if ProcessMemory.isShort {
      throw fail("the system refuses more memory; stopped; \(state)", Exit.inputOutput)
    }
    Console.message("stopped for the time limit; \(state)")
  }

  private func runShowingProgress() throws(TrainingLoop.Failure) -> TrainingLoop.Ending {
    var progress = ProgressLine(start: loop.startStep, total: loop.lastStep)
    defer { progress.finish() }
    var rate = 0.0
    // A report reads the whole log: what it takes stays a small part of the training's time.
    var nextReport = ContinuousClock.now + .seconds(10)
    var limit = timeLimit.map {
      TimeLimit($0, from: Graphc.start, stateBytes: model.store.byteCount)
    }
    return try loop.run(
      onDamagedLog: { damage in Console.message(Self.text(of: damage, in: folder.paths.metrics)) },
      onFinding: { finding in
        progress.finish()
        Console.message("step \(finding.step): \(text(of: finding))")
      },
      onSaved: {
        // A page that cannot be written now may be later; it ends no run.
        let began = ContinuousClock.now
        if began >= nextReport {
          try? writeReport(isRunning: true)
          nextReport = .now + max(.seconds(10), (.now - began) * 50)
        }
        ProcessMemory.giveBack()
      },
      onStep: { row in
        rate = rate == 0 ? row.imagesPerSecond : 0.9 * rate + 0.1 * row.imagesPerSecond
        func number(_ value: Float, _ decimals: Int) -> String { Text.fixed(Double(value), decimals) }
        progress.update(
          step: row.step, imagesPerSecond: rate,
          details: DisplayText(
            row.metrics.map { "\($0.name) \(number($0.value, 3))" }.joined(separator: "  ")))
      },
      shouldStop: {
        // Asked first, for it counts the steps.
        let isReached = limit?.isReached() == true
        return isReached || StopSignals.pending != nil || ProcessMemory.isShort
      },
      isInterrupted: { StopSignals.pending != nil || limit?.isPressing == true },
      willSave: {
        limit?.willSave()
        StopSignals.willSave()
      },
      didSave: {
        limit?.didSave()
        StopSignals.didSave()
      })
  }

  // MARK: Afterwards

  private func reportMemory() {
    let taken = ProcessMemory.peakResidentBytes - Graphc.memoryAtStart
    Console.message(
      "peak memory \(Text.bytes(taken)) above the start (peak_memory_bytes=\(taken)), "
        + "\(Text.bytes(predictedMemory)) were predicted")
  }

  private func writeReport(isRunning: Bool = false) throws {
    let history = try RunHistory(logAt: folder.paths.metrics)
    let lowering = ModelLowering.lower(model.spec, sources: sources)
    let summary = CheckReport(
      spec: model.spec, lowering: lowering, summary: summary, sources: sources)
    try folder.writeReport(
      ReportPage(
        title: model.spec.name, summary: summary.text, settings: model.spec.resolvedYAML(),
        history: history,
        findings: history.findings.map { ($0.step, text(of: $0)) }, data: dataSurvey,
        samples: try folder.readSamples(upTo: history.lastStep), isRunning: isRunning))
  }

  /// A finding with what may help, and where the model says it.
  private func text(of finding: Finding) -> String {
    let optimizer = Self.fastest(model.spec.train).optimizer
    let place = (optimizer.name.span ?? model.spec.train.span).map {
      " (\(sources.name(of: $0.source)):\(sources.start(of: $0).line))"
    }
    return "\(finding.text). What may help: \(finding.advice); for a tenth of the rate, "
      + "\(Self.learningRateHint(model.spec.train))\(place ?? "")"
  }

  /// What the data is, a line each.
  private var dataSurvey: [String] {
    let dataset = loop.dataset
    let image = Text.shape([model.spec.channels.value, model.spec.height.value, model.spec.width.value])
    var lines = ["\(Text.grouped(dataset.count)) examples, as images of \(image)"]
    if let data = model.spec.train.data { lines[0] += ", from `\(data.name.value)`" }
    for kind in dataset.classes { lines.append("class \(kind.name): \(Text.grouped(kind.count))") }
    for skipped in dataset.skipped.prefix(20) { lines.append("left out: \(skipped)") }
    if dataset.skipped.count > 20 { lines.append("left out: \(dataset.skipped.count - 20) files more") }
    return lines
  }

  private func describe(_ divergence: Divergence) -> DisplayText {
    var text: DisplayText =
      divergence.loss.map { "\($0) is infinite or NaN" } ?? "the state became infinite or NaN"
    text += " at step \(divergence.step)"
    switch divergence.cause {
    case .tensor(let name): text += ": the tensor `\(name)` holds such a value"
    case .op(let op, let layer, let span):
      text += ": the first such value came out of `\(op)`"
      if let layer { text += " of \(layer)" }
      if let span { text += ", \(sources.name(of: span.source)):\(sources.start(of: span).line)" }
    case .unknown: break
    }
    return text
      + "\n\(keptState)\na smaller learning rate may help: \(Self.learningRateHint(model.spec.train))"
  }

  /// What a finished run needs to go on.
  private var whyNoMore: DisplayText {
    if loop.lastStep < loop.modelLastStep {
      return "and \(loop.lastStep) are asked for"
    }
    let train = model.spec.train
    if stage != nil {
      return "all that its stages ask for. To train longer, make the last of them longer in "
        + "\(folder.paths.resolvedSpec), then: graphc train --resume \(folder.paths.folder)"
    }
    let limit: DisplayText =
      train.maxSteps == loop.modelLastStep
      ? "`max_steps: \(loop.modelLastStep)`"
      : "`epochs: \(train.epochs)` of \(loop.schedule.stepsPerEpoch) steps"
    let key: DisplayText = train.maxSteps == loop.modelLastStep ? "max_steps" : "epochs"
    let both: DisplayText =
      train.maxSteps == loop.modelLastStep ? " (and `epochs`, where they end before)" : ""
    return "all that its model asks for (\(limit)). To train longer, raise `\(key)`\(both) in "
      + "\(folder.paths.resolvedSpec), then: graphc train --resume \(folder.paths.folder)"
  }

  private static func text(of damage: MetricsLog.Damage, in path: String) -> DisplayText {
    let ranges = damage.missing.prefix(5).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }
    let more = damage.missing.count > 5 ? ", …" : ""
    return
      "warning: \(path) is damaged: the rows of \(damage.count) step\(damage.count == 1 ? "" : "s") are lost "
      + "(\(ranges.joined(separator: ", "))\(more)); all others are kept, and the training is not touched by it"
  }

  private var latestCheckpoint: String? { try? folder.paths.latestCheckpoint() }

  private var keptState: DisplayText {
    latestCheckpoint.map { "the last good state is kept: \($0)" } ?? "no checkpoint was written yet"
  }

  private var howToGoOn: DisplayText {
    let convolution: DisplayText = model.options.convolutions.preferred.map { " --convolution \($0)" } ?? ""
    return "go on with: graphc train --resume \(folder.paths.folder)\(convolution)"
  }

  /// The network that learns fastest is the first to fall over; of equals, the last.
  private static func fastest(_ train: TrainSpec) -> NetworkOptimizer {
    guard let fastest = train.optimizers.max(by: { $0.optimizer.rate <= $1.optimizer.rate }) else {
      preconditionFailure("a model has networks")
    }
    return fastest
  }

  /// How to ask for a tenth of the learning rate.
  private static func learningRateHint(_ train: TrainSpec) -> String {
    let fastest = fastest(train)
    let optimizer = fastest.optimizer
    let isShared = train.optimizers.allSatisfy { $0.optimizer.name.span == optimizer.name.span }
    let key = "train.optimizer\(isShared ? "" : ".\(fastest.network)").\(optimizer.name.value).lr"
    return "--set \(key)=\(Text.scientific(optimizer.rate / 10))"
  }
}

extension Configured {
  /// An optimiser's learning rate.
  fileprivate var rate: Double {
    guard let rate = number("lr") else { preconditionFailure("every optimiser has a rate") }
    return rate
  }
}
