import Glibc

extension OpenFile {
  /// Opens a file that another file names, and no file outside of a folder.
  ///
  /// Each part of the way is opened by itself and may not be a symbolic link: what was checked is what is read.
  ///
  /// - Parameters:
  ///   - location: Relative to the folder.
  ///   - path: The file that names it, which errors tell.
  package init(beneath folder: String, location: String, namedBy path: String) throws(FileError) {
    let quoted = "`\(location)`"
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    let isInside = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
    guard isInside, location.utf8.count <= 4096 else {
      throw FileError(
        path: path, reason: "names the file \(quoted), and only files in its own folder may be read")
    }
    var descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard descriptor >= 0 else { throw .reading(path, code: errno) }
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (isLast ? O_NONBLOCK : O_DIRECTORY)
      let next = unsafe openat(descriptor, String(part), flags)
      let code = errno
      close(descriptor)
      guard next >= 0 else {
        if code == ELOOP || code == ENOTDIR {
          throw FileError(
            path: path,
            reason: "names the file \(quoted), on whose way is a symbolic link: put the file itself there")
        }
        throw FileError(
          path: path,
          reason: "names the file \(quoted), which cannot be read: \(unsafe String(cString: strerror(code)))")
      }
      descriptor = next
    }
    self.init(adopting: descriptor, path: folder + location, reportedAs: path)
  }
}
