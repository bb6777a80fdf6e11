import Lowering

/// Which batches each step consumes: an update with `times` takes one for each repetition, and a graph that
/// reads nothing of the data none.
struct BatchClock {
  /// How many batches the steps of a period consume before each of them, and all together at the end.
  private let before: [Int]

  init(_ model: LoweredModel) {
    var before = [0]
    for step in 0..<model.schedule.period {
      let reads = model.schedule.runs(at: step).count { !model.steps[$0.graph].fields.isEmpty }
      before.append(before[step] + reads)
    }
    self.before = before
  }

  private var period: Int { before.count - 1 }

  /// How many batches the steps before this one consume; steps count from zero.
  func batches(before step: Int) -> Int {
    let (whole, rest) = step.quotientAndRemainder(dividingBy: period)
    return whole * before[period] + before[rest]
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
