import Diagnostics

/// Shows how far work has come once it takes longer than two seconds, and ends it where a signal asks.
struct LongWork {
  private static let quietFor: Duration = .seconds(2)

  private let began = ContinuousClock.now
  private let start: Int
  private let total: Int
  private var line: ProgressLine

  /// - Parameters:
  ///   - start: How much was done before.
  ///   - unit: What is counted.
  init(start: Int = 0, total: Int, unit: StaticString) {
    self.start = start
    self.total = total
    line = ProgressLine(start: start, total: total, unit: unit)
    StopSignals.install()
  }

  var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }

  /// Notes how much is done.
  mutating func reached(_ count: Int) {
    if ContinuousClock.now - began > Self.quietFor { line.update(step: count) }
  }

  /// Ends the line, and the command where a signal came.
  ///
  /// - Parameter remains: What is left behind, and how to go on.
  mutating func stopIfAsked(_ remains: @autoclosure () -> DisplayText) throws {
    guard let signal = StopSignals.pending else { return }
    line.finish()
    Console.message("stopped: \(remains())")
    throw Exit.signal(signal)
  }

  mutating func finish() { line.finish() }

  /// `1,000 images in 0:12, 83.3 images/s`; nil for what took no time to speak of.
  func summary(_ unit: StaticString) -> DisplayText? {
    let seconds = seconds
    guard seconds >= 2 else { return nil }
    let rate = Double(total - start) / seconds
    return """
      \(Text.grouped(total - start)) \(unit) in \(Text.duration(seconds)), \
      \(Text.fixed(rate, rate < 100 ? 1 : 0)) \(unit)/s
      """
  }
}
