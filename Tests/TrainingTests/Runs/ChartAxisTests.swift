import Testing

@testable import Training

@Suite struct ChartAxisTests {
  @Test(arguments: [
    (0.0...1.0, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.03...0.97, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (-0.31...0.12, 5, ["−0.4", "−0.3", "−0.2", "−0.1", "0", "0.1", "0.2"]),
    (3.0...3.0, 5, ["2.6", "2.8", "3.0", "3.2", "3.4"]),
    (0.0...0.0, 5, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
    (0.0...12_000.0, 5, ["0", "5000", "10000", "15000"]),
    (0.0...3e38, 5, ["0", "1e38", "2e38", "3e38"]),
    (0.0...2e-9, 5, ["0", "5e-10", "10e-10", "15e-10", "20e-10"]),
  ]) func ticksAreRoundNumbersAroundTheValues(bounds: ClosedRange<Double>, count: Int, labels: [String]) {
    let axis = ChartAxis(covering: bounds, count: count, reachesTicks: true)
    #expect(axis.ticks.map(\.label) == labels)
    #expect(axis.range.lowerBound <= bounds.lowerBound && bounds.upperBound <= axis.range.upperBound)
    #expect(axis.position(of: axis.range.lowerBound) == 0)
    #expect(axis.position(of: axis.range.upperBound) == 1)
  }

  @Test(arguments: [
    (1.0...1.0, ["1"]), (1.0...3.0, ["1", "2", "3"]), (1.0...100.0, ["20", "40", "60", "80", "100"]),
    (1.0...1_000_000.0, ["200000", "400000", "600000", "800000", "1000000"]),
  ]) func stepsHaveWholeTicksWithinTheirRange(bounds: ClosedRange<Double>, labels: [String]) {
    let axis = ChartAxis(covering: bounds, count: 8, isWhole: true, reachesTicks: false)
    #expect(axis.ticks.map(\.label) == labels)
    #expect(axis.ticks.allSatisfy { axis.range.contains($0.value) })
  }

  @Test func labelsSayWhatTheirTicksAre() throws {
    for exponent in -12...12 {
      for high in [1.0, 2.3, 4.99, 7] {
        let size = try #require(Double("\(high)e\(exponent)"))
        for tick in ChartAxis(covering: -size...size, count: 5, reachesTicks: true).ticks {
          let label = try #require(Double(tick.label.replacing("−", with: "-")))
          #expect(abs(label - tick.value) <= 1e-9 * size)
        }
      }
    }
  }
}
