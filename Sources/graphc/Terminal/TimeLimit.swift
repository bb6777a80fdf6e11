import ArgumentParser

/// How long a command may take: `8h`, `90m`, `45s`, or several of them as `1h30m`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [Character: Double] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
    var (seconds, number, smallest) = (0.0, "", Double.infinity)
    for character in argument {
      if character.isASCII, character.isNumber || character == "." {
        number.append(character)
      } else if let unit = units[character], unit < smallest, let value = Double(number) {
        (seconds, number, smallest) = (seconds + value * unit, "", unit)
      } else {
        return nil
      }
    }
    // Longer than anybody waits, and within what a clock counts.
    guard number.isEmpty, seconds > 0, seconds < 1e9 else { return nil }
    self.seconds = seconds
  }

  var defaultValueDescription: String { "\(seconds) s" }
}

/// Tells when to stop so that the last step and its saving end within a limit.
struct TimeLimit {
  private let end: ContinuousClock.Instant
  private var stepBegan: ContinuousClock.Instant
  private var saveBegan: ContinuousClock.Instant
  private var longestStep = Duration.zero
  private var longestSave: Duration
  private static let clock = ContinuousClock()

  /// - Parameters:
  ///   - start: When the limit began to run.
  ///   - stateBytes: The size of a checkpoint, which tells how long the first may take.
  init(_ limit: TimeSpan, from start: ContinuousClock.Instant, stateBytes: Int) {
    end = start + .seconds(limit.seconds)
    stepBegan = Self.clock.now
    saveBegan = stepBegan
    // A slow disk, and what comes after: the report.
    longestSave = .seconds(1 + Double(stateBytes) / 50e6)
  }

  /// To be asked after every step: whether there is no time for another step and a checkpoint.
  mutating func isReached() -> Bool {
    let now = Self.clock.now
    longestStep = max(longestStep, now - stepBegan)
    stepBegan = now
    return now + longestStep * 1.5 + longestSave * 1.5 >= end
  }

  /// Whether there is no time for more than a checkpoint.
  var isPressing: Bool { Self.clock.now + longestSave * 1.5 >= end }

  mutating func willSave() { saveBegan = Self.clock.now }

  mutating func didSave() {
    let now = Self.clock.now
    longestSave = max(longestSave, now - saveBegan)
    // It is no part of a step.
    stepBegan += now - saveBegan
  }
}
