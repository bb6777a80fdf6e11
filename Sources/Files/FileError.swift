import Glibc

/// A file that could not be read or written, or that does not hold what it should.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Who has to act on the error.
  public enum Category: Sendable {
    /// The file is missing, or its contents are wrong: the user names another one, or mends it.
    case invalidInput
    /// The system failed: the disk is full, the device broken, the folder not writable.
    case inputOutput
    /// Another process holds what is needed: the same command may work later.
    case busy
  }

  /// The path as the caller gave it.
  public var path: String
  /// What is wrong, as the rest of a sentence that begins with the path.
  public var reason: String
  public var category: Category

  public init(path: String, reason: String, category: Category = .invalidInput) {
    self.path = path
    self.reason = reason
    self.category = category
  }

  /// The exit code of a command that this error ends: `EX_DATAERR` (65), `EX_IOERR` (74) or
  /// `EX_TEMPFAIL` (75) of `sysexits.h`.
  public var exitCode: Int32 {
    switch category {
    case .invalidInput: 65
    case .inputOutput: 74
    case .busy: 75
    }
  }

  public var description: String { "\(path): \(reason)" }
}

extension FileError {
  /// A failure to read: a path that leads to nothing readable is the user's, all else is the system's.
  static func reading(_ path: String, code: Int32) -> FileError {
    let category: Category =
      switch code {
      case ENOENT, ENOTDIR, EISDIR, EACCES, ELOOP, ENAMETOOLONG: .invalidInput
      default: .inputOutput
      }
    return FileError(path: path, reason: "cannot be read: \(systemMessage(code))", category: category)
  }

  static func writing(_ path: String, code: Int32) -> FileError {
    FileError(path: path, reason: "cannot be written: \(systemMessage(code))", category: .inputOutput)
  }

  static func starting(_ program: String, code: Int32) -> FileError {
    FileError(path: program, reason: "cannot be started: \(systemMessage(code))", category: .inputOutput)
  }

  /// Whoever placed a link where a file is to be written chose what is overwritten.
  static func writingThroughLink(_ path: String) -> FileError {
    FileError(path: path, reason: "is a symbolic link, and nothing is written through one")
  }

  /// A file in the place of one that is to be made.
  static func overwriting(_ path: String) -> FileError {
    FileError(path: path, reason: "exists already")
  }

  /// The system's own words for an `errno`, such as "No space left on device".
  private static func systemMessage(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }
}
