import Foundation

/// The package's root, as seen from a source file of its tests.
public func packageRoot(_ file: String = #filePath) -> String {
  let parts = file.split(separator: "/", omittingEmptySubsequences: false)
  guard let tests = parts.lastIndex(of: "Tests") else { return "." }
  return parts[..<tests].joined(separator: "/")
}

/// The paths of the files below a folder that end in `suffix`, relative to it and sorted.
public func files(in folder: String, endingIn suffix: String) -> [String] {
  (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(suffix) }.sorted()
}

/// Runs with the path of a new folder, which is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path) }
}
