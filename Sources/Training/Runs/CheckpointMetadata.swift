import Files
import Interchange

/// What a checkpoint says of the run it comes from, beside its tensors.
public struct CheckpointMetadata: Hashable, Sendable {
  /// How many steps were made.
  public var step: Int
  /// The epoch that the next step belongs to, from zero.
  public var epoch: Int
  /// With the step, the state of all random numbers.
  public var seed: Int
  /// The model's `name:`.
  public var modelName: String
  /// Tells the networks from others; nil where whoever saved it gave none.
  public var structure: StructureHash?
  /// `DataFingerprint.text` of what the run was trained on; nil where whoever saved it gave none.
  public var data: String?
  /// `ModelSpec.trainSettings` of the steps before it; empty where whoever saved it gave none.
  public var settings: [String: String]
  /// The step that the run was asked to end at, where it had not come so far.
  public var until: Int?
  /// `RunDiagnosis.memory`; nil where whoever saved it gave none.
  public var diagnosis: String?

  public init(
    step: Int, epoch: Int, seed: Int, modelName: String, structure: StructureHash? = nil,
    data: String? = nil, settings: [String: String] = [:], until: Int? = nil, diagnosis: String? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.seed = seed
    self.modelName = modelName
    self.structure = structure
    self.data = data
    self.settings = settings
    self.until = until
    self.diagnosis = diagnosis
  }

  /// Reads the metadata of a checkpoint, and nothing of its tensors.
  ///
  /// - Throws: `FileError` where the file cannot be read or is no checkpoint.
  public init(contentsOf path: String) throws(FileError) {
    let header = try SafetensorsHeader(contentsOf: path)
    try header.checkMetadata(path: path)
    try self.init(header.metadata, path: path)
  }
}

extension CheckpointMetadata {
  /// Moves when a reader of the last format could not make sense of the next one.
  ///
  /// 1 kept the counters of optimisers and random numbers as F32, and knew its networks by the text that they
  /// were printed as, under `network_hash`, which says nothing any more.
  static let formatVersion = 2

  private enum Key {
    static let formatVersion = "format_version"
    static let step = "step"
    static let epoch = "epoch"
    static let seed = "seed"
    static let modelName = "model"
    static let structure = "structure"
    static let data = "data"
    static let until = "until"
    static let diagnosis = "diagnosis"
    /// Before a setting's key.
    static let setting = "setting."
  }

  /// As safetensors holds it.
  var texts: [String: String] {
    var texts = [
      Key.formatVersion: String(Self.formatVersion), Key.step: String(step), Key.epoch: String(epoch),
      Key.seed: String(seed), Key.modelName: modelName,
    ]
    texts[Key.structure] = structure?.text
    texts[Key.data] = data
    texts[Key.until] = until.map { String($0) }
    texts[Key.diagnosis] = diagnosis
    for (key, value) in settings { texts[Key.setting + key] = value }
    return texts
  }

  /// - Parameter path: The file that errors name.
  init(_ texts: [String: String], path: String) throws(FileError) {
    func number<Number>(_ key: String, _ parse: (String) -> Number?) throws(FileError) -> Number {
      guard let text = texts[key], let number = parse(text) else {
        throw FileError(path: path, reason: "is not a graphc checkpoint: its metadata has no valid `\(key)`")
      }
      return number
    }
    func count(_ text: String) -> Int? { Int(text).flatMap { $0 < 0 ? nil : $0 } }

    let version = try number(Key.formatVersion, count)
    guard version <= Self.formatVersion else {
      throw FileError(
        path: path,
        reason: "was written by a newer graphc: its format is \(version), and this one reads up to"
          + " \(Self.formatVersion)")
    }
    step = try number(Key.step, count)
    epoch = try number(Key.epoch, count)
    seed = try number(Key.seed) { Int($0) }
    modelName = try number(Key.modelName) { $0 }
    data = texts[Key.data]
    until = texts[Key.until] == nil ? nil : try number(Key.until, count)
    diagnosis = texts[Key.diagnosis]
    settings = [:]
    for (key, value) in texts where key.hasPrefix(Key.setting) {
      settings[String(key.dropFirst(Key.setting.count))] = value
    }
    structure = texts[Key.structure] == nil ? nil : try number(Key.structure) { StructureHash(text: $0) }
  }
}
