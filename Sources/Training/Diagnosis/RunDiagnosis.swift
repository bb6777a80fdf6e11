import Lowering
import Runtime

/// Watches a run, and says what it shows. A finding is told once, and again only after it had passed.
public struct RunDiagnosis {
  private var rows: [MetricsRow] = []
  private var active: Set<String> = []
  private var diversities: [Double] = []
  private static let longest = MetricsRule.all.map(\.window).max() ?? 1

  /// How many rows back the rules look.
  static var memory: Int { longest }

  public init() {}

  /// The rules: their names, and why their thresholds are where they are.
  public static var rules: [(name: String, reason: String)] {
    MetricsRule.all.map { ($0.name, $0.reason) } + StateRule.all.map { ($0.name, $0.reason) }
      + [(collapse, collapseReason)]
  }

  /// What a step's row shows.
  public mutating func note(_ row: MetricsRow) -> [Finding] {
    rows.append(row)
    if rows.count > 2 * Self.longest { rows.removeFirst(rows.count - Self.longest) }
    return MetricsRule.all.compactMap { rule in
      guard rows.count >= rule.window else { return nil }
      let seen = rule.finding(MetricsWindow(rows: Array(rows.suffix(rule.window))))
      return told(rule.name, at: row.step, seen, rule.advice)
    }
  }

  /// What the state shows after a step.
  public mutating func note(
    _ store: TensorStore, _ definitions: [ParameterDefinition], step: Int
  ) -> [Finding] {
    guard step >= StateRule.firstStep else { return [] }
    let state = StateView(store, definitions)
    return StateRule.all.compactMap { told($0.name, at: step, $0.finding(state), $0.advice) }
  }

  static let collapse = "generator-collapsed"
  static let collapseReason =
    "samples of a generator that learns differ from each other about as much as the data's images do, from half "
    + "to once as much; below a twentieth they are one picture; it had been five times that before, or is so "
    + "three times in a row, since a generator begins with little variety"

  /// What samples show.
  ///
  /// - Parameter diversity: `SampleDiversity` of the samples, relative to that of the data's images.
  public mutating func note(diversity: Double, step: Int) -> [Finding] {
    diversities.append(diversity)
    let low = 0.05
    let hadMore = diversities.contains { $0 > 5 * low }
    let stays = diversities.count >= 3 && diversities.suffix(3).allSatisfy { $0 < low }
    let seen =
      diversity < low && (hadMore || stays && step >= StateRule.firstStep)
      ? "the generator has collapsed: its samples differ from each other by \(threeDigits(diversity * 100)) % of what the "
        + "data's images do" : nil
    return [
      told(
        Self.collapse, at: step, seen,
        "smaller rates, a larger batch, or an earlier checkpoint; `graphc sample` draws from any")
    ].compactMap { $0 }
  }

  private mutating func told(_ rule: String, at step: Int, _ seen: String?, _ advice: String) -> Finding? {
    guard let seen else {
      active.remove(rule)
      return nil
    }
    guard active.insert(rule).inserted else { return nil }
    return Finding(rule: rule, step: step, text: seen, advice: advice)
  }
}

/// How much images differ from each other: the root of the mean, over all their values, of the variance between
/// images.
public enum SampleDiversity {
  /// - Parameter values: So many images, one behind the other.
  public static func of(_ values: [Float], count: Int) -> Double {
    let size = values.count / count
    guard count > 1, size > 0 else { return 0 }
    var total = 0.0
    for place in 0..<size {
      var (sum, squares) = (0.0, 0.0)
      for image in 0..<count {
        let value = Double(values[image * size + place])
        sum += value
        squares += value * value
      }
      total += max(0, squares / Double(count) - (sum / Double(count)) * (sum / Double(count)))
    }
    return (total / Double(size)).squareRoot()
  }
}
