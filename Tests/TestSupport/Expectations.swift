import Testing

/// Checks a marked text and expects one diagnostic of each code at each mark, and no others.
@discardableResult
public func expect(
  _ marked: String, finds codes: String..., overrides: [String] = [], files: [String: String] = [:],
  at location: SourceLocation = #_sourceLocation
) -> Checked {
  let checked = check(marked, overrides: overrides, files: files)
  #expect(
    checked.findings == checked.expected(codes), "\(checked.rendered)", sourceLocation: location)
  return checked
}
