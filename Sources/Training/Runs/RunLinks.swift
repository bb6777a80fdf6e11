import Files

extension RunPaths {
  /// Demands that what a run writes to lies in its folder: whoever hands on a folder with a link in the place of a
  /// file or a folder chooses what is overwritten elsewhere.
  ///
  /// - Throws: `FileError` that names the first link.
  func checkHoldsNoLinks() throws(FileError) {
    for path in [lock, resolvedSpec, classNames, data, metrics, report] { try Self.checkIsNoLink(path) }
    for subfolder in [samples, checkpoints] {
      try Self.checkIsNoLink(subfolder)
      guard isFolder(subfolder) else { continue }
      for name in try entryNames(ofFolder: subfolder) { try Self.checkIsNoLink("\(subfolder)/\(name)") }
    }
  }

  private static func checkIsNoLink(_ path: String) throws(FileError) {
    if try FileStatus(ofFileAt: path, followingLinks: false)?.kind == .symbolicLink {
      throw FileError(path: path, reason: "is a symbolic link, and a run writes to its own folder alone")
    }
  }
}
