/// How well scores tell what is abnormal from what is normal: of no threshold, of all at once.
public struct RankScores: Hashable, Sendable {
  /// The probability that an abnormal one scores higher than a normal one; ties count half.
  public var areaUnderROC: Double
  /// The mean precision over all abnormal ones, each at the threshold that takes it in: the area under the steps
  /// of precision over recall. Scores that are equal are taken in together.
  public var averagePrecision: Double

  /// - Precondition: There are scores of both kinds, all finite.
  public init(normal: [Double], abnormal: [Double]) {
    precondition(!normal.isEmpty && !abnormal.isEmpty, "scores of both kinds")
    let all = (normal.map { ($0, false) } + abnormal.map { ($0, true) }).sorted { $0.0 > $1.0 }
    var (found, passed) = (0, 0)
    var (area, precision) = (0.0, 0.0)
    var start = 0
    while start < all.count {
      var end = start
      while end < all.count, all[end].0 == all[start].0 { end += 1 }
      let abnormalHere = all[start..<end].count { $0.1 }
      let normalHere = end - start - abnormalHere
      area += Double(normalHere) * (Double(found) + Double(abnormalHere) / 2)
      (found, passed) = (found + abnormalHere, passed + normalHere)
      precision += Double(abnormalHere) * Double(found) / Double(found + passed)
      start = end
    }
    areaUnderROC = area / Double(normal.count * abnormal.count)
    averagePrecision = precision / Double(abnormal.count)
  }
}

/// The score above which something is called abnormal, so that of normal ones no more than a share is in
/// expectation: the ⌈(n + 1)(1 − rate)⌉-th smallest of n held-out normal scores.
///
/// - Returns: Nil where there are too few scores: it takes `leastScores(forFalseAlarmRate:)`.
public func threshold(ofNormal scores: [Double], falseAlarmRate rate: Double) -> Double? {
  let place = rank(scores.count, rate)
  return place <= scores.count ? scores.sorted()[place - 1] : nil
}

/// How many held-out normal scores a rate of false alarms takes at the least.
public func leastScores(forFalseAlarmRate rate: Double) -> Int {
  var count = max(1, Int((1 / rate).rounded(.up)) - 1)
  while rank(count, rate) > count { count += 1 }
  return count
}

private func rank(_ count: Int, _ rate: Double) -> Int {
  // A rate such as 0.05 is no binary number, and must not move the place.
  Int((Double(count + 1) * (1 - rate) - 1e-9).rounded(.up))
}
