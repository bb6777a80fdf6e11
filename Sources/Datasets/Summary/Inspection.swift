import Files
import Interchange
import ModelSpec

extension Dataset {
  /// Opens data to look at it: every image is decoded, and those that cannot be are told of in the summary.
  ///
  /// - Throws: `FileError` where no image can be read.
  public init(
    inspecting spec: Configured, channels: Int, height: Int, width: Int, seed: Int, threads: Int
  ) throws(FileError) {
    var spec = spec
    if spec.attributes["broken"] != nil { spec.attributes["broken"] = Spanned(.string("skip")) }
    try self.init(
      spec, channels: channels, height: height, width: width, seed: seed, threads: threads, memoryLimit: 0)
  }

  /// Opens a folder of images that no model names, to look at it.
  public init(inspectingFolder path: String, threads: Int) throws(FileError) {
    var attributes: [String: Spanned<AttributeValue>] = ["path": Spanned(.path(path, base: ""))]
    for attribute in FolderSource.definition.schema.schema.attributes {
      if case .defaultsTo(let value) = attribute.requirement { attributes[attribute.name] = Spanned(value) }
    }
    try self.init(
      inspecting: Configured(name: Spanned("folder"), attributes: attributes), channels: 3, height: 64,
      width: 64,
      seed: 0, threads: threads)
  }

  /// The images of the first examples, all of one number of channels; of examples of several, one after another.
  ///
  /// - Parameter count: The most images.
  public func firstImages(_ count: Int) throws(FileError) -> [Image] {
    var images: [Image] = []
    for index in 0..<self.count where images.count < count {
      for image in try self.images(at: index) {
        if images.count == count { break }
        images.append(image)
      }
    }
    let channels = images.map(\.channels).max() ?? 3
    return images.map { $0.withChannels(channels) }
  }
}
