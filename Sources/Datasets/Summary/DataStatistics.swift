import Interchange

/// What was seen of the files that examples come from.
///
/// Counts do not depend on the order in which files are looked at, and of what is worth a name the first in the
/// order of the source is kept.
struct DataStatistics: Sendable {
  /// Something that is true of some files.
  struct Finding: Hashable, Sendable {
    private(set) var count = 0
    /// The path of the first.
    private(set) var example = ""
    private var exampleOrder = Int.max

    /// Counts those of files that come after.
    mutating func add(_ other: Finding) {
      if count == 0 { (example, exampleOrder) = (other.example, other.exampleOrder) }
      count += other.count
    }

    mutating func add(_ path: String, order: Int) {
      count += 1
      if order < exampleOrder { (example, exampleOrder) = (path, order) }
    }
  }

  /// In pixels, upright.
  struct Size: Hashable, Sendable {
    var width: Int
    var height: Int
  }

  /// Files whose headers were read.
  private(set) var files = 0
  /// How often each is met.
  private(set) var sizes: [Size: Int] = [:]
  private(set) var formats: [String: Int] = [:]
  private(set) var turned = Finding()
  private(set) var transparent = Finding()
  private(set) var grey = Finding()
  private(set) var enlarged = Finding()
  /// Of which more than a quarter is cut off.
  private(set) var cut = Finding()
  /// Whose values hardly differ.
  private(set) var uniform = Finding()
  private(set) var wide = Finding()
  /// Of 16 bits, with samples that are all below a quarter of what they could be.
  private(set) var dark = Finding()
  /// The greatest sample of those.
  private(set) var greatestDark = 0

  /// Values of a byte that differ by no more than this are as good as one.
  private static let uniformRange = 3

  /// - Parameters:
  ///   - order: The example's place in its source.
  ///   - pixels: The decoded image; nil where only the header was read.
  mutating func add(
    _ file: SourceFile, order: Int, shape: ExampleStore.Shape, pixels: ArraySlice<UInt8>?
  ) {
    let facts = file.facts
    files += 1
    sizes[Size(width: facts.width, height: facts.height), default: 0] += 1
    formats[Self.format(facts), default: 0] += 1
    if facts.orientation != .upright { turned.add(file.path, order: order) }
    if facts.hasTransparency { transparent.add(file.path, order: order) }
    if facts.colors == .grey { grey.add(file.path, order: order) }
    if facts.width < shape.width || facts.height < shape.height { enlarged.add(file.path, order: order) }
    let kept = min(facts.width * shape.height, facts.height * shape.width)
    let whole = max(facts.width * shape.height, facts.height * shape.width)
    if 4 * kept < 3 * whole { cut.add(file.path, order: order) }
    if facts.depth == 16 { wide.add(file.path, order: order) }
    if let greatest = facts.greatestSample, greatest > 0, greatest < 1 << 14 {
      dark.add(file.path, order: order)
      greatestDark = max(greatestDark, greatest)
    }
    if let pixels, Self.isUniform(pixels, channels: shape.channels) { uniform.add(file.path, order: order) }
  }

  /// Counts what was seen of files that come after.
  mutating func add(_ other: DataStatistics) {
    files += other.files
    sizes.merge(other.sizes, uniquingKeysWith: +)
    formats.merge(other.formats, uniquingKeysWith: +)
    for finding in [\.turned, \.transparent, \.grey, \.enlarged, \.cut, \.uniform, \.wide, \.dark]
      as [WritableKeyPath<DataStatistics, Finding>]
    { self[keyPath: finding].add(other[keyPath: finding]) }
    greatestDark = max(greatestDark, other.greatestDark)
  }

  private static func isUniform(_ pixels: ArraySlice<UInt8>, channels: Int) -> Bool {
    for channel in 0..<channels {
      var (least, greatest): (UInt8, UInt8) = (255, 0)
      for index in stride(from: pixels.startIndex + channel, to: pixels.endIndex, by: channels) {
        least = min(least, pixels[index])
        greatest = max(greatest, pixels[index])
      }
      if Int(greatest) - Int(least) > uniformRange { return false }
    }
    return true
  }

  private static func format(_ facts: ImageFileFacts) -> String {
    let colors =
      switch facts.colors {
      case .grey: "grey"
      case .color: "colour"
      case .palette: "palette"
      case .inks: "CMYK"
      }
    return "\(facts.format.rawValue), \(colors), \(facts.depth) bit\(facts.depth == 1 ? "" : "s")"
  }
}

/// A file that an example's image came from.
public struct SourceFile: Hashable, Sendable {
  public let path: String
  public let facts: ImageFileFacts
}

/// An image of an example, and the file that it came from, where it has one of its own.
public struct SourceImage: Sendable {
  public let image: Image
  public let file: SourceFile?

  init(_ image: Image, _ file: SourceFile? = nil) {
    self.image = image
    self.file = file
  }
}
