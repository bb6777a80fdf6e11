/// What lies in a folder and its subfolders.
///
/// Names that begin with a dot are left out, and so is what lies in such folders: they are the system's and
/// other programs' own. Symbolic links are followed to files, and to folders as far as those lie in the folder
/// itself, or wherever they lead; a folder that is reached twice is listed once.
public struct FolderListing: Sendable {
  /// The paths of all files, each beginning with the folder's path, in the order of their bytes: the same on
  /// every machine, in every locale.
  public private(set) var files: [String] = []
  /// Why subfolders could not be read.
  public private(set) var unreadable: [FileError] = []
  /// The paths of links to folders elsewhere that were not followed.
  public private(set) var outside: [String] = []
  private let root: String
  private let followsLinks: Bool
  /// A link to a folder above it would lead around for ever.
  private var visited: Set<String> = []

  /// - Parameter followsLinks: Whether links to folders elsewhere are followed.
  /// - Throws: `FileError` where the folder itself cannot be read.
  public init(_ folder: String, followsLinks: Bool = false) throws(FileError) {
    root = realPath(folder) ?? folder
    self.followsLinks = followsLinks
    visited = [root]
    try list(folder, entryNames(ofFolder: folder))
    files.sort(by: FileName.precedes)
    unreadable.sort { FileName.precedes($0.path, $1.path) }
    outside.sort(by: FileName.precedes)
  }

  private mutating func list(_ folder: String, _ names: [String]) throws(FileError) {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for name in names where !name.hasPrefix(".") {
      let path = prefix + name
      guard isFolder(path) else {
        files.append(path)
        continue
      }
      let real = realPath(path) ?? path
      let isInside = real.hasPrefix(root == "/" ? root : root + "/") || real == root
      if !isInside, !followsLinks {
        outside.append(path)
        continue
      }
      guard visited.insert(real).inserted else { continue }
      do throws(FileError) {
        try list(path, entryNames(ofFolder: path))
      } catch { unreadable.append(error) }
    }
  }
}
