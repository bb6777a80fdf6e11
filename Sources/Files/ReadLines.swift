/// Reads the lines of a file one after another, of which it keeps a part at a time.
///
/// - Parameters:
///   - longest: The most bytes of a line; of a longer one the body is told that it is there.
///   - body: Gets a line without its end, nil for one that is too long, and where the next begins. What stands behind
///     the last line's end is no line.
/// - Throws: `FileError` where the path leads to no regular file, the system fails, or the body throws.
package func readLines(
  ofFileAt path: String, longest: Int = 1 << 20,
  _ body: (_ line: [UInt8]?, _ end: Int) throws(FileError) -> Void
) throws(FileError) {
  let file = try OpenFile(reading: path)
  _ = try file.regularFileSize()
  var line: [UInt8] = []
  var isTooLong = false
  var offset = 0
  while true {
    let part = try file.read(count: 1 << 16, of: UInt8.self)
    if part.isEmpty { return }
    var start = 0
    while let newline = part[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let rest = part[start..<newline]
      let isWhole = !isTooLong && line.count + rest.count <= longest
      try body(isWhole ? line + rest : nil, offset + newline + 1)
      line.removeAll(keepingCapacity: true)
      isTooLong = false
      start = newline + 1
    }
    if line.count + part.count - start > longest { isTooLong = true }
    if !isTooLong { line += part[start...] }
    offset += part.count
  }
}
