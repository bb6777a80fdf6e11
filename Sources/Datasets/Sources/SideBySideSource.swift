import Files
import Interchange
import ModelSpec

/// Images whose left and right halves are pairs, as the data sets of pix2pix are.
///
/// Source: P. Isola, J. Zhu, T. Zhou, A. Efros, "Image-to-Image Translation with Conditional Adversarial
/// Networks" (CVPR 2017).
public struct SideBySideSource: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "side_by_side",
        "A folder of PNG and JPEG files whose halves are pairs. `input` is one half, `real` the other.",
        primary: "path",
        [
          .init("path", .path, .required, "the folder"),
          .init(
            "input", .choice(["left", "right"]), .defaultsTo(.string("left")), "the half that is given"),
          DataSourceDefinition.inputChannels,
        ] + DataSourceDefinition.fileAttributes),
      fields: { DataField.pair(inputChannels: $0.int("input_channels")) }),
    readsFiles: true,
    open: { context throws(FileError) in
      [
        try SideBySideSource(
          path: context.path("path"),
          try .init(.atLeast(width: 2 * context.width, height: context.height), context),
          inputIsLeft: context.configured.string("input") == "left")
      ]
    })

  private let files: ImageFolder
  private let inputIsLeft: Bool

  /// - Throws: `FileError` where the folder cannot be read or holds no image.
  init(path: String, _ reading: ImageFolder.Reading, inputIsLeft: Bool = true) throws(FileError) {
    files = try ImageFolder(path, reading)
    self.inputIsLeft = inputIsLeft
  }

  public var count: Int { files.paths.count }
  public var imageFields: [String] { ["input", "real"] }
  public var byteCount: Int { files.byteCount }

  public var passedOver: PassedOver { files.passedOver }

  public func images(at index: Int) throws(FileError) -> [SourceImage] {
    let source = try files.image(at: index)
    let image = source.image
    guard image.width >= 2, image.width.isMultiple(of: 2) else {
      throw FileError(
        path: files.paths[index],
        reason: "is \(image.width) pixels wide, which does not make two halves of one width")
    }
    let left = image.cropped(left: 0, top: 0, width: image.width / 2, height: image.height)
    let right = image.cropped(left: image.width / 2, top: 0, width: image.width / 2, height: image.height)
    let file = source.file.map(Self.half)
    // The file counts once.
    return inputIsLeft
      ? [SourceImage(left, file), SourceImage(right)] : [SourceImage(right, file), SourceImage(left)]
  }

  public func files(at index: Int) throws(FileError) -> [SourceFile] {
    [Self.half(try files.file(at: index))]
  }

  /// What is true of a file's halves.
  private static func half(_ file: SourceFile) -> SourceFile {
    var facts = file.facts
    facts.width = max(facts.width / 2, 1)
    return SourceFile(path: file.path, facts: facts)
  }
}
