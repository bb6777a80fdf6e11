import Files
import Interchange
import ModelSpec

/// The images of a folder and its subfolders, whose names may be the images' classes.
public struct FolderSource: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "folder", "A folder of PNG and JPEG files, with its subfolders.", primary: "path",
        [
          .init("path", .path, .required, "the folder"),
          .init(
            "labels", .choice(["none", "folders"]), .defaultsTo(.string("none")),
            "`folders`: each subfolder holds the images of a class, and is named like it"),
        ] + DataSourceDefinition.fileAttributes),
      fields: { configured in
        let images = DataField("real", .image(channels: nil))
        return isLabelled(configured) ? [images, DataField("label", .label(classes: nil))] : [images]
      }),
    readsFiles: true,
    open: { context throws(FileError) in
      [
        try FolderSource(
          path: context.path("path"),
          try .init(.covering(width: context.width, height: context.height), context),
          hasClasses: isLabelled(context.configured))
      ]
    })

  private static func isLabelled(_ configured: Configured) -> Bool {
    configured.string("labels") == "folders"
  }

  private let files: ImageFolder
  public let labels: ClassLabels?

  /// Lists the folder.
  ///
  /// - Parameter hasClasses: Whether the folders in it are classes, in the order of their names' bytes.
  /// - Throws: `FileError` where the folder is missing or cannot be read, or holds no image; and with
  ///   classes, where a folder holds no image or an image lies in none.
  init(path: String, _ reading: ImageFolder.Reading, hasClasses: Bool = false) throws(FileError) {
    files = try ImageFolder(path, reading)
    labels = hasClasses ? try Self.classes(of: files) : nil
  }

  private static func classes(of files: ImageFolder) throws(FileError) -> ClassLabels {
    let prefix = files.folder.hasSuffix("/") ? files.folder : files.folder + "/"
    let names = try entryNames(ofFolder: files.folder).filter { !$0.hasPrefix(".") && isFolder(prefix + $0) }
    guard !names.isEmpty else {
      throw FileError(
        path: files.folder,
        reason: "holds no folder, and `labels: folders` takes each for a class: put the images of a class"
          + " into a folder of its name")
    }
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    var counts = [Int](repeating: 0, count: names.count)
    var indices: [Int32] = []
    indices.reserveCapacity(files.paths.count)
    for index in files.paths.indices {
      let name = files.name(at: index)
      guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")),
        let number = numbers[String(name[..<slash])]
      else {
        throw FileError(
          path: files.paths[index],
          reason:
            "lies in no class: with `labels: folders`, each image lies in a folder that is named like its"
            + " class")
      }
      indices.append(number)
      counts[Int(number)] += 1
    }
    if let empty = counts.firstIndex(of: 0) {
      throw FileError(
        path: prefix + names[empty],
        reason: "holds no image, and `labels: folders` takes it for a class: put images into it, or remove it"
      )
    }
    return ClassLabels(names: names, indices: indices)
  }

  public var count: Int { files.paths.count }
  public var byteCount: Int { files.byteCount }
  public var passedOver: PassedOver { files.passedOver }
  public func images(at index: Int) throws(FileError) -> [SourceImage] { [try files.image(at: index)] }
  public func files(at index: Int) throws(FileError) -> [SourceFile] { [try files.file(at: index)] }
}
