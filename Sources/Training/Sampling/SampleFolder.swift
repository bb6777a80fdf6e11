import Diagnostics
import Files
import Interchange

/// A folder of samples that is filled in one go or in several: a note beside the images says what they are, so
/// that the same request goes on where it stopped, and another is refused.
public struct SampleFolder {
  public let path: String
  private let note: [UInt8]

  private static let noteName = ".sampling.json"

  /// - Parameter request: What decides the images, in words; how many there are does not.
  public init(_ path: String, request: [(key: String, value: JSONValue)]) {
    self.path = path
    note = Array((JSONValue.object(request).text(isPretty: true) + "\n").utf8)
  }

  private var notePath: String { "\(path)/\(Self.noteName)" }

  public func imagePath(_ number: Int) -> String { numberedPath(number, in: path) }

  /// Creates the folder, or finds what an earlier call wrote.
  ///
  /// - Returns: For each number, whether its image is whole.
  /// - Throws: `FileError` where the folder holds other samples, or other files of these names.
  public func begin(count: Int, overwriting: Bool) throws(FileError) -> [Bool] {
    try createFolder(at: path)
    var isOurs = false
    if try FileStatus(ofFileAt: notePath, followingLinks: false) != nil {
      isOurs = try readFile(at: notePath, limit: 1 << 16) == note
      guard isOurs || overwriting else {
        throw FileError(
          path: path,
          reason: "holds samples of another request (\(Self.noteName)): name another folder, or"
            + " overwrite them with --force")
      }
    }
    var isDone = [Bool](repeating: false, count: count)
    for number in 0..<count {
      let image = imagePath(number)
      guard let status = try FileStatus(ofFileAt: image, followingLinks: false) else { continue }
      if isOurs, status.kind == .regularFile, !overwriting {
        isDone[number] = try Self.isWhole(image, size: status.size)
        if !isDone[number] { try removeFile(at: image) }
      } else {
        guard overwriting else {
          throw FileError(path: image, reason: "exists already; name another, or overwrite it with --force")
        }
        try checkDestination(image, .file)
      }
    }
    try writeFileAtomically(note, to: notePath)
    return isDone
  }

  /// Whether a file ends as a PNG file does: a power cut can leave the beginning of one.
  private static func isWhole(_ path: String, size: Int) throws(FileError) -> Bool {
    guard size > 12 else { return false }
    return try readFile(at: path).suffix(8) == [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
  }
}

/// The file of an image by its number, from zero.
public func numberedPath(_ number: Int, in folder: String) -> String {
  let digits = String(number)
  return "\(folder)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
}
