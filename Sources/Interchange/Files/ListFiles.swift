import Glibc

/// The paths of all files in a folder and its subfolders, each beginning with the folder's path, in the
/// order of their UTF-8 bytes: the same on every machine, in every locale.
///
/// Names that begin with a dot are left out, and so is what lies in such folders: they are the system's
/// and other programs' own. Symbolic links are followed; a folder that is reached twice is listed once.
///
/// - Throws: `FileError` where a folder cannot be read; it names that folder.
public func listFiles(in folder: String) throws(FileError) -> [String] {
  var walk = FolderWalk()
  try walk.visit(folder)
  return walk.files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Whether a path leads to a folder, through symbolic links too.
public func isFolder(_ path: String) -> Bool { FolderIdentity(path) != nil }

/// What a folder has in common with itself under another path.
private struct FolderIdentity: Hashable {
  var device: dev_t
  var inode: ino_t

  /// Nil where the path leads to no folder.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    device = status.st_dev
    inode = status.st_ino
  }
}

private struct FolderWalk {
  private(set) var files: [String] = []
  /// A link to a folder above it would lead around for ever.
  private var visited: Set<FolderIdentity> = []

  mutating func visit(_ folder: String) throws(FileError) {
    if let identity = FolderIdentity(folder), !visited.insert(identity).inserted { return }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for name in try entryNames(ofFolder: folder) where !name.hasPrefix(".") {
      if isFolder(prefix + name) {
        try visit(prefix + name)
      } else {
        files.append(prefix + name)
      }
    }
  }
}
