/// The last rows of a run, one behind the other.
struct MetricsWindow {
  let rows: [MetricsRow]

  /// A metric's values; nil where a row has none.
  func values(_ name: String) -> [Double]? {
    let values = rows.compactMap { $0[name] }.map { Double($0) }
    return values.count == rows.count ? values : nil
  }

  /// The metrics that are losses.
  var losses: [(name: String, values: [Double])] {
    (rows.last?.metrics ?? []).map(\.name).filter { $0.hasPrefix("loss") }.compactMap { name in
      values(name).map { (name, $0) }
    }
  }
}

extension [Double] {
  fileprivate var mean: Double { reduce(0, +) / Double(count) }
  fileprivate var median: Double { sorted()[count / 2] }

  /// How often means of so many values go from below `low` to above `high`, or back.
  fileprivate func swings(low: Double, high: Double, smoothing: Int) -> Int {
    var swings = 0
    var side = 0
    for start in Swift.stride(from: 0, through: count - smoothing, by: smoothing) {
      let mean = Array(self[start..<start + smoothing]).mean
      let now = mean < low ? -1 : mean > high ? 1 : side
      if side != 0, now != side { swings += 1 }
      side = now
    }
    return swings
  }
}

/// A rule over the last rows of a run.
struct MetricsRule: Sendable {
  let name: String
  /// How many rows it looks at; it is silent before there are so many.
  let window: Int
  /// Why the thresholds are where they are.
  let reason: String
  let advice: String
  /// What is seen, in a sentence with its numbers; nil where nothing is.
  let finding: @Sendable (MetricsWindow) -> String?

  static let all: [MetricsRule] = [
    MetricsRule(
      name: "discriminator-won", window: 100,
      reason:
        "healthy runs hover between 0.5 and 0.9 for real images; where the fakes' mean stays below 0.02, "
        + "the generator's gradient of a saturating loss is below a fiftieth, and seldom comes back",
      advice: "more or more varied images, a smaller rate for the discriminator, `real_label: 0.9`, or "
        + "`dropout` in the discriminator"
    ) { window in
      guard let real = window.values("d_real")?.mean, let fake = window.values("d_fake")?.mean, real > 0.98,
        fake < 0.02
      else { return nil }
      let losses = window.losses.map { "\($0.name) at \(threeDigits($0.values.mean))" }
      return "the discriminator has won: over \(window.rows.count) steps it gave real images "
        + "\(threeDigits(real)) and fakes \(threeDigits(fake))"
        + (losses.isEmpty ? "" : ", with \(losses.joined(separator: " and "))")
    },
    MetricsRule(
      name: "scores-saturated", window: 50,
      reason:
        "a probability of exactly 0 or 1 is a score beyond what 32 bits tell from infinity: its sigmoid "
        + "has no slope left",
      advice: "`loss: bce_with_logits` without the last `sigmoid`, or a smaller rate for the discriminator"
    ) { window in
      guard let real = window.values("d_real"), let fake = window.values("d_fake") else { return nil }
      let out = zip(real, fake).count { $0 == 1 || $1 == 0 }
      guard out == window.rows.count else { return nil }
      return
        "the scores are saturated: in each of \(out) steps the mean probability of real images was 1, or "
        + "that of fakes 0, to the last bit"
    },
    MetricsRule(
      name: "oscillation", window: 400,
      reason: "means of 20 steps of a healthy run stay on one side of a half, or near it; four swings across "
        + "0.25 and 0.75 within 400 steps are the networks chasing each other",
      advice: "smaller rates for both networks, `betas: [0.5, 0.999]`, or a larger batch"
    ) { window in
      let swings = window.values("d_fake")?.swings(low: 0.25, high: 0.75, smoothing: 20)
      guard let swings, swings >= 4 else { return nil }
      return
        "the networks chase each other: the mean probability of fakes swung \(swings) times between below "
        + "0.25 and above 0.75 within \(window.rows.count) steps"
    },
    MetricsRule(
      name: "rate-too-high", window: 200,
      reason:
        "losses of healthy runs double now and then; one step in twenty at ten times the median, and above "
        + "10, is a step that overshot",
      advice: "a rate of a third or a tenth for both networks"
    ) { window in
      for (name, values) in window.losses {
        let median = abs(values.median)
        let spikes = values.count { abs($0) > max(10, 10 * median) }
        if spikes * 20 >= values.count {
          return "the learning rate is too high: \(name) was above ten times its median of "
            + "\(threeDigits(median)) in \(spikes) of \(values.count) steps"
        }
      }
      return nil
    },
  ]
}

/// A number with three digits.
func threeDigits(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  let magnitude = abs(value)
  if magnitude >= 1000 || magnitude < 0.001 {
    let exponent = Int(log10Floor(magnitude))
    let mantissa = (value / powerOfTen(exponent) * 10).rounded() / 10
    return "\(mantissa)e\(exponent)"
  }
  let scale = magnitude >= 100 ? 1.0 : magnitude >= 10 ? 10 : magnitude >= 1 ? 100 : 1000
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}

private func log10Floor(_ magnitude: Double) -> Double {
  var exponent = 0.0
  var rest = magnitude
  while rest >= 10 { (rest, exponent) = (rest / 10, exponent + 1) }
  while rest < 1 { (rest, exponent) = (rest * 10, exponent - 1) }
  return exponent
}

private func powerOfTen(_ exponent: Int) -> Double {
  var power = 1.0
  for _ in 0..<abs(exponent) { power *= 10 }
  return exponent < 0 ? 1 / power : power
}
