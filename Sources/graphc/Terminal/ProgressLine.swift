import Diagnostics
import Glibc

/// Shows how far long work has come: a bar that is drawn anew on a terminal, a plain line every few seconds
/// elsewhere.
struct ProgressLine {
  private let total: Int
  private let start: Int
  /// What is counted.
  private let unit: StaticString
  private let isTerminal: Bool
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  private var drawn: ContinuousClock.Instant?
  private var width = 0

  /// - Parameters:
  ///   - start: Steps that were done before.
  ///   - total: The number of the last step.
  init(start: Int, total: Int, unit: StaticString = "step") {
    self.start = start
    self.total = total
    self.unit = unit
    isTerminal = Console.isTerminal(STDERR_FILENO) && Console.environment("TERM") != "dumb"
    began = clock.now
  }

  /// - Parameter details: What the line says besides the progress.
  mutating func update(step: Int, imagesPerSecond: Double, details: DisplayText) {
    let rate = imagesPerSecond >= 100 ? Text.fixed(imagesPerSecond, 0) : Text.fixed(imagesPerSecond, 1)
    update(step: step, "  \(details)  \(rate) images/s")
  }

  /// - Parameter details: What the line says between the progress and the time that is left.
  mutating func update(step: Int, _ details: DisplayText = "") {
    let now = clock.now
    let isLast = step == total
    if let drawn, !isLast, now - drawn < (isTerminal ? .milliseconds(100) : .seconds(5)) { return }
    drawn = now
    let elapsed = (now - began) / .seconds(1)
    let done = step - start
    let left = done > 0 ? elapsed / Double(done) * Double(total - step) : .infinity
    let text: DisplayText = "\(unit) \(step)/\(total)\(details)  ETA \(Text.duration(left))"
    guard isTerminal else {
      Console.message(text)
      return
    }
    draw(text.text, step: step)
  }

  /// A line that reached the terminal's edge would wrap, and could not be drawn over.
  private mutating func draw(_ text: String, step: Int) {
    let columns = max(1, Console.width - 1)
    let room = min(30, columns - text.count - 3)
    let filled = total > 0 ? room * step / total : 0
    let bar =
      room >= 8
      ? "[" + String(repeating: "━", count: filled) + String(repeating: " ", count: room - filled) + "] " : ""
    let line = String((bar + text).prefix(columns))
    let padding = String(repeating: " ", count: max(0, min(columns, width) - line.count))
    width = line.count
    Console.message(DisplayText(rendered: "\r\(line)\(padding)"), terminator: "")
  }

  /// Ends the bar, so that what follows stands on a line of its own.
  mutating func finish() {
    if isTerminal, drawn != nil { Console.message("") }
    drawn = nil
    width = 0
  }
}
