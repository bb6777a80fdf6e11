import Glibc

/// What a path leads to.
public struct FileStatus: Hashable, Sendable {
  public enum Kind: Sendable {
    case regularFile, folder, symbolicLink
    /// A pipe, a device, a socket.
    case other
  }

  public let kind: Kind
  /// In bytes.
  public let size: Int
  /// Who may read and write it, as `chmod` takes it.
  let permissions: mode_t
  /// Device and inode: what a file has in common with itself under another path.
  let identity: [UInt64]

  /// - Parameters:
  ///   - followingLinks: Whether a symbolic link at the path's end is followed.
  ///   - isForWriting: Whether an error is about a file that is to be written.
  /// - Returns: Nil where the path leads to nothing.
  /// - Throws: `FileError` where the system does not say.
  public init?(ofFileAt path: String, followingLinks: Bool = true, isForWriting: Bool = false)
    throws(FileError)
  {
    var status = stat()
    let result = try unsafe withSystemPath(path) { path in
      unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    }
    guard result == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw isForWriting ? .writing(path, code: errno) : .reading(path, code: errno)
    }
    self.init(status)
  }

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regularFile
      case S_IFDIR: .folder
      case S_IFLNK: .symbolicLink
      default: .other
      }
    size = Int(status.st_size)
    permissions = status.st_mode & 0o777
    identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
  }
}

/// Whether a path leads to a folder, through symbolic links too.
public func isFolder(_ path: String) -> Bool { (try? FileStatus(ofFileAt: path))?.kind == .folder }

/// Whether a path leads to something that this process may read.
public func isReadable(_ path: String) -> Bool {
  (try? unsafe withSystemPath(path) { unsafe access($0, R_OK) }) == 0
}

/// The absolute path without links, or nil where it leads to nothing.
public func realPath(_ path: String) -> String? {
  guard let resolved = unsafe (try? unsafe withSystemPath(path) { unsafe realpath($0, nil) }) ?? nil else {
    return nil
  }
  defer { unsafe free(resolved) }
  return unsafe fileName(resolved)
}
