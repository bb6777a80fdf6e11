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
    var survey = try LogSurvey(path, upTo: step)
    if !survey.isInOrder {
      try writeFileAtomically(soundLines(try readFile(at: path), upTo: step), to: path)
      file = try AppendingFile(path: path)
      survey = try LogSurvey(path, upTo: step)
    }
    try file.truncate(to: survey.soundEnd)
    damage = survey.missing.isEmpty ? nil : Damage(missing: survey.missing)
    precedingRows = survey.lastRows
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
  /// Goes through the rows of the first `step` steps that can be read, in the order of their steps, each step once.
  /// Rows that stand behind one of a later step are left out; opening the log puts them in their place.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public static func visitRows(
    of path: String, upTo step: Int = .max, _ body: (MetricsRow) -> Void
  ) throws(FileError) {
    var last = 0
    try readLines(ofFileAt: path) { (line, _) throws(FileError) in
      guard let row = soundRow(line, upTo: step), row.step > last else { return }
      last = row.step
      body(row)
    }
  }

  /// The rows that `visitRows` goes through.
  public static func rows(contentsOf path: String, upTo step: Int = .max) throws(FileError) -> [MetricsRow] {
    var rows: [MetricsRow] = []
    try visitRows(of: path, upTo: step) { rows.append($0) }
    return rows
  }
}

/// The row of a line; nil where it is none, or one of a step that was not made.
private func soundRow(_ line: (some Collection<UInt8>)?, upTo step: Int) -> MetricsRow? {
  guard let line, let row = try? MetricsRow(json: line), row.step >= 1, row.step <= step else { return nil }
  return row
}

/// What can be read of a log, in memory that does not grow with it.
private struct LogSurvey {
  /// Where the sound rows end in the file.
  private(set) var soundEnd = 0
  /// Whether nothing stands between them, and they are in the order of their steps, each step once.
  private(set) var isInOrder = true
  /// The steps without a row.
  private(set) var missing: [ClosedRange<Int>] = []
  /// As many as the rules of the diagnosis look at.
  private(set) var lastRows: [MetricsRow] = []

  init(_ path: String, upTo step: Int) throws(FileError) {
    let window = RunDiagnosis.longestWindow
    var last = 0
    var isInterrupted = false
    var (soundEnd, isInOrder, missing, rows) = (soundEnd, isInOrder, missing, lastRows)
    try readLines(ofFileAt: path) { (line, end) throws(FileError) in
      guard let row = soundRow(line, upTo: step) else {
        isInterrupted = true
        return
      }
      if isInterrupted || row.step <= last { isInOrder = false }
      if row.step > last + 1 { missing.append(last + 1...row.step - 1) }
      last = max(last, row.step)
      soundEnd = end
      rows.append(row)
      if rows.count >= 2 * window { rows.removeFirst(rows.count - window) }
    }
    if step < .max, last < step { missing.append(last + 1...step) }
    (self.soundEnd, self.isInOrder, self.missing) = (soundEnd, isInOrder, missing)
    lastRows = rows.suffix(window)
  }
}

/// The lines of a damaged log that can be read, with their ends, in the order of their steps, each step once.
private func soundLines(_ bytes: [UInt8], upTo step: Int) -> [UInt8] {
  var found: [(step: Int, range: Range<Int>)] = []
  var start = 0
  // A line without its end was torn.
  while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
    if let row = soundRow(bytes[start..<newline], upTo: step) {
      found.append((row.step, start..<newline + 1))
    }
    start = newline + 1
  }
  let ordered = found.enumerated().sorted {
    ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
  }
  var last = 0
  var lines: [UInt8] = []
  // Of two rows of a step the first stands: what follows it was copied there.
  for (row, range) in ordered.map(\.element) where row > last {
    last = row
    lines += bytes[range]
  }
  return lines
}
