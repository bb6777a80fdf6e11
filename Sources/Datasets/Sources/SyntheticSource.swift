import Files
import Interchange
import ModelSpec

/// Pictures that the program draws itself: a disc, a square or a triangle of a random colour, size and
/// place on a plain ground of another colour; with their class, or with their outlines.
///
/// A picture is a function of the seed, its index and its size, computed with operations that IEEE 754
/// defines to the last bit: every machine draws the same one.
public struct SyntheticSource: ExampleSource {
  /// What an example is.
  public enum Kind: String, Sendable, CaseIterable {
    /// `real`, a picture, and `label`, the class of its shape.
    case shapes
    /// `input`, the outline of a shape, and `real`, the picture with the shape filled.
    case pairs
    /// `a`, a picture, and `b`, the outline of some other picture.
    case unpaired
  }

  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "synthetic", "Pictures that the program draws itself.", primary: "kind",
        [
          .init(
            "kind", .choice(Kind.allCases.map(\.rawValue)), .defaultsTo(.string(Kind.shapes.rawValue)),
            "`shapes`: discs, squares and triangles; `pairs`: their outlines as `input`, the pictures as `real`;"
              + " `unpaired`: pictures as `a`, outlines of others as `b`"),
          .init("count", .int(1...100_000_000), .defaultsTo(.int(10_000)), "how many there are"),
        ] + DataSourceDefinition.commonAttributes),
      fields: { configured in
        switch kind(configured) {
        case .shapes:
          [
            DataField("real", .image(channels: nil)),
            DataField("label", .label(classes: SyntheticScene.classNames)),
          ]
        case .pairs: DataField.pair(inputChannels: nil)
        case .unpaired: DataField.unpaired
        }
      }),
    readsFiles: false,
    open: { context throws(FileError) in
      guard let count = context.configured.int("count") else {
        preconditionFailure("`synthetic` has no `count`, for which its schema has a default")
      }
      func source(_ styles: [(String, SyntheticScene.Style)], from first: Int = 0) -> SyntheticSource {
        SyntheticSource(
          styles, indices: first..<first + count, width: context.width, height: context.height,
          seed: context.seed)
      }
      switch kind(context.configured) {
      case .shapes: return [source([("real", .filled)])]
      case .pairs: return [source([("input", .outline), ("real", .filled)])]
      // The outlines are not those of any of the pictures.
      case .unpaired: return [source([("a", .filled)]), source([("b", .outline)], from: count)]
      }
    })

  private static func kind(_ configured: Configured) -> Kind {
    guard let kind = configured.string("kind").flatMap(Kind.init) else {
      preconditionFailure("`synthetic` has no `kind`, for which its schema has a default")
    }
    return kind
  }

  private let styles: [(field: String, style: SyntheticScene.Style)]
  private let indices: Range<Int>
  private let width: Int
  private let height: Int
  private let seed: Int

  private init(
    _ styles: [(String, SyntheticScene.Style)], indices: Range<Int>, width: Int, height: Int, seed: Int
  ) {
    self.styles = styles
    self.indices = indices
    self.width = width
    self.height = height
    self.seed = seed
  }

  /// Pictures with the classes of their shapes.
  ///
  /// - Precondition: `Image.canHold(width:height:)`.
  public init(shapes count: Int, width: Int, height: Int, seed: Int) {
    self.init([("real", .filled)], indices: 0..<count, width: width, height: height, seed: seed)
  }

  public var count: Int { indices.count }
  public var imageFields: [String] { styles.map(\.field) }
  /// The pictures are drawn whenever they are asked for.
  public var byteCount: Int { 0 }
  public var keepingLimit: Int { 16 << 20 }

  public var labels: ClassLabels? {
    guard imageFields == ["real"] else { return nil }
    return ClassLabels(
      names: SyntheticScene.classNames,
      indices: indices.map { SyntheticScene.classIndex(seed: seed, index: $0) })
  }

  public func images(at index: Int) -> [SourceImage] {
    let scene = SyntheticScene(width: width, height: height, seed: seed, index: indices.lowerBound + index)
    return styles.map { SourceImage(scene.image(width: width, height: height, $0.style)) }
  }
}
