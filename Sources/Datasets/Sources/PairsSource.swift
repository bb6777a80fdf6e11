import Files
import Interchange
import ModelSpec

/// Two folders of images that belong together by their names: what is given, and what is to be made of it.
public struct PairsSource: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "pairs",
        "Two folders of PNG and JPEG files; files of one name, whatever its ending, are a pair. `input` is the"
          + " first's image, `real` the second's.",
        [
          .init("input", .path, .required, "the folder with the images that are given"),
          .init("target", .path, .required, "the folder with what is to be made of them"),
          DataSourceDefinition.inputChannels,
        ] + DataSourceDefinition.fileAttributes),
      fields: { DataField.pair(inputChannels: $0.int("input_channels")) }),
    readsFiles: true,
    open: { context throws(FileError) in
      [
        try PairsSource(
          input: context.path("input"), target: context.path("target"),
          try .init(.covering(width: context.width, height: context.height), context))
      ]
    })

  private let inputs: ImageFolder
  private let targets: ImageFolder

  /// - Throws: `FileError` where a folder cannot be read or holds no image, or an image has no partner.
  init(input: String, target: String, _ reading: ImageFolder.Reading) throws(FileError) {
    inputs = try ImageFolder(input, reading)
    targets = try ImageFolder(target, reading)
    let (inputNames, targetNames) = (try Self.names(of: inputs), try Self.names(of: targets))
    try Self.requirePartners(of: inputNames, in: inputs, among: targetNames, of: targets)
    try Self.requirePartners(of: targetNames, in: targets, among: inputNames, of: inputs)
    // Equal names in equal order, as long as no ending moved one: `a.png`, `a-1.png`.
    inputOrder = inputNames.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    targetOrder = targetNames.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
  }

  /// The places of each pair's files in their folders.
  private let inputOrder: [Int]
  private let targetOrder: [Int]

  /// Each file's place by its path below the folder, without its ending.
  private static func names(of files: ImageFolder) throws(FileError) -> [String: Int] {
    var names: [String: Int] = [:]
    for index in files.paths.indices {
      let name = files.name(at: index)
      let stem = String(name[..<(name.utf8.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex)])
      if let first = names.updateValue(index, forKey: stem) {
        throw FileError(
          path: files.paths[index],
          reason: "has the name of \(files.paths[first]) but for the ending: which of them belongs to a pair"
            + " is not clear, so remove one")
      }
    }
    return names
  }

  private static func requirePartners(
    of names: [String: Int], in files: ImageFolder, among others: [String: Int], of otherFiles: ImageFolder
  ) throws(FileError) {
    let alone = names.filter { others[$0.key] == nil }.map(\.value).sorted()
    guard let first = alone.first else { return }
    let more = alone.dropFirst().prefix(2).map { String(files.name(at: $0)) }
    let rest = alone.count - 1 - more.count
    let others =
      (more.isEmpty ? "" : "; so have not: \(more.joined(separator: ", "))")
      + (rest > 0 ? " and \(rest) more" : "")
    throw FileError(
      path: files.paths[first],
      reason: "has no partner of its name, whatever the ending, in \(otherFiles.folder)\(others)")
  }

  public var count: Int { inputOrder.count }
  public var imageFields: [String] { ["input", "real"] }

  public var byteCount: Int {
    inputs.byteCount + targets.byteCount + 2 * inputOrder.count * MemoryLayout<Int>.stride
  }

  public var passedOver: PassedOver { inputs.passedOver + targets.passedOver }

  public func images(at index: Int) throws(FileError) -> [SourceImage] {
    [try inputs.image(at: inputOrder[index]), try targets.image(at: targetOrder[index])]
  }

  public func files(at index: Int) throws(FileError) -> [SourceFile] {
    [try inputs.file(at: inputOrder[index]), try targets.file(at: targetOrder[index])]
  }
}

extension DataField {
  /// What sources of pairs give.
  static func pair(inputChannels: Int?) -> [DataField] {
    [DataField("input", .image(channels: inputChannels)), DataField("real", .image(channels: nil))]
  }
}
