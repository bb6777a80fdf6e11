import Glibc

/// A new empty folder, removed with what it holds when the value ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/graphc-tests-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { fatalError("mkdtemp: \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // Whatever a test made; the folders are made by tests in one level.
    for name in names { _ = unsafe remove("\(path)/\(name)") }
    _ = unsafe remove(path)
  }

  /// What the folder holds, sorted.
  var names: [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
