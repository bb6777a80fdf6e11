import Interchange
import ModelSpec
import Training

/// A data source as the loader would give it; attributes that a test does not name have no value.
func dataSource(_ name: String, _ attributes: [String: AttributeValue] = [:]) -> Configured {
  Configured(name: Spanned(name), attributes: attributes.mapValues { Spanned($0) })
}

func folderSource(_ path: String, _ attributes: [String: AttributeValue] = [:]) -> Configured {
  dataSource("folder", attributes.merging(["path": .path(path, base: "")]) { given, _ in given })
}

extension Dataset {
  /// One image as it is trained on, `[height, width, channels]`.
  func values(_ index: Int, epoch: Int = 0) throws -> [Float] {
    var values = [Float](repeating: .nan, count: imageSize)
    var span = values.mutableSpan
    try fill(index, epoch: epoch, into: &span, at: 0)
    return values
  }

  /// All images, one after another.
  func allValues(epoch: Int = 0) throws -> [[Float]] {
    try (0..<count).map { try values($0, epoch: epoch) }
  }
}

/// A grey image of one pixel.
func pixel(_ value: UInt8) -> Image { Image(width: 1, height: 1, channels: 1, pixels: [value]) }

/// The path of a stored file, `Tests/Fixtures/Interchange/<name>`.
func fixture(_ name: String, supportFile: String = #filePath) -> String {
  let tests = supportFile.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  return "\(tests.joined(separator: "/"))/Fixtures/Interchange/\(name)"
}
