import Glibc
import Interchange

/// A new empty folder, removed with everything below it when the value ends.
final class ScratchFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/graphc-tests-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { fatalError("mkdtemp: \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// A folder is not unlinked but emptied; a link to one is.
  private static func remove(_ path: String) {
    if unsafe unlink(path) == 0 { return }
    for name in (try? entryNames(ofFolder: path)) ?? [] { remove("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
