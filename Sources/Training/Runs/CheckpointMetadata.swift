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

  public init(step: Int, epoch: Int, seed: Int, modelName: String, structure: StructureHash? = nil) {
    self.step = step
    self.epoch = epoch
    self.seed = seed
    self.modelName = modelName
    self.structure = structure
  }

  /// Reads the metadata of a checkpoint, and nothing of its tensors.
  ///
  /// - Throws: `FileError` where the file cannot be read or is no checkpoint.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(SafetensorsHeader(contentsOf: path).metadata, path: path)
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
  }

  /// As safetensors holds it.
  var texts: [String: String] {
    var texts = [
      Key.formatVersion: String(Self.formatVersion), Key.step: String(step), Key.epoch: String(epoch),
      Key.seed: String(seed), Key.modelName: modelName,
    ]
    texts[Key.structure] = structure?.text
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
    structure = texts[Key.structure] == nil ? nil : try number(Key.structure) { StructureHash(text: $0) }
  }
}
