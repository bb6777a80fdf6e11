import Interchange

/// The PNG and JPEG files of a folder and its subfolders, in the order of their paths' UTF-8 bytes.
///
/// A file is taken for an image by the end of its name: `.png`, `.jpg` or `.jpeg`, in upper or lower case.
/// Its first bytes then tell its format. Hidden files are left out.
struct ImageFolder: Sendable {
  let folder: String
  /// Each begins with the folder's own.
  let paths: [String]
  private let minimumSize: (width: Int, height: Int)

  /// How the names of images end, in lower case.
  static let suffixes = [".png", ".jpg", ".jpeg"]

  /// Lists the folder; no file is opened.
  ///
  /// - Parameter minimumSize: In pixels, the size that the images are brought to. Large JPEG files are
  ///   decoded at the least size that has as much (`Image.init(contentsOf:minimumSize:)`).
  /// - Throws: `FileError` where the folder is missing or cannot be read, or holds no image.
  init(_ folder: String, minimumSize: (width: Int, height: Int)) throws(FileError) {
    paths = try listFiles(in: folder).filter { file in
      let name = file.lowercased()
      return Self.suffixes.contains { name.hasSuffix($0) }
    }
    self.folder = folder
    self.minimumSize = minimumSize
    if paths.isEmpty {
      throw FileError(path: folder, reason: "holds no file that ends in .png, .jpg or .jpeg")
    }
  }

  /// The images stay in their files; what is kept are their paths.
  var byteCount: Int {
    // A longer text has a block of its own, with 32 bytes before its first.
    paths.reduce(0) { $0 + MemoryLayout<String>.stride + ($1.utf8.count > 15 ? 32 + $1.utf8.count : 0) }
  }

  func image(at index: Int) throws(FileError) -> Image {
    try Image(contentsOf: paths[index], minimumSize: minimumSize)
  }

  func checkHeader(at index: Int) throws(FileError) -> Int {
    try Image.checkHeader(ofFileAt: paths[index], minimumSize: minimumSize)
  }

  /// A file's path below the folder.
  func name(at index: Int) -> Substring {
    Substring(paths[index].utf8.dropFirst(folder.utf8.count + (folder.hasSuffix("/") ? 0 : 1)))
  }
}
