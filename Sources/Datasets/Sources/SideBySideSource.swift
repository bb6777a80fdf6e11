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
          path: context.path("path"), minimumSize: (context.width, context.height),
          inputIsLeft: context.configured.string("input") == "left")
      ]
    })

  private let files: ImageFolder
  private let inputIsLeft: Bool

  /// - Parameter minimumSize: In pixels, what each half is brought to.
  /// - Throws: `FileError` where the folder cannot be read or holds no image.
  public init(
    path: String, minimumSize: (width: Int, height: Int), inputIsLeft: Bool = true
  ) throws(FileError) {
    files = try ImageFolder(path, minimumSize: (2 * minimumSize.width, minimumSize.height))
    self.inputIsLeft = inputIsLeft
  }

  public var count: Int { files.paths.count }
  public var imageFields: [String] { ["input", "real"] }
  public var byteCount: Int { files.byteCount }

  public func images(at index: Int) throws(FileError) -> [Image] {
    let image = try files.image(at: index)
    guard image.width >= 2, image.width.isMultiple(of: 2) else {
      throw FileError(
        path: files.paths[index],
        reason: "is \(image.width) pixels wide, which does not make two halves of one width")
    }
    let left = image.cropped(left: 0, top: 0, width: image.width / 2, height: image.height)
    let right = image.cropped(left: image.width / 2, top: 0, width: image.width / 2, height: image.height)
    return inputIsLeft ? [left, right] : [right, left]
  }

  public func checkHeaders(at index: Int) throws(FileError) -> Int { try files.checkHeader(at: index) }
}
