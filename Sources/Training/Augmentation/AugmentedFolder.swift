import Diagnostics
import Files
import Interchange

/// A folder of made images in folders of their classes, as torchvision's `ImageFolder` reads it, with
/// `metadata.jsonl` beside these, a line for each image, as Hugging Face's `imagefolder` reads it.
///
/// Lines are written before the next images are begun, so that the same call goes on where it stopped.
public final class AugmentedFolder {
  public let path: String
  /// The classes' folders.
  private let folders: [String]
  private var lines: AppendingFile

  /// How many images each class has.
  public private(set) var counts: [Int]
  /// The number of the first sample that was not looked at yet.
  public private(set) var next = 0
  /// How many samples were refused as copies.
  public private(set) var refused = 0

  static let manifestName = "metadata.jsonl"
  static let noteName = "augmentation.json"

  /// Creates the folder, or opens it as the same request left it.
  ///
  /// - Parameters:
  ///   - classes: The names of the classes, in their order; names that are all numbers get as many digits, so that
  ///     they are in this order as texts too.
  ///   - request: What decides the images, in words; how many there are does not.
  /// - Throws: `FileError` where the folder holds anything else.
  public init(
    _ path: String, classes: [String], request: [(key: String, value: JSONValue)]
  ) throws(FileError) {
    self.path = path
    let folders = Self.folderNames(classes)
    self.folders = folders
    counts = Array(repeating: 0, count: classes.count)
    try createFolder(at: path)
    let note = Array((JSONValue.object(request).text(isPretty: true) + "\n").utf8)
    let notePath = "\(path)/\(Self.noteName)"
    let names = try entryNames(ofFolder: path)
    if names.contains(Self.noteName) {
      guard try readFile(at: notePath, limit: 1 << 20) == note else {
        throw FileError(
          path: path, reason: "holds images of another request (\(Self.noteName)): name another folder")
      }
      if let other = names.first(where: {
        ![Self.noteName, Self.manifestName].contains($0) && !folders.contains($0)
      }) {
        throw FileError(
          path: "\(path)/\(other)",
          reason:
            "is not of the augmentation, and readers of such folders would take it for a class: remove it")
      }
    } else {
      guard names.isEmpty else {
        throw FileError(
          path: path,
          reason: "is not empty, and what lies there would be taken for classes: name a new folder")
      }
    }
    try writeFileAtomically(note, to: notePath)
    for folder in folders { try createFolder(at: "\(path)/\(folder)") }
    let manifest = "\(path)/\(Self.manifestName)"
    let opened = try AppendingFile(path: manifest)
    lines = opened
    try resume(manifest)
  }

  static func folderNames(_ classes: [String]) -> [String] {
    let longest = classes.reduce(0) { max($0, $1.utf8.count) }
    guard classes.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
      // A class can be called as no folder can.
      return classes.map { name in
        let safe = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
        return safe.isEmpty || safe.hasPrefix(".") ? "_" + safe : safe
      }
    }
    return classes.map { String(repeating: "0", count: longest - $0.utf8.count) + $0 }
  }

  /// Reads how far an earlier call came.
  private func resume(_ manifest: String) throws(FileError) {
    let text = try readFile(at: manifest)
    // A line that a power cut tore off is written again.
    let end = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if end < text.count { try lines.truncate(to: end) }
    for line in text[..<end].split(separator: UInt8(ascii: "\n")) {
      var (label, index, seen): (Int?, Int?, Int?) = (nil, nil, nil)
      do throws(MalformedText) {
        var cursor = JSONCursor(Array(line))
        try cursor.readObject { cursor, name throws(MalformedText) in
          switch name {
          case "class_index": label = try cursor.readNaturalNumber()
          case "index": index = try cursor.readNaturalNumber()
          case "refused_before": seen = try cursor.readNaturalNumber()
          case "file_name", "label", "checkpoint_sha256": _ = try cursor.readString()
          case "latent":
            try cursor.readArray { cursor throws(MalformedText) in _ = try cursor.readNumberOrNull() }
          default: _ = try cursor.readNumberOrNull()
          }
        }
      } catch {
        throw FileError(
          path: manifest, reason: "holds a line that is not of an augmentation: \(error.reason)")
      }
      guard let label, let index, let seen, counts.indices.contains(label) else {
        throw FileError(path: manifest, reason: "holds a line that is not of an augmentation")
      }
      counts[label] += 1
      next = max(next, index + 1)
      refused = max(refused, seen)
    }
  }

  /// An image that is kept, and where it came from.
  public struct Entry: Sendable {
    public var image: Image
    public var label: Int
    /// The class's name.
    public var name: String
    /// The number of the sample.
    public var index: Int
    public var latent: [Float]
    /// The nearest image of the training, by its number there, and its distance.
    public var nearest: (index: Int, distance: Double)

    public init(
      image: Image, label: Int, name: String, index: Int, latent: [Float],
      nearest: (index: Int, distance: Double)
    ) {
      (self.image, self.label, self.name, self.index) = (image, label, name, index)
      (self.latent, self.nearest) = (latent, nearest)
    }
  }

  /// Writes images, and then their lines.
  ///
  /// - Parameters:
  ///   - next: The number of the first sample that was not looked at.
  ///   - refused: How many of those that were looked at are copies.
  public func add(
    _ entries: [Entry], next: Int, refused: Int, seed: Int, checkpoint: String, truncation: Double?,
    threads: Int
  ) throws(FileError) {
    let writers = PNGWriters(threads: threads, replacing: .file)
    var text = ""
    self.refused += refused
    do throws(FileError) {
      for entry in entries {
        let file = "\(folders[entry.label])/\(String(entry.index).padded(to: 6)).png"
        try writers.write(entry.image, to: "\(path)/\(file)")
        counts[entry.label] += 1
        text +=
          JSONValue.object([
            "file_name": .string(file), "label": .string(entry.name), "class_index": .int(entry.label),
            "seed": .int(seed), "index": .int(entry.index), "checkpoint_sha256": .string(checkpoint),
            "truncation": truncation.map { .number($0) } ?? .null, "nn_index": .int(entry.nearest.index),
            "nn_distance": .number(entry.nearest.distance), "refused_before": .int(self.refused),
            "latent": .array(entry.latent.map { .number(Double($0)) }),
          ]).text() + "\n"
      }
    } catch {
      try? writers.finish()
      throw error
    }
    try writers.finish()
    try lines.append(Array(text.utf8))
    self.next = next
  }

  /// Brings the lines to the device.
  public func synchronize() throws(FileError) { try lines.synchronize() }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    String(repeating: "0", count: max(0, count - utf8.count)) + self
  }
}
