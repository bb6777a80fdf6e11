import Files
import Glibc
import Interchange
import TestSupport
import Testing

@testable import Training

@Suite struct MetricsLogTests {
  private let scratch = TemporaryFolder()
  private var path: String { scratch.file("metrics.jsonl") }
  private static let never = Duration.seconds(1_000_000)

  private func text() throws -> String { String(decoding: try readFile(at: path), as: UTF8.self) }

  private func write(_ steps: ClosedRange<Int>) throws {
    let log = try MetricsLog(path: path)
    for step in steps { try log.append(sampleRow(step)) }
  }

  @Test func aRowIsOneLineOfJSON() throws {
    let row = MetricsRow(
      step: 3, epoch: 0,
      metrics: [
        .init("loss_d", 0.1), .init("loss_g", .infinity), .init("d_real", .nan), .init("d_fake", 1e-7),
      ],
      imagesPerSecond: 1234.56789, dataWaitMilliseconds: 0.0004)
    #expect(
      row.json
        == #"{"step": 3, "epoch": 0, "loss_d": 0.1, "loss_g": null, "d_real": null, "d_fake": 1e-07, "#
        + #""images_per_second": 1234.568, "data_wait_ms": 0}"#)
  }

  @Test(arguments: [0x1p-149, 0.1, 1 / 3, 16_777_216, -3.402_823_5e38] as [Float])
  func lossesAreReadBackBitByBit(loss: Float) throws {
    var row = sampleRow(1)
    row.set("loss_d", to: loss)
    #expect(try MetricsRow(json: row.json.utf8) == row)
  }

  @Test func whatAnotherProgramReportsIsAMetric() throws {
    let line = sampleRow(4).json.dropLast() + #", "distance": 0.25}"#
    #expect(try MetricsRow(json: line.utf8)["distance"] == 0.25)
  }

  @Test func rowsAreKeptBackUntilTheyAreFlushed() throws {
    let log = try MetricsLog(path: path, flushInterval: Self.never)
    try log.append(sampleRow(1))
    #expect(try text() == "")
    try log.synchronize()
    #expect(try text() == sampleRow(1).json + "\n")
    try log.append(sampleRow(2))
    try log.flush()
    #expect(try MetricsLog.rows(contentsOf: path) == [sampleRow(1), sampleRow(2)])
  }

  @Test func rowsAreFlushedOnceTheIntervalIsOver() throws {
    let log = try MetricsLog(path: path, flushInterval: .zero)
    try log.append(sampleRow(1))
    #expect(try text() == sampleRow(1).json + "\n")
  }

  @Test func theLogsEndWritesTheRest() throws {
    do {
      let log = try MetricsLog(path: path, flushInterval: Self.never)
      try log.append(sampleRow(1))
    }
    #expect(try MetricsLog.rows(contentsOf: path) == [sampleRow(1)])
  }

  @Test func aResumeCutsOffTheStepsAfterTheCheckpoint() throws {
    try write(1...9)
    do {
      let log = try MetricsLog(path: path, continuingAfter: 5)
      #expect(try MetricsLog.rows(contentsOf: path).map(\.step) == [1, 2, 3, 4, 5])
      try log.append(sampleRow(6))
    }
    #expect(try MetricsLog.rows(contentsOf: path) == (1...6).map(sampleRow))
    #expect(try MetricsLog.rows(contentsOf: path, upTo: 2) == (1...2).map(sampleRow))
  }

  @Test func aNewRunBeginsWithNoRows() throws {
    try write(1...3)
    _ = try MetricsLog(path: path)
    #expect(try text() == "")
  }

  @Test func everyTornEndIsDropped() throws {
    try write(1...3)
    let whole = try readFile(at: path)
    let twoRows = Array("\(sampleRow(1).json)\n\(sampleRow(2).json)\n".utf8)
    for count in twoRows.count..<whole.count {
      try writeFileAtomically(Array(whole[..<count]), to: path)
      #expect(try MetricsLog.rows(contentsOf: path) == [sampleRow(1), sampleRow(2)])
      _ = try MetricsLog(path: path, continuingAfter: 3)
      #expect(try readFile(at: path) == twoRows)
    }
  }

  @Test(arguments: ["\0\0\0\0", "\0\0\n", "{}\n", "\n"]) func aLastLineThatIsNoRowIsDropped(line: String)
    throws
  {
    try write(1...2)
    let whole = try readFile(at: path)
    try writeFileAtomically(whole + Array(line.utf8), to: path)
    _ = try MetricsLog(path: path, continuingAfter: 9)
    #expect(try readFile(at: path) == whole)
  }

  @Test(arguments: ["x", "", #"{"step": 1}"#, #"{"step": -1, "epoch": 0}"#, "\0\0\0\0"])
  func aLineInBetweenThatIsNoRowIsLeftOutAndItsStepIsNamed(line: String) throws {
    let rows = [1, 3, 4].map { "\(sampleRow($0).json)\n" }
    try writeFileAtomically(Array("\(rows[0])\(line)\n\(rows[1])\(rows[2])".utf8), to: path)
    #expect(try MetricsLog.rows(contentsOf: path) == [1, 3, 4].map(sampleRow))
    let log = try MetricsLog(path: path, continuingAfter: 4)
    #expect(log.damage == .init(missing: [2...2]))
    #expect(try text() == rows.joined())
    try log.append(sampleRow(5))
    try log.flush()
    #expect(try MetricsLog.rows(contentsOf: path) == [1, 3, 4, 5].map(sampleRow))
  }

  @Test func aLineThatIsFarTooLongIsLeftOut() throws {
    let rows = [1, 3].map { "\(sampleRow($0).json)\n" }
    let long = "{\"step\": 2, \"a\": \(String(repeating: "1", count: 3 << 20))}\n"
    try writeFileAtomically(Array((rows[0] + long + rows[1]).utf8), to: path)
    #expect(try MetricsLog(path: path, continuingAfter: 3).damage == .init(missing: [2...2]))
    #expect(try text() == rows.joined())
  }

  @Test func rowsOutOfOrderAndTwiceArePutRight() throws {
    let rows = [2, 1, 9, 2, 3].map { "\(sampleRow($0).json)\n" }
    try writeFileAtomically(Array(rows.joined().utf8), to: path)
    let log = try MetricsLog(path: path, continuingAfter: 4)
    #expect(log.damage == .init(missing: [4...4]))
    #expect(try MetricsLog.rows(contentsOf: path) == (1...3).map(sampleRow))
  }

  @Test func aWholeLogIsNotTouched() throws {
    try write(1...4)
    let whole = try readFile(at: path)
    #expect(try MetricsLog(path: path, continuingAfter: 4).damage == nil)
    #expect(try readFile(at: path) == whole)
  }

  @Test func aFullDiskLosesNoRowAndTearsNone() async {
    // The limit on file sizes holds for the whole process, so the test runs in one of its own.
    await #expect(processExitsWith: .success) {
      let scratch = TemporaryFolder()
      let path = scratch.file("metrics.jsonl")
      let log = try MetricsLog(path: path, flushInterval: .zero)
      try log.append(sampleRow(1))
      let size = try readFile(at: path).count

      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let unlimited = limit.rlim_max
      limit.rlim_cur = rlim_t(size + 10)
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = #expect(throws: FileError.self) { try log.append(sampleRow(2)) }
      #expect(error?.exitCode == 74)
      #expect(try readFile(at: path).count == size)

      limit.rlim_cur = unlimited
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      try log.append(sampleRow(3))
      #expect(try MetricsLog.rows(contentsOf: path) == (1...3).map(sampleRow))
    }
  }
}
