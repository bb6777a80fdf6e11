import Glibc

/// A lock on a file that one process at a time can hold, until the value ends or the process does.
///
/// The file stays when the lock is given up: removing it would let two processes lock two files of the
/// same name. It holds the number of the process that locked it last.
public struct FileLock: ~Copyable, Sendable {
  private let file: OpenFile

  /// Locks a file, which is created where there is none, without waiting.
  ///
  /// - Parameter subject: What the lock guards, as the error names it.
  /// - Throws: `FileError`, of the category `busy` where another process holds the lock.
  public init(path: String, guarding subject: String) throws(FileError) {
    let file = try OpenFile(appending: path)
    guard try file.tryLock() else {
      let holder = try file.read(count: 20, of: UInt8.self)
      let process = Int(String(decoding: holder, as: UTF8.self).split(separator: "\n").first ?? "")
      throw FileError(
        path: subject, reason: "is in use by another process\(process.map { " (\($0))" } ?? "")",
        category: .busy)
    }
    try file.truncate(to: 0)
    let process = Array("\(getpid())\n".utf8)
    try file.write(process)
    self.file = file
  }
}
