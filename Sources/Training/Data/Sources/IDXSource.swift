import Interchange

/// The images of a file of the MNIST family: grey, all of one size.
public struct IDXSource: ImageSource {
  private let file: IDXFile

  /// - Throws: `FileError` where the file cannot be read, breaks a rule of the format, or holds labels.
  public init(path: String) throws(FileError) {
    try self.init(IDXFile(contentsOf: path), path: path)
  }

  init(_ file: IDXFile, path: String) throws(FileError) {
    guard file.shape.count == 3 else {
      throw FileError(path: path, reason: "holds \(file.shape[0]) labels, not images")
    }
    self.file = file
  }

  public var count: Int { file.shape[0] }
  public var byteCount: Int { file.byteCount }
  public func image(at index: Int) throws(FileError) -> Image { try file.image(at: index) }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? {
    [height, width, channels] == file.shape[1...] + [1] ? try file.allElements() : nil
  }
}
