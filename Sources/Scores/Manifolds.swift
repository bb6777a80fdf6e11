/// How far two sets of vectors cover each other, each set being the balls around its vectors that reach their
/// k-th nearest neighbours.
public struct Manifolds: Hashable, Sendable {
  /// The share of made vectors within the real ones' balls.
  public var precision: Double
  /// The share of real vectors within the made ones' balls.
  public var recall: Double
  /// How many real balls hold a made vector, relative to k; may exceed 1.
  public var density: Double
  /// The share of real balls that hold a made vector.
  public var coverage: Double

  /// What two samples of one distribution have on average of coverage, about.
  public static func expectedCoverage(k: Int) -> Double {
    var power = 1.0
    for _ in 0..<k { power /= 2 }
    return 1 - power
  }

  /// - Parameters:
  ///   - k: Of precision and recall, whose balls hold their border. Source: Kynkäänniemi and others, "Improved
  ///     Precision and Recall Metric" (2019).
  ///   - densityK: Of density and coverage, whose balls do not. Source: Naeem and others, "Reliable Fidelity and
  ///     Diversity Metrics" (2020).
  /// - Precondition: Each set has more vectors than k and densityK.
  public init(real: FeatureSet, made: FeatureSet, k: Int = 3, densityK: Int = 5) {
    precondition(real.dimensions == made.dimensions, "features of one kind")
    precondition(min(real.count, made.count) > max(k, densityK), "more vectors than neighbours")
    let realRadii = Self.radii(real, [k, densityK])
    let madeRadii = Self.radii(made, [k])
    var (inReal, inMade, hits, covered) = (0, 0, 0, 0)
    var isHeld = [Bool](repeating: false, count: made.count)
    for i in 0..<real.count {
      var (isInMade, isCovered) = (false, false)
      for j in 0..<made.count {
        let distance = real.squaredDistance(i, to: made, j)
        if distance <= realRadii[0][i] { isHeld[j] = true }
        if distance <= madeRadii[0][j] { isInMade = true }
        if distance < realRadii[1][i] {
          hits += 1
          isCovered = true
        }
      }
      if isInMade { inMade += 1 }
      if isCovered { covered += 1 }
    }
    inReal = isHeld.count { $0 }
    precision = Double(inReal) / Double(made.count)
    recall = Double(inMade) / Double(real.count)
    density = Double(hits) / Double(densityK * made.count)
    coverage = Double(covered) / Double(real.count)
  }

  /// The squared distances to the k-th nearest other vector, for each k.
  static func radii(_ set: FeatureSet, _ ks: [Int]) -> [[Double]] {
    let most = ks.max() ?? 1
    var nearest = [[Double]](repeating: [], count: set.count)
    func note(_ distance: Double, _ index: Int) {
      if nearest[index].count == most, distance >= nearest[index][most - 1] { return }
      let place = nearest[index].firstIndex { $0 > distance } ?? nearest[index].count
      nearest[index].insert(distance, at: place)
      if nearest[index].count > most { nearest[index].removeLast() }
    }
    for i in 0..<set.count {
      for j in 0..<i {
        let distance = set.squaredDistance(i, to: set, j)
        note(distance, i)
        note(distance, j)
      }
    }
    return ks.map { k in nearest.map { $0[k - 1] } }
  }
}
