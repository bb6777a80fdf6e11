import Glibc

/// What an axis of a chart covers, and its ticks at multiples of 1, 2 or 5 times a power of ten.
struct ChartAxis: Sendable {
  struct Tick: Hashable, Sendable {
    var value: Double
    var label: String
  }

  let range: ClosedRange<Double>
  let ticks: [Tick]

  /// An axis for values between two bounds.
  ///
  /// - Parameters:
  ///   - count: About how many intervals there shall be between ticks.
  ///   - isWhole: Whether there are no values between whole numbers.
  ///   - reachesTicks: Whether the axis begins and ends at a tick, beyond the bounds if need be.
  init(covering bounds: ClosedRange<Double>, count: Int, isWhole: Bool = false, reachesTicks: Bool) {
    let bounds = Self.widened(bounds)
    var step = Self.step(atLeast: (bounds.upperBound - bounds.lowerBound) / Double(count))
    if isWhole && step.exponent < 0 { step = (1, 0) }
    let size = Double(step.digit) * Self.powerOfTen(step.exponent)
    let low = bounds.lowerBound / size
    let high = bounds.upperBound / size
    let first = reachesTicks ? low.rounded(.down) : low.rounded(.up)
    let last = reachesTicks ? high.rounded(.up) : high.rounded(.down)
    range = reachesTicks ? first * size...last * size : bounds
    ticks = Swift.stride(from: first, through: last, by: 1).map { multiple in
      Tick(
        value: multiple * size,
        label: Self.label(Int(multiple) * step.digit, timesTenTo: step.exponent))
    }
  }

  /// Where a value lies: 0 at the axis's beginning, 1 at its end.
  func position(of value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// A single value, or values so near each other that only their last digits differ, get room around.
  private static func widened(_ bounds: ClosedRange<Double>) -> ClosedRange<Double> {
    let magnitude = max(abs(bounds.lowerBound), abs(bounds.upperBound))
    guard bounds.upperBound - bounds.lowerBound <= magnitude * 1e-6 else { return bounds }
    let margin = magnitude == 0 ? 1 : magnitude * 0.1
    return bounds.lowerBound - margin...bounds.upperBound + margin
  }

  /// The smallest of 1, 2 or 5 times a power of ten that is not below a size.
  private static func step(atLeast size: Double) -> (digit: Int, exponent: Int) {
    let exponent = Int(log10(size).rounded(.down))
    let fraction = size / powerOfTen(exponent)
    // A quotient that is only rounding above its digit is that digit.
    if let digit = [1, 2, 5].first(where: { fraction <= Double($0) * (1 + 1e-9) }) {
      return (digit, exponent)
    }
    return (1, exponent + 1)
  }

  /// Without the rounding of a library's `pow`.
  private static func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }

  /// A decimal number in full, or with an exponent where that would be long.
  private static func label(_ number: Int, timesTenTo exponent: Int) -> String {
    if number == 0 { return "0" }
    guard (-6...6).contains(exponent) else { return "\(number)e\(exponent)" }
    if exponent >= 0 { return String(number) + String(repeating: "0", count: exponent) }
    let digits = String(abs(number))
    let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
    return (number < 0 ? "−" : "") + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
  }
}
