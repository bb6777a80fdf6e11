import ArgumentParser
import Datasets
import Files
import ModelSpec
import Training

/// The pictures that a user gives to a network, and the input that takes them.
struct GivenInput {
  /// The input's.
  let name: String
  let pictures: GivenPictures

  /// Finds the one input that takes pictures.
  ///
  /// - Throws: An error for a network that takes none, or several; `FileError` where there are no pictures.
  init(to network: NetworkSpec, of model: ModelSpec, at path: String) throws {
    let names = Sampler.conditions(of: network, in: model)
    guard let name = names.first else {
      throw fail("the \(network.name) makes images of noise: leave --input out", Exit.invalidInput)
    }
    guard names.count == 1, let input = network.inputs.first(where: { $0.name == name }) else {
      throw fail(
        "the \(network.name) takes \(names.map { "`\($0)`" }.joined(separator: " and ")), and --input gives one picture",
        Exit.invalidInput)
    }
    let shape: [Int]
    switch input.type.value {
    case .extents(let extents) where extents.count == 3: shape = extents
    case .image: shape = [model.channels.value, model.height.value, model.width.value]
    case .extents, .latent, .label, .draw:
      throw fail("the \(network.name) takes no pictures as `\(name)`", Exit.invalidInput)
    }
    self.name = name
    pictures = try GivenPictures(
      at: path, like: model.train.data, channels: shape[0], height: shape[1], width: shape[2])
  }

  /// Where what is made of each picture goes: below the folder as the picture was below its own, as PNG.
  ///
  /// - Throws: `FileError` for two pictures whose names differ in their endings alone.
  func fileNames(in folder: String) throws(FileError) -> [String] {
    var owners: [String: String] = [:]
    var names: [String] = []
    for name in pictures.names {
      let start = name.lastIndex(of: "/") ?? name.startIndex
      let dot = name[start...].lastIndex(of: ".") ?? name.endIndex
      let path = "\(folder)/\(name[..<dot]).png"
      if let owner = owners.updateValue(name, forKey: path) {
        throw FileError(
          path: path, reason: "would be written for both \(owner) and \(name): give them other names")
      }
      names.append(path)
    }
    return names
  }
}
