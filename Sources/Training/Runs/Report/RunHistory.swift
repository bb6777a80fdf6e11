import Files

/// What a report shows of a run's log, in memory that does not grow with the log.
public struct RunHistory: Sendable {
  /// A metric against the steps.
  struct Curve: Sendable {
    let name: String
    let points: [ChartPoint]
    let smoothed: [ChartPoint]
    /// The first and the last step at which it is finite.
    let steps: ClosedRange<Double>?
  }

  /// In the order in which the metrics first appear.
  let curves: [Curve]
  /// Nil before the first step.
  let lastRow: MetricsRow?
  /// Images a second: the median of steps at even distances, of all where they are few; nil where none is known.
  let medianSpeed: Double?
  /// What the run showed of how it goes.
  public let findings: [Finding]

  /// The last step; zero before the first.
  public var lastStep: Int { lastRow?.step ?? 0 }

  /// - Throws: `FileError` where the log cannot be read.
  public init(logAt path: String) throws(FileError) {
    try self.init { (body) throws(FileError) in try MetricsLog.visitRows(of: path, body) }
  }

  public init(_ rows: [MetricsRow]) {
    self.init { body in for row in rows { body(row) } }
  }

  private static let mostSpeeds = 10_000

  /// - Parameter visit: Goes through all rows; it is called twice.
  private init<Failure: Error>(
    _ visit: (_ body: (MetricsRow) -> Void) throws(Failure) -> Void
  ) throws(Failure) {
    var names: [String] = []
    var counts: [String: Int] = [:]
    var rowCount = 0
    var lastRow: MetricsRow?
    var findings: [Finding] = []
    try visit { row in
      for metric in row.metrics {
        if counts[metric.name] == nil { names.append(metric.name) }
        counts[metric.name, default: 0] += 1
      }
      rowCount += 1
      lastRow = row
      findings += row.findings
    }
    var building = Dictionary(uniqueKeysWithValues: counts.map { ($0, CurveBuilder(count: $1)) })
    var speeds: [Double] = []
    let distance = max(1, (rowCount + Self.mostSpeeds - 1) / Self.mostSpeeds)
    var place = 0
    try visit { row in
      for metric in row.metrics {
        building[metric.name]?.add(ChartPoint(x: Double(row.step), y: Double(metric.value)))
      }
      if place % distance == 0, row.imagesPerSecond.isFinite { speeds.append(row.imagesPerSecond) }
      place += 1
    }
    curves = names.compactMap { name in building[name]?.curve(named: name) }
    medianSpeed = speeds.isEmpty ? nil : speeds.sorted()[speeds.count / 2]
    self.lastRow = lastRow
    self.findings = findings
  }
}

/// A curve whose points come one after another.
private struct CurveBuilder {
  private var raw: CurveReducer
  private var smooth: CurveReducer
  private var smoother: CurveSmoother?
  private var steps: ClosedRange<Double>?

  init(count: Int) {
    raw = CurveReducer(count: count, limit: LineChart.pointLimit)
    smooth = raw
    smoother = CurveSmoother(count: count)
  }

  mutating func add(_ point: ChartPoint) {
    raw.add(point)
    if let smoothed = smoother?.smoothed(point) { smooth.add(smoothed) }
    if point.y.isFinite { steps = (steps?.lowerBound ?? point.x)...point.x }
  }

  func curve(named name: String) -> RunHistory.Curve {
    RunHistory.Curve(name: name, points: raw.points, smoothed: smooth.points, steps: steps)
  }
}
