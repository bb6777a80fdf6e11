import Foundation

/// A new empty folder, removed with everything below it when the value ends.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    let folder = FileManager.default.temporaryDirectory.appending(path: "graphc-tests-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      fatalError("no folder for a test: \(error)")
    }
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// What the folder holds, sorted.
  public var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  public func file(_ name: String) -> String { "\(path)/\(name)" }
}
