import Testing

@testable import Scores

@Suite struct RankScoresTests {
  /// scikit-learn: `roc_auc_score` and `average_precision_score`.
  @Test func worked() {
    let scores = RankScores(normal: [0.1, 0.4, 0.8], abnormal: [0.35, 0.8, 0.9])
    #expect(abs(scores.areaUnderROC - 13.0 / 18) < 1e-12)
    #expect(abs(scores.averagePrecision - 0.755556) < 1e-6)
  }

  @Test func extremes() {
    let perfect = RankScores(normal: [1, 2], abnormal: [3, 4, 5])
    #expect(perfect.areaUnderROC == 1 && perfect.averagePrecision == 1)
    let worst = RankScores(normal: [3, 4], abnormal: [1])
    #expect(worst.areaUnderROC == 0 && abs(worst.averagePrecision - 1.0 / 3) < 1e-12)
    let same = RankScores(normal: [1, 1], abnormal: [1, 1])
    #expect(same.areaUnderROC == 0.5 && same.averagePrecision == 0.5)
  }

  @Test(arguments: [(99, 0.05, 95), (99, 0.01, 99), (19, 0.05, 19), (9, 0.5, 5)])
  func thresholds(count: Int, rate: Double, place: Int) {
    let scores = (1...count).map(Double.init).reversed()
    #expect(threshold(ofNormal: Array(scores), falseAlarmRate: rate) == Double(place))
  }

  @Test(arguments: [(0.01, 99), (0.05, 19), (0.5, 1), (0.003, 333)]) func fewest(rate: Double, count: Int) {
    #expect(leastScores(forFalseAlarmRate: rate) == count)
    let scores = Array(repeating: 0.0, count: count)
    #expect(threshold(ofNormal: scores, falseAlarmRate: rate) == 0)
    #expect(threshold(ofNormal: Array(scores.dropLast()), falseAlarmRate: rate) == nil)
  }

  @Test func nearestNeighboursInTheirOrder() {
    let set = NearestVectors(FeatureSet([0, 0, 3, 4, 1, 0, 1, 0, 10, 0], dimensions: 2))
    let found = set.nearest(to: [0, 0], count: 3)
    #expect(found.map(\.index) == [0, 2, 3] && found.map(\.distance) == [0, 1, 1])
    #expect(set.nearest(to: [3, 4], excluding: 1)[0] == .init(index: 2, distance: 20.0.squareRoot()))
    #expect(set.nearest(to: [0, 0], count: 9).map(\.index) == [0, 2, 3, 1, 4])
  }

  /// Many dimensions: what is given up on early is not nearer.
  @Test func nearestOfManyDimensions() {
    let values = (0..<40 * 100).map { Float(($0 * 7919) % 101) / 101 }
    let set = FeatureSet(values, dimensions: 100)
    let nearest = NearestVectors(set)
    for index in 0..<40 {
      let plain = (0..<40).filter { $0 != index }.map { (set.squaredDistance(index, to: set, $0), $0) }.min {
        $0 < $1
      }
      let found = nearest.nearest(to: set.vector(index), excluding: index)[0]
      #expect(abs(found.distance * found.distance - (plain?.0 ?? 0)) < 1e-4)
    }
  }

  @Test func principalComponentsLeaveWhatTheyDoNotExplain() {
    // A line through (1, 2) in the direction (3, 4), with a little to its sides.
    let set = FeatureSet([1, 2, 4, 6, 7, 10, -2, -2, 1.008, 1.994, 0.992, 2.006], dimensions: 2)
    let components = PrincipalComponents(set, count: 1)
    #expect(components.residual(of: [31, 42]) < 0.05)
    // Five to the side.
    #expect(abs(components.residual(of: [1 - 4, 2 + 3]) - 5) < 0.05)
    #expect(PrincipalComponents(set, count: 2).residual(of: [9, -3]) < 1e-6)
  }
}
