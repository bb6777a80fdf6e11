import Glibc

/// Paths and files, as far as a model names them.
enum FilePath {
  struct Failure: Error {
    /// The system's words.
    var reason: String
  }

  /// The bytes of a file, at most a little more than a model may have.
  static func read(_ path: String) -> Result<[UInt8], Failure> {
    guard let file = unsafe fopen(path, "rb") else { return .failure(lastFailure) }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= YAMLLimit.bytes {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return unsafe ferror(file) == 0 ? .success(bytes) : .failure(lastFailure)
  }

  private static var lastFailure: Failure { Failure(reason: unsafe String(cString: strerror(errno))) }

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
    guard let real = Self.real(full), let root = Self.real(folder.isEmpty ? "." : folder) else { return full }
    return real.hasPrefix(root == "/" ? root : root + "/") ? full : nil
  }

  /// The path with the user's own folder in the place of `~` at its beginning, as shells have it.
  static func replacingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"),
      let home = unsafe getenv("HOME").map({ unsafe String(cString: $0) }),
      !home.isEmpty
    else { return path }
    return home + path.dropFirst()
  }

  static func join(_ folder: String, _ path: String) -> String {
    if path.hasPrefix("/") || folder.isEmpty { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The absolute path without links, or nil where there is no such file.
  static func real(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The absolute path: without links where the file exists, else below the current folder as written.
  static func absolute(_ path: String) -> String {
    if let real = real(path) { return real }
    return path.hasPrefix("/") ? path : join(real(".") ?? "", path)
  }
}
