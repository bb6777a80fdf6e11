import Lowering

/// Which batches each step consumes: one for each of its draws that some graph reads data for.
struct BatchClock {
  /// How many batches the steps of a period consume before each of them, and all together at the end.
  private let before: [Int]
  /// The runs of each step of a period, with the place in the step of the batch that they read.
  private let runs: [[(run: StepSchedule.Run, batch: Int?)]]

  init(_ model: LoweredModel) {
    var before = [0]
    var runs: [[(run: StepSchedule.Run, batch: Int?)]] = []
    for step in 0..<model.schedule.period {
      var batches: [Int: Int] = [:]
      runs.append(
        model.schedule.runs(at: step).map { run in
          if model.steps[run.graph].fields.isEmpty { return (run, nil) }
          let batch = batches[run.ordinal] ?? batches.count
          batches[run.ordinal] = batch
          return (run, batch)
        })
      before.append(before[step] + batches.count)
    }
    (self.before, self.runs) = (before, runs)
  }

  private var period: Int { before.count - 1 }

  /// How many batches the steps before this one consume; steps count from zero.
  func batches(before step: Int) -> Int {
    let (whole, rest) = step.quotientAndRemainder(dividingBy: period)
    return whole * before[period] + before[rest]
  }

  /// The runs of a step in their order, with the number of the batch that each reads; nil where it reads none.
  func runs(of step: Int) -> [(run: StepSchedule.Run, batch: Int?)] {
    let first = batches(before: step)
    return runs[step % period].map { run, batch in (run, batch.map { first + $0 }) }
  }

  /// The number of steps that consume so many batches, the last of them perhaps more.
  func steps(consuming batches: Int) -> Int {
    let perPeriod = before[period]
    if perPeriod == 0 { return batches }
    let (whole, rest) = batches.quotientAndRemainder(dividingBy: perPeriod)
    guard rest > 0, let step = before.firstIndex(where: { $0 >= rest }) else { return whole * period }
    return whole * period + step
  }
}
