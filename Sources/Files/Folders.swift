import Glibc

/// Creates a folder, and those above it that are missing; one that exists stays as it is.
///
/// - Throws: `FileError` where something other than a folder is in the way, or the system fails.
public func createFolder(at path: String) throws(FileError) {
  let characters = path.utf8
  for slash in characters.indices where slash > path.startIndex && characters[slash] == UInt8(ascii: "/") {
    _ = try createNewFolder(at: String(path[..<slash]))
  }
  guard try !createNewFolder(at: path) else { return }
  guard try FileStatus(ofFileAt: path)?.kind == .folder else {
    throw FileError(path: path, reason: "is not a folder")
  }
}

/// Creates a folder in one that exists; false where its name is taken already.
///
/// - Throws: `FileError` where the system fails.
public func createNewFolder(at path: String) throws(FileError) -> Bool {
  guard try unsafe withSystemPath(path, { unsafe mkdir($0, 0o777) }) == 0 else {
    if errno == EEXIST { return false }
    throw .writing(path, code: errno)
  }
  // What is later brought to the device inside the folder lasts only if the folder itself does.
  try OpenFile(folder: folder(of: path), reportedAs: path).synchronize()
  return true
}

/// The names of what a folder holds, sorted by their bytes.
///
/// - Throws: `FileError` where the path leads to no readable folder.
public func entryNames(ofFolder path: String) throws(FileError) -> [String] {
  guard let folder = try unsafe withSystemPath(path, { unsafe opendir($0) }) else {
    throw .reading(path, code: errno)
  }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  errno = 0
  while let entry = unsafe readdir(folder) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe fileName(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
    }
    if name != "." && name != ".." { names.append(name) }
    errno = 0
  }
  // At the folder's end `errno` stays as it was.
  guard errno == 0 else { throw .reading(path, code: errno) }
  return names.sorted(by: FileName.precedes)
}

/// The user's own folder, as the environment names it; nil where it names none.
public func homeFolder() -> String? {
  guard let home = unsafe getenv("HOME") else { return nil }
  let path = unsafe fileName(home)
  return path.isEmpty ? nil : path
}

/// The folder that holds a path's last component.
package func folder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Removes a file, or a link, not what it leads to; one that is not there is no error.
///
/// - Throws: `FileError` where the system refuses.
public func removeFile(at path: String) throws(FileError) {
  if try unsafe withSystemPath(path, { unsafe unlink($0) }) != 0, errno != ENOENT {
    throw .writing(path, code: errno)
  }
}
