import Files
import Interchange
import ModelSpec

/// Pictures that a user gives to a network which makes images of images: a PNG or JPEG file, or those of a
/// folder and its subfolders.
///
/// They are read as a model's data is: brought to the same size and channels, in the same range of values.
public struct GivenPictures: Sendable {
  /// The pictures' paths below the folder, in the order of their bytes.
  public let names: [String]
  private let paths: [String]
  private let request: ImageRequest
  private let shape: ExampleStore.Shape
  private let levels: [Float]

  /// Lists them; none is decoded.
  ///
  /// - Parameters:
  ///   - data: What the model says of its data: the range, and what shows through transparent pixels.
  ///   - channels: 1, 3 or 4.
  /// - Throws: `FileError` where there is no such file or folder, or the folder holds no picture.
  public init(
    at path: String, like data: Configured?, channels: Int, height: Int, width: Int
  ) throws(FileError) {
    guard [1, 3, 4].contains(channels), Image.canHold(width: width, height: height) else {
      throw FileError(
        path: path,
        reason: "cannot give images of \(channels)×\(height)×\(width): pictures have 1, 3 or 4 channels")
    }
    let reading = try ImageFolder.Reading(
      .covering(width: width, height: height), channels: channels, data)
    if isFolder(path) {
      let folder = try ImageFolder(path, reading)
      paths = folder.paths
      names = folder.paths.indices.map { String(folder.name(at: $0)) }
    } else {
      paths = [path]
      names = [String(path.split(separator: "/").last ?? "")]
    }
    request = reading.request
    shape = .init(height: height, width: width, channels: channels)
    levels = Dataset.levels(of: data)
  }

  /// A picture at the model's size.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public func image(at index: Int) throws(FileError) -> Image {
    let (image, _) = try Image.read(paths[index], request)
    return image.resizedToCover(width: shape.width, height: shape.height).withChannels(shape.channels)
  }

  /// The values of a picture as `Dataset.fill` writes them.
  public func values(of image: Image) -> [Float] { image.pixels.map { levels[Int($0)] } }
}
