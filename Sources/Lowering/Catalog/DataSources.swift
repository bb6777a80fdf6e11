import ModelSpec

/// Where images may come from, as the language has it. `Training` opens them.
public enum DataSourceSchemas {
  private static let common: [AttributeSchema] = [
    .init(
      "range", .numbers(count: 2, -1e6...1e6), .defaultsTo(.numbers([-1, 1])),
      "the values of black and white"),
    .init("flip", .bool, .defaultsTo(.bool(false)), "whether images are mirrored at random"),
    .init("limit", .int(1...1_000_000_000), .optional, "use the first so many images"),
  ]

  public static let all: [Schema] = [
    Schema(
      "digits", "The 1,797 handwritten digits of 8×8 pixels that the program carries.", common),
    Schema(
      "idx", "A file of the MNIST family, also gzipped.", primary: "images",
      [.init("images", .path, .required, "the file with the images")] + common),
    Schema(
      "folder", "A folder of PNG and JPEG files, with its subfolders.", primary: "path",
      [
        .init("path", .path, .required, "the folder"),
        .init(
          "broken", .choice(["stop", "skip"]), .defaultsTo(.string("stop")),
          "what happens when a file cannot be read"),
      ] + common),
    Schema(
      "cifar10", "The binary files of CIFAR-10.", primary: "path",
      [.init("path", .path, .required, "a data_batch file, or the folder with them")] + common),
    Schema(
      "synthetic", "Pictures that the program draws itself.", primary: "kind",
      [
        .init(
          "kind", .choice(["shapes"]), .defaultsTo(.string("shapes")),
          "`shapes`: discs, squares and triangles"),
        .init("count", .int(1...100_000_000), .defaultsTo(.int(10_000)), "how many there are"),
      ] + common),
  ]
}

extension SpecCatalog {
  /// All that a model may name.
  public static let standard = SpecCatalog(
    layers: LayerDefinition.all.map(\.schema), losses: LossDefinition.all.map(\.schema),
    optimizers: OptimizerDefinition.all.map(\.schema), dataSources: DataSourceSchemas.all)
}
