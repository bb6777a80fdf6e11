import ArgumentParser
import Files

/// What commands take that write files where the user says.
struct OutputOptions: ParsableArguments {
  @Flag(name: .customLong("force"), help: "Overwrite files that exist.")
  var overwrites = false

  var replacement: Replacement { overwrites ? .file : .nothing }

  /// Looks whether a file may be written, before any work is done for it.
  ///
  /// - Throws: `FileError` where it may not.
  func check(_ path: String) throws(FileError) {
    if !overwrites, try FileStatus(ofFileAt: path, followingLinks: false)?.kind == .regularFile {
      throw FileError(path: path, reason: "exists already; name another, or overwrite it with --force")
    }
    try checkDestination(path, replacement)
  }
}
