import Lowering
import Runtime

/// Watches a run, and says what it shows. A finding is told once, and again only after it had passed.
public struct RunDiagnosis {
  private var rows: [MetricsRow] = []
  private var active: Set<String> = []
  /// Those of the last samples, as many as are looked at.
  private var diversities: [Double] = []
  /// Whether samples have had more variety than those of a generator that has collapsed.
  private var hadVariety = false

  /// How many rows back the rules look.
  static let longestWindow = MetricsRule.all.map(\.window).max() ?? 1

  public init() {}

  /// The rules: their names, and why their thresholds are where they are.
  public static var rules: [(name: String, reason: String)] {
    MetricsRule.all.map { ($0.name, $0.reason) } + StateRule.all.map { ($0.name, $0.reason) }
      + [(collapse, collapseReason)]
  }

  /// What a step's row shows.
  public mutating func note(_ row: MetricsRow) -> [Finding] {
    rows.append(row)
    if rows.count > 2 * Self.longestWindow { rows.removeFirst(rows.count - Self.longestWindow) }
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

  private static let samplesInARow = 3

  /// What samples show.
  ///
  /// - Parameter diversity: `SampleDiversity` of the samples, relative to that of the data's images.
  public mutating func note(diversity: Double, step: Int) -> [Finding] {
    diversities = (diversities + [diversity]).suffix(Self.samplesInARow)
    let low = 0.05
    hadVariety = hadVariety || diversity > 5 * low
    let stays = diversities.count == Self.samplesInARow && diversities.allSatisfy { $0 < low }
    let seen =
      diversity < low && (hadVariety || stays && step >= StateRule.firstStep)
      ? "the generator has collapsed: its samples differ from each other by \(threeDigits(diversity * 100)) % of what the "
        + "data's images do" : nil
    return [
      told(
        Self.collapse, at: step, seen,
        "smaller rates, a larger batch, or an earlier checkpoint; `graphc sample` draws from any")
    ].compactMap { $0 }
  }

  // MARK: Over a resume

  /// What a run that is resumed cannot read off its log: what was told, and what samples were like.
  public var memory: String {
    let samples = diversities.map { "\($0)" }.joined(separator: ",")
    return "told=\(active.sorted().joined(separator: ",")) varied=\(hadVariety ? 1 : 0) samples=\(samples)"
  }

  /// Goes on from what `memory` said; text of another kind is passed over, as a diagnosis decides over no run.
  public mutating func recall(_ memory: String) {
    for part in memory.split(separator: " ") {
      guard let separator = part.firstIndex(of: "=") else { continue }
      let values = part[part.index(after: separator)...].split(separator: ",")
      switch part[..<separator] {
      case "told":
        active = Set(values.map { String($0) }).intersection(Self.rules.map(\.name))
      case "varied": hadVariety = values == ["1"]
      case "samples": diversities = values.compactMap { Double($0) }.suffix(Self.samplesInARow)
      default: continue
      }
    }
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
