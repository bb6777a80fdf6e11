import Diagnostics
import Files
import Interchange
import Scores

/// What tells normal images from abnormal ones besides the trained model: how normal images score that no network
/// has seen.
public struct AnomalyDetector: Sendable {
  /// How images are reconstructed and scored; the same for those that calibrate and those that are judged.
  public struct Method: Hashable, Sendable {
    public var reconstruction: ReconstructionMethod
    public var steps: Int
    public var restarts: Int
    public var seed: Int
    /// Whether scores are divided by how far the image is from black: what has little ink differs little.
    public var isRelative: Bool
    /// The class that the generator is told; nil for any.
    public var label: Int?

    public init(
      reconstruction: ReconstructionMethod, steps: Int, restarts: Int, seed: Int, isRelative: Bool,
      label: Int?
    ) {
      (self.reconstruction, self.steps, self.restarts) = (reconstruction, steps, restarts)
      (self.seed, self.isRelative, self.label) = (seed, isRelative, label)
    }
  }

  public var method: Method
  /// The checkpoint's SHA-256.
  public var checkpoint: String
  public var falseAlarmRate: Double
  /// Of held-out normal images, ascending.
  public var normalScores: [Double]
  /// The score above which an image is abnormal.
  public var threshold: Double
  /// 99 % of the normal images' pixels differ by no more, from 0 to 1: the white of heat maps.
  public var pixelDifference: Double

  /// - Returns: Nil where there are too few scores for the rate.
  public init?(
    _ method: Method, checkpoint: String, falseAlarmRate: Double, normalScores: [Double],
    pixelDifference: Double
  ) {
    guard let threshold = Scores.threshold(ofNormal: normalScores, falseAlarmRate: falseAlarmRate) else {
      return nil
    }
    (self.method, self.checkpoint, self.falseAlarmRate) = (method, checkpoint, falseAlarmRate)
    self.normalScores = normalScores.sorted()
    (self.threshold, self.pixelDifference) = (threshold, pixelDifference)
  }

  /// Where a score stands: ½ is the threshold, and the spread of normal scores is one.
  public func normalized(_ score: Double) -> Double {
    guard let least = normalScores.first, let greatest = normalScores.last else {
      preconditionFailure("a detector without normal scores")
    }
    let spread = greatest - least
    guard spread > 0 else { return score > threshold ? 1 : score < threshold ? 0 : 0.5 }
    return max(0, min(1, (score - threshold) / spread + 0.5))
  }
}

extension AnomalyDetector {
  private enum Key {
    static let format = "graphc.anomaly"
    static let version = "1"
    static let scores = "normal_scores"
    static let pixelDifference = "pixel_difference"
  }

  public func write(to path: String, replacing replacement: Replacement) throws(FileError) {
    var metadata = [
      Key.format: Key.version, "method": method.reconstruction.rawValue, "steps": "\(method.steps)",
      "restarts": "\(method.restarts)", "seed": "\(method.seed)", "relative": "\(method.isRelative)",
      "checkpoint_sha256": checkpoint, "false_alarm_rate": "\(falseAlarmRate)",
    ]
    metadata["class"] = method.label.map { "\($0)" }
    try SafetensorsFile(
      tensors: [
        (Key.scores, .init(shape: [normalScores.count], doubles: normalScores)),
        (Key.pixelDifference, .init(shape: [1], doubles: [pixelDifference])),
      ], metadata: metadata
    ).write(to: path, replacing: replacement)
  }

  /// - Throws: `FileError` where the file holds no detector.
  public init(contentsOf path: String) throws(FileError) {
    let file = try SafetensorsFile(contentsOf: path)
    func broken(_ what: String) -> FileError {
      FileError(path: path, reason: "is no detector, as `graphc anomaly fit` writes it: \(what)")
    }
    guard file.metadata[Key.format] == Key.version else { throw broken("its metadata does not say so") }
    func value<Value>(_ key: String, _ read: (String) -> Value?) throws(FileError) -> Value {
      guard let text = file.metadata[key], let value = read(text) else { throw broken("no valid `\(key)`") }
      return value
    }
    let method = Method(
      reconstruction: try value("method") { ReconstructionMethod(rawValue: $0) },
      steps: try value("steps") { Int($0).flatMap { $0 >= 0 && $0 <= 100_000 ? $0 : nil } },
      restarts: try value("restarts") { Int($0).flatMap { (1...64).contains($0) ? $0 : nil } },
      seed: try value("seed") { Int($0) }, isRelative: try value("relative") { Bool($0) },
      label: file.metadata["class"] == nil ? nil : try value("class") { Int($0) })
    guard let scores = file[Key.scores]?.doubles, scores.allSatisfy(\.isFinite),
      let difference = file[Key.pixelDifference]?.doubles.first, difference.isFinite
    else { throw broken("its tensors are missing, or not finite") }
    let rate = try value("false_alarm_rate") { Double($0).flatMap { $0 > 0 && $0 < 1 ? $0 : nil } }
    let detector = AnomalyDetector(
      method, checkpoint: try value("checkpoint_sha256") { $0 }, falseAlarmRate: rate, normalScores: scores,
      pixelDifference: difference)
    guard let detector else { throw broken("too few scores for its rate") }
    self = detector
  }
}
