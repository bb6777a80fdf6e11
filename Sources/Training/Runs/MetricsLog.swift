import Files
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

  /// What of the steps before is lost.
  public struct Damage: Hashable, Sendable {
    /// The steps without a row, in ascending order.
    public var missing: [ClosedRange<Int>]

    public var count: Int { missing.reduce(0) { $0 + $1.count } }
  }

  /// The last rows of the steps before, as many as the rules of the diagnosis look at.
  let precedingRows: [MetricsRow]
  /// Nil where the log has a row for every step before.
  public let damage: Damage?

  /// Opens the log of a run, and creates it where there is none.
  ///
  /// Lines that cannot be read are left out, and what can be read is kept: a log decides over no run.
  ///
  /// - Parameters:
  ///   - step: The step of the checkpoint that the run continues from; zero for a new run. Rows of later
  ///     steps, which will be made again, are cut off, and so is a last line that a kill left incomplete.
  ///   - flushInterval: The longest time that a row is kept back while others follow.
  /// - Throws: `FileError` where the system fails.
  public init(
    path: String, continuingAfter step: Int = 0, flushInterval: Duration = .seconds(1)
  ) throws(FileError) {
    var file = try AppendingFile(path: path)
    let contents = LogContents(try readFile(at: path), upTo: step)
    if let end = contents.soundEnd {
      try file.truncate(to: end)
    } else {
      try writeFileAtomically(contents.soundLines, to: path)
      file = try AppendingFile(path: path)
    }
    damage = contents.missing.isEmpty ? nil : Damage(missing: contents.missing)
    precedingRows = contents.rows.suffix(RunDiagnosis.longestWindow)
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
  /// The rows of the first `step` steps that can be read.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public static func rows(contentsOf path: String, upTo step: Int = .max) throws(FileError) -> [MetricsRow] {
    LogContents(try readFile(at: path), upTo: step).rows
  }
}

/// What can be read of a log's bytes.
private struct LogContents {
  /// In the order of their steps, each step once.
  private(set) var rows: [MetricsRow] = []
  /// Their lines, with their ends.
  private(set) var soundLines: [UInt8] = []
  /// Where they end in the file, if nothing else stands between them; nil where something does.
  private(set) var soundEnd: Int?
  /// The steps without a row.
  private(set) var missing: [ClosedRange<Int>] = []

  init(_ bytes: [UInt8], upTo step: Int) {
    var found: [(row: MetricsRow, range: Range<Int>)] = []
    var end = 0
    var start = 0
    // A line without its end was torn.
    while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if let row = try? MetricsRow(json: bytes[start..<newline]), row.step >= 1, row.step <= step {
        found.append((row, start..<newline + 1))
        end = newline + 1
      }
      start = newline + 1
    }
    let ordered = found.enumerated().sorted {
      ($0.element.row.step, $0.offset) < ($1.element.row.step, $1.offset)
    }
    var last = 0
    for (row, range) in ordered.map(\.element) {
      // Of two rows of a step the first stands: what follows it was copied there.
      if row.step == last { continue }
      if row.step > last + 1 { missing.append(last + 1...row.step - 1) }
      last = row.step
      rows.append(row)
      soundLines += bytes[range]
    }
    if step < .max, last < step { missing.append(last + 1...step) }
    soundEnd = Array(bytes[..<end]) == soundLines ? end : nil
  }
}
