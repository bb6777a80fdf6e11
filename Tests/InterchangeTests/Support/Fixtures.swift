/// The path of a stored file, `Tests/Fixtures/Interchange/<name>`; the scripts beside it made it.
func fixture(_ name: String, testFile: String = #filePath) -> String {
  let folders = testFile.split(separator: "/", omittingEmptySubsequences: false)
  let tests = folders.dropLast(2).joined(separator: "/")
  return "\(tests)/Fixtures/Interchange/\(name)"
}
