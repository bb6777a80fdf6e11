/// The path of a stored file, `Tests/Fixtures/Interchange/<name>`.
func fixture(_ name: String, supportFile: String = #filePath) -> String {
  let tests = supportFile.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
  return "\(tests.joined(separator: "/"))/Fixtures/Interchange/\(name)"
}
