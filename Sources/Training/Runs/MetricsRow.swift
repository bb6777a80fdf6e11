import Diagnostics
import Interchange
import ModelSpec

/// What one step of the adversarial loop measured: a line of `metrics.jsonl`.
public struct MetricsRow: Hashable, Sendable {
  /// A number that the step's program reports, under its name: `loss_d`.
  public struct Metric: Hashable, Sendable {
    public var name: String
    public var value: Float

    public init(_ name: String, _ value: Float) {
      self.name = name
      self.value = value
    }
  }

  /// From 1: how many steps were made, this one included.
  public var step: Int
  /// From 0.
  public var epoch: Int
  /// In the order in which the step computes them. What a step did not compute is not there.
  public var metrics: [Metric]
  public var imagesPerSecond: Double
  /// How long the step waited for its images, in milliseconds.
  public var dataWaitMilliseconds: Double
  /// What the run shows at this step of how it goes.
  public var findings: [Finding]

  public init(
    step: Int, epoch: Int, metrics: [Metric], imagesPerSecond: Double, dataWaitMilliseconds: Double,
    findings: [Finding] = []
  ) {
    self.step = step
    self.epoch = epoch
    self.metrics = metrics
    self.imagesPerSecond = imagesPerSecond
    self.dataWaitMilliseconds = dataWaitMilliseconds
    self.findings = findings
  }

  public subscript(name: String) -> Float? { metrics.first { $0.name == name }?.value }

  /// Sets a metric; what a graph computes that runs several times in a step is told of its last run.
  mutating func set(_ name: String, to value: Float) {
    if let index = metrics.firstIndex(where: { $0.name == name }) {
      metrics[index].value = value
    } else {
      metrics.append(Metric(name, value))
    }
  }
}

extension MetricsRow {
  private enum Key {
    static let step = "step"
    static let epoch = "epoch"
    static let imagesPerSecond = "images_per_second"
    static let dataWait = "data_wait_ms"
    static let events = "events"
  }

  /// As a line of JSON without its end. Infinities and NaN, which JSON lacks, are `null`; times have three
  /// digits behind the point; `events` is there where there are any.
  public var json: String {
    let members =
      [(Key.step, JSONValue.int(step)), (Key.epoch, .int(epoch))]
      + metrics.map { ($0.name, Self.shortest($0.value)) } + [
        (Key.imagesPerSecond, .number((imagesPerSecond * 1000).rounded() / 1000)),
        (Key.dataWait, .number((dataWaitMilliseconds * 1000).rounded() / 1000)),
      ]
    let events = findings.isEmpty ? [] : [(Key.events, JSONValue.array(findings.map(\.json)))]
    return JSONValue.object(members + events).text()
  }

  /// With the fewest digits that read back as the same `Float`; `Double` would need twice as many.
  private static func shortest(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? .nan) }

  /// Reads a line.
  ///
  /// - Throws: `MalformedText` where the line is not one JSON object of numbers, and of events, with a step's own
  ///   members.
  public init(json line: some Collection<UInt8>) throws(MalformedText) {
    var members: [(name: String, value: Double)] = []
    var findings: [Finding] = []
    var cursor = JSONCursor(Array(line))
    try cursor.readObject { cursor, name throws(MalformedText) in
      if name == Key.events {
        try cursor.readArray { cursor throws(MalformedText) in
          findings.append(try Finding(&cursor, step: 0))
        }
      } else {
        members.append((name, try cursor.readNumberOrNull() ?? .nan))
      }
    }
    try cursor.expectEnd()

    func number(_ key: String) throws(MalformedText) -> Double {
      guard let member = members.last(where: { $0.name == key }) else {
        throw MalformedText(reason: "it has no `\(key)`")
      }
      return member.value
    }
    func count(_ key: String) throws(MalformedText) -> Int {
      guard let value = Int(exactly: try number(key)), value >= 0 else {
        throw MalformedText(reason: "its `\(key)` is not a count")
      }
      return value
    }
    step = try count(Key.step)
    epoch = try count(Key.epoch)
    imagesPerSecond = try number(Key.imagesPerSecond)
    dataWaitMilliseconds = try number(Key.dataWait)
    metrics = members.filter { !UpdateSpec.reservedNames.contains($0.name) }.map {
      Metric($0.name, Float($0.value))
    }
    for index in findings.indices { findings[index].step = step }
    self.findings = findings
  }
}
