import Glibc
import Testing

@testable import Training

@Suite struct TruncatedNormalTests {
  /// Python: `statistics.NormalDist().inv_cdf`.
  @Test(arguments: [
    (1e-10, -6.361340902404056), (0.001, -3.090232306167813), (0.02425, -1.9729610513118845),
    (0.3, -0.5244005127080409), (0.5, 0), (0.975, 1.959963984540054), (0.999, 3.090232306167813),
  ]) func quantilesAreExact(p: Double, x: Double) {
    #expect(abs(normalQuantile(p) - x) < 1e-9)
    #expect(abs(normalProbability(below: x) - p) < 1e-12)
  }

  @Test func theDistributionIsTheNormalOneWithinTheLimit() {
    let truncated = TruncatedNormal(limit: 2)
    #expect(abs(truncated.quantile(of: 0.25) + 0.639112) < 1e-6)
    #expect(abs(truncated.quantile(of: 0.9) - 1.184032) < 1e-6)
    #expect(truncated.quantile(of: 0) == -2 && truncated.quantile(of: 1) == 2)
  }

  @Test(
    arguments: [(2, 0.7737), (1.5, 0.5515), (1, 0.2911), (0.5, 0.0806), (0.2, 0.0133)] as [(Double, Double)])
  func theVarianceShrinks(limit: Double, variance: Double) {
    let truncated = TruncatedNormal(limit: limit)
    let count = 20_000
    let values = (0..<count).map { truncated.quantile(of: (Double($0) + 0.5) / Double(count)) }
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / Double(count) - variance) < 2e-4)
  }

  @Test func numbersKeepTheirOrderAndWhatIsInTheMiddleStaysThere() {
    let truncated = TruncatedNormal(limit: 1)
    let values: [Float] = [-40, -3, -1, -0.1, 0, 0.1, 1, 3, 40]
    let moved = values.map { truncated($0) }
    #expect(moved == moved.sorted() && Set(moved).count >= 7)
    #expect(moved[4] == 0 && moved[0] == -1 && moved[8] == 1)
  }
}
