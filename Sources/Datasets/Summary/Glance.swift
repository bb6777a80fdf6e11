import Files
import Interchange
import ModelSpec

/// What a few of a model's files say of its data, for a look that costs nearly nothing.
public enum DataGlance {
  /// At most so many files are opened, and so many folders listed.
  private static let fileLimit = 24
  private static let folderLimit = 16

  /// What is likely not to be meant; nothing where the data is not there, or reads no picture files.
  public static func warnings(
    _ spec: Configured, channels: Int, height: Int, width: Int
  ) -> [String] {
    let folders = ["path", "input", "target", "a", "b"].compactMap { spec.path($0) }.filter(isFolder)
    let facts = folders.flatMap(files).compactMap { try? Image.facts(ofFileAt: $0) }
    guard let first = facts.first else { return [] }
    var warnings: [String] = []
    let looked =
      facts.count == 1 ? "the picture that was looked at" : "the \(facts.count) pictures that were looked at"
    if facts.allSatisfy({ $0.width < width && $0.height < height }) {
      let largest = facts.dropFirst().reduce(first) { $0.width * $0.height < $1.width * $1.height ? $1 : $0 }
      warnings.append(
        "data: \(looked) in \(folders[0]): at most \(largest.width)×\(largest.height) pixels, and `image` has"
          + " \(width)×\(height): they would be enlarged")
    }
    if channels > 1, facts.allSatisfy({ $0.colors == .grey && !$0.hasTransparency }) {
      warnings.append(
        "data: \(looked) in \(folders[0]): grey, and `image` has \(channels) channels; `channels: 1` is enough"
      )
    }
    if channels == 4, !facts.contains(where: \.hasTransparency) {
      warnings.append(
        "data: \(looked) in \(folders[0]): nothing transparent, and `image` has a fourth channel for it")
    }
    return warnings
  }

  /// The first picture files of a folder and the folders in it.
  private static func files(in folder: String) -> [String] {
    var found: [String] = []
    var waiting = [folder]
    var listed = 0
    while found.count < fileLimit, listed < folderLimit, !waiting.isEmpty {
      let next = waiting.removeFirst()
      listed += 1
      for name in (try? entryNames(ofFolder: next)) ?? []
      where !name.hasPrefix(".") && found.count < fileLimit {
        let path = "\(next)/\(name)"
        let ending = path.suffix(5).lowercased()
        if [".png", ".jpg", ".jpeg"].contains(where: ending.hasSuffix) {
          found.append(path)
        } else if waiting.count < folderLimit, isFolder(path) {
          waiting.append(path)
        }
      }
    }
    return found
  }
}
