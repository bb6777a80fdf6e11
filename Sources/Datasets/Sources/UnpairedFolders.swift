import Files
import Interchange
import ModelSpec

/// Two folders of images of which any may be met with any other.
///
/// Source: J. Zhu, T. Park, P. Isola, A. Efros, "Unpaired Image-to-Image Translation using Cycle-Consistent
/// Adversarial Networks" (ICCV 2017).
enum UnpairedFolders {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "unpaired",
        "Two folders of PNG and JPEG files, of two kinds of images. `a` is an image of the first, `b` one of the"
          + " second, drawn anew for each `a`.",
        [
          .init("a", .path, .required, "the folder with the first kind"),
          .init("b", .path, .required, "the folder with the second kind"),
        ] + DataSourceDefinition.fileAttributes),
      fields: { _ in DataField.unpaired }),
    readsFiles: true,
    open: { context throws(FileError) in
      let reading = try ImageFolder.Reading(.covering(width: context.width, height: context.height), context)
      return [
        NamedImages("a", try FolderSource(path: context.path("a"), reading)),
        NamedImages("b", try FolderSource(path: context.path("b"), reading)),
      ]
    })
}

extension DataField {
  /// What sources of two kinds of images give.
  static let unpaired = [DataField("a", .image(channels: nil)), DataField("b", .image(channels: nil))]
}

/// The images of a source of one image an example, under another name.
struct NamedImages: ExampleSource {
  private let source: any ExampleSource
  let imageFields: [String]

  init(_ name: String, _ source: any ExampleSource) {
    precondition(source.imageFields.count == 1, "a name is for one image")
    self.source = source
    imageFields = [name]
  }

  var count: Int { source.count }
  var byteCount: Int { source.byteCount }
  var keepingLimit: Int { source.keepingLimit }
  var passedOver: PassedOver { source.passedOver }
  func images(at index: Int) throws(FileError) -> [SourceImage] { try source.images(at: index) }
  func files(at index: Int) throws(FileError) -> [SourceFile] { try source.files(at: index) }
}
