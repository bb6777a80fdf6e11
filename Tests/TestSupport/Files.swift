import Foundation

/// The package's root, as seen from a source file of its tests.
public func packageRoot(_ file: String = #filePath) -> String {
  let parts = file.split(separator: "/", omittingEmptySubsequences: false)
  guard let tests = parts.lastIndex(of: "Tests") else { return "." }
  return parts[..<tests].joined(separator: "/")
}

/// The paths of the files below a folder that end in `suffix`, relative to it and sorted.
///
/// A folder that is not there ends the test: a list that is empty by mistake would pass all that it drives.
public func files(in folder: String, endingIn suffix: String) -> [String] {
  guard let paths = FileManager.default.subpaths(atPath: folder) else { fatalError("no folder \(folder)") }
  return paths.filter { $0.hasSuffix(suffix) }.sorted()
}

/// The paths of the models that lie in a folder of this repository, but not deeper, sorted.
public func modelPaths(in folder: String) -> [String] {
  let folder = "\(packageRoot())/\(folder)"
  return files(in: folder, endingIn: ".yaml").filter { !$0.contains("/") }.map { "\(folder)/\($0)" }
}

/// Runs with the path of a new folder, which is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path) }
}
