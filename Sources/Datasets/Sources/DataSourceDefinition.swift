import Files
import Interchange
import Lowering
import ModelSpec

/// A place where examples may come from: what a model may say of it, and how it is opened.
struct DataSourceDefinition: Sendable {
  /// What a source is opened for.
  struct Context {
    /// A configuration of the source's schema, defaults filled in.
    var configured: Configured
    /// What images are brought to: 1, 3 or 4 channels, and a size in pixels.
    var channels: Int
    var height: Int
    var width: Int
    /// What drawn images depend on.
    var seed: Int

    /// A path that the schema requires.
    func path(_ attribute: String) -> String {
      guard let path = configured.path(attribute) else {
        preconditionFailure("`\(configured.name.value)` has no `\(attribute)`, which its schema requires")
      }
      return path
    }
  }

  let schema: DataSourceSchema
  /// Whether it reads files; if not, opening it costs nothing.
  let readsFiles: Bool
  /// Opens it. Each result has the images of fields of its own: one result, where all fields of an example
  /// belong together, several, where any may be met with any other.
  let open: @Sendable (Context) throws(FileError) -> [any ExampleSource]

  static let all: [DataSourceDefinition] = [
    DigitsSource.definition, IDXSource.definition, FolderSource.definition, PairsSource.definition,
    SideBySideSource.definition, UnpairedFolders.definition, CIFAR10Source.definition,
    SyntheticSource.definition,
  ]

  static func of(_ configured: Configured) -> DataSourceDefinition {
    guard let definition = all.first(where: { $0.schema.schema.name == configured.name.value }) else {
      preconditionFailure("there is no data source `\(configured.name.value)`")
    }
    return definition
  }

  /// What every source may be given.
  static let commonAttributes: [AttributeSchema] = [
    .init(
      "range", .numbers(count: 2, -1e6...1e6), .defaultsTo(.numbers([-1, 1])),
      "the values of black and white"),
    .init("flip", .bool, .defaultsTo(.bool(false)), "whether images are mirrored at random"),
    .init("limit", .int(1...1_000_000_000), .optional, "use the first so many images"),
  ]

  /// What every source of image files may be given.
  static let fileAttributes: [AttributeSchema] =
    [
      .init(
        "broken", .choice(["stop", "skip"]), .defaultsTo(.string("stop")),
        "what happens when a file cannot be read"),
      .init(
        "background", .ints(0...255), .defaultsTo(.ints([255, 255, 255])),
        "red, green and blue of what shows through transparent pixels"),
      .init(
        "white", .int(1...65_535), .defaultsTo(.int(65_535)), "the value that is white in files of 16 bits"),
      .init(
        "follow_links", .bool, .defaultsTo(.bool(false)), "whether links to folders elsewhere are followed"),
    ] + commonAttributes

  /// How many channels the `input` of a pair has.
  static let inputChannels = AttributeSchema(
    "input_channels", .int(1...4), .optional, "channels of `input`; left out, as many as `image` has")
}

extension SpecCatalog {
  /// All that a model may name.
  public static let standard = SpecCatalog(
    layers: LayerDefinition.all.map(\.schema), losses: LossDefinition.all.map(\.schema),
    optimizers: OptimizerDefinition.all.map(\.schema), dataSources: DataSourceDefinition.all.map(\.schema),
    initializers: InitializerDefinition.names,
    augmentations: AugmentationDefinition.all.map(\.name))
}
