import Diagnostics
import Interchange

/// What one step of the adversarial loop measured: a line of `metrics.jsonl`.
public struct MetricsRow: Hashable, Sendable {
  /// From 1: how many steps were made, this one included.
  public var step: Int
  /// From 0.
  public var epoch: Int
  /// The discriminator's loss, over real images and fakes.
  public var lossD: Float
  /// The generator's loss.
  public var lossG: Float
  /// The mean probability of being real that the discriminator gave the real images.
  public var dReal: Float
  /// The same of the fakes, before the discriminator's update.
  public var dFake: Float
  public var imagesPerSecond: Double
  /// How long the step waited for its images, in milliseconds.
  public var dataWaitMilliseconds: Double

  public init(
    step: Int, epoch: Int, lossD: Float, lossG: Float, dReal: Float, dFake: Float, imagesPerSecond: Double,
    dataWaitMilliseconds: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.lossD = lossD
    self.lossG = lossG
    self.dReal = dReal
    self.dFake = dFake
    self.imagesPerSecond = imagesPerSecond
    self.dataWaitMilliseconds = dataWaitMilliseconds
  }
}

extension MetricsRow {
  private enum Key {
    static let step = "step"
    static let epoch = "epoch"
    static let lossD = "loss_d"
    static let lossG = "loss_g"
    static let dReal = "d_real"
    static let dFake = "d_fake"
    static let imagesPerSecond = "images_per_second"
    static let dataWait = "data_wait_ms"
  }

  /// As a line of JSON without its end. Infinities and NaN, which JSON lacks, are `null`; times have three
  /// digits behind the point.
  public var json: String {
    JSONValue.object([
      Key.step: .int(step), Key.epoch: .int(epoch),
      Key.lossD: Self.shortest(lossD), Key.lossG: Self.shortest(lossG),
      Key.dReal: Self.shortest(dReal), Key.dFake: Self.shortest(dFake),
      Key.imagesPerSecond: .number((imagesPerSecond * 1000).rounded() / 1000),
      Key.dataWait: .number((dataWaitMilliseconds * 1000).rounded() / 1000),
    ]).text()
  }

  /// With the fewest digits that read back as the same `Float`; `Double` would need twice as many.
  private static func shortest(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? .nan) }

  /// Reads a line; members that are numbers under other names are passed over.
  ///
  /// - Throws: `MalformedText` where the line is not one JSON object with at least this row's members.
  public init(json line: some Collection<UInt8>) throws(MalformedText) {
    var members: [String: Double] = [:]
    var cursor = JSONCursor(Array(line))
    try cursor.readObject { cursor, name throws(MalformedText) in
      members[name] = try cursor.readNumberOrNull() ?? .nan
    }
    try cursor.expectEnd()

    func number(_ key: String) throws(MalformedText) -> Double {
      guard let value = members[key] else { throw MalformedText(reason: "it has no `\(key)`") }
      return value
    }
    func count(_ key: String) throws(MalformedText) -> Int {
      guard let value = Int(exactly: try number(key)), value >= 0 else {
        throw MalformedText(reason: "its `\(key)` is not a count")
      }
      return value
    }
    step = try count(Key.step)
    epoch = try count(Key.epoch)
    lossD = Float(try number(Key.lossD))
    lossG = Float(try number(Key.lossG))
    dReal = Float(try number(Key.dReal))
    dFake = Float(try number(Key.dFake))
    imagesPerSecond = try number(Key.imagesPerSecond)
    dataWaitMilliseconds = try number(Key.dataWait)
  }
}
