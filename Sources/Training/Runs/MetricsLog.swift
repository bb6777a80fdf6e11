import Interchange

/// The rows of a run, a line of JSON each, in a file that grows at its end.
///
/// Rows are kept back for a second at most while steps are made, so that a fast loop does not wait for the
/// file system. `synchronize()` comes before each checkpoint: no checkpoint knows more steps than the log.
public final class MetricsLog {
  private var file: AppendingFile
  private var pending: [UInt8] = []
  private var lastFlush = ContinuousClock.now
  private let flushInterval: Duration

  /// Opens the log of a run, and creates it where there is none.
  ///
  /// - Parameters:
  ///   - step: The step of the checkpoint that the run continues from; zero for a new run. Rows of later
  ///     steps, which will be made again, are cut off, and so is a last line that a kill left incomplete.
  ///   - flushInterval: The longest time that a row is kept back while others follow.
  /// - Throws: `FileError` where the system fails or a line in between is no row.
  public init(
    path: String, continuingAfter step: Int = 0, flushInterval: Duration = .seconds(1)
  ) throws(FileError) {
    var file = try AppendingFile(path: path)
    try file.truncate(to: Self.read(path, upTo: step).end)
    self.file = file
    self.flushInterval = flushInterval
  }

  deinit { try? flush() }

  /// - Throws: `FileError` where the system fails; the rows kept back are then still kept, and the file is
  ///   as before.
  public func append(_ row: MetricsRow) throws(FileError) {
    pending += Array(row.json.utf8)
    pending.append(UInt8(ascii: "\n"))
    if ContinuousClock.now - lastFlush >= flushInterval { try flush() }
  }

  /// Hands all rows to the system: readers see them, and they outlive the process.
  public func flush() throws(FileError) {
    lastFlush = .now
    try file.append(pending)
    pending.removeAll(keepingCapacity: true)
  }

  /// Brings all rows to the device: they outlive a power cut.
  public func synchronize() throws(FileError) {
    try flush()
    try file.synchronize()
  }
}

extension MetricsLog {
  /// The rows of the first `step` steps that a log holds.
  ///
  /// - Throws: `FileError` where the file cannot be read or a line in between is no row.
  public static func rows(contentsOf path: String, upTo step: Int = .max) throws(FileError) -> [MetricsRow] {
    try read(path, upTo: step).rows
  }

  /// The rows of the first `step` steps, and where they end in the file, in bytes.
  private static func read(
    _ path: String, upTo step: Int
  ) throws(FileError) -> (rows: [MetricsRow], end: Int) {
    let bytes = try readFile(at: path)
    var rows: [MetricsRow] = []
    var end = 0
    // A line without its end was torn.
    while let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
      do throws(MalformedText) {
        let row = try MetricsRow(json: bytes[end..<newline])
        if row.step > step { break }
        rows.append(row)
      } catch {
        if newline == bytes.endIndex - 1 { break }
        throw FileError(path: path, reason: "line \(rows.count + 1) is not a row of metrics: \(error.reason)")
      }
      end = newline + 1
    }
    return (rows, end)
  }
}
