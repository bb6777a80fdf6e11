import Files

/// Paths and files, as far as a model names them.
enum FilePath {
  /// The bytes of a file, at most a little more than a model may have.
  ///
  /// - Parameter mayWait: Whether the file may be a pipe or a terminal, as on the command line.
  static func read(_ path: String, mayWait: Bool) -> Result<[UInt8], FileError> {
    Result { () throws(FileError) in
      if mayWait { return try readStream(at: path, limit: YAMLLimit.bytes) }
      return try readFile(at: path, limit: YAMLLimit.bytes)
    }
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `path` in a folder (empty is the current one), or nil where it leads out of it.
  static func inside(_ folder: String, _ path: String) -> String? {
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !path.hasPrefix("/"), !parts.isEmpty, !parts.contains("..") else { return nil }
    let full = join(folder, parts.joined(separator: "/"))
    // A link may lead out, too. A file that does not exist is nobody's.
    guard let real = realPath(full), let root = realPath(folder.isEmpty ? "." : folder) else { return full }
    return real.hasPrefix(root == "/" ? root : root + "/") ? full : nil
  }

  /// The path with the user's own folder in the place of `~` at its beginning, as shells have it.
  static func replacingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = homeFolder() else { return path }
    return home + path.dropFirst()
  }

  static func join(_ folder: String, _ path: String) -> String {
    if path.hasPrefix("/") || folder.isEmpty { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The absolute path: without links where the file exists, else below the current folder as written.
  static func absolute(_ path: String) -> String {
    if let real = realPath(path) { return real }
    return path.hasPrefix("/") ? path : join(realPath(".") ?? "", path)
  }
}
