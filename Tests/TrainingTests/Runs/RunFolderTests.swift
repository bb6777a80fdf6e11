import Files
import Glibc
import Interchange
import TestSupport
import Testing

@testable import Training

@Suite struct RunFolderTests {
  private let scratch = TemporaryFolder()

  @Test func aNewRunHasItsFoldersAndMissingParents() throws {
    let path = scratch.file("a/b/run")
    let run = try RunFolder.create(at: path)
    #expect(try entryNames(ofFolder: path) == ["checkpoints", "run.lock", "samples"])
    #expect(run.paths.sample(step: 7) == "\(path)/samples/step-000007.png")
    #expect(run.paths.checkpoint(step: 1_234_567) == "\(path)/checkpoints/step-1234567.safetensors")
    try run.writeResolvedSpec("name: a\n")
    #expect(try readFile(at: run.paths.resolvedSpec) == Array("name: a\n".utf8))
  }

  @Test func aFolderThatHoldsAnythingIsRefusedAndLeftAlone() throws {
    try writeFileAtomically([1], to: scratch.file("notes.txt"))
    let error = #expect(throws: FileError.self) { try RunFolder.create(at: scratch.path) }
    #expect(
      error?.reason
        == "is not empty, and a run is never overwritten: name another folder, or continue the run"
        + " in this one with --resume")
    #expect(error?.exitCode == 65)
    #expect(try entryNames(ofFolder: scratch.path) == ["notes.txt"])
  }

  @Test func aRunThatEndedIsNotOverwritten() throws {
    let path = scratch.file("run")
    do { try RunFolder.create(at: path).writeResolvedSpec("name: a\n") }
    try writeFileAtomically([1], to: RunPaths(folder: path).checkpoint(step: 3))
    #expect(throws: FileError.self) { try RunFolder.create(at: path) }
    #expect(try readFile(at: "\(path)/resolved.yaml") == Array("name: a\n".utf8))
  }

  @Test func whatEndedBeforeItsFirstCheckpointIsBegunAnew() throws {
    let path = scratch.file("run")
    let paths = RunPaths(folder: path)
    do { try RunFolder.create(at: path).writeResolvedSpec("name: a\n") }
    for file in [paths.metrics, paths.data, paths.report, paths.sample(step: 4)] {
      try writeFileAtomically([1], to: file)
    }
    try writeFileAtomically([1], to: "\(paths.checkpoints)/.graphc-1-0.tmp")
    let run = try RunFolder.create(at: path)
    #expect(try entryNames(ofFolder: path) == ["checkpoints", "run.lock", "samples"])
    #expect(try entryNames(ofFolder: run.paths.samples) == [])
    #expect(try entryNames(ofFolder: run.paths.checkpoints) == [])
  }

  @Test(arguments: ["notes.txt", "samples/mine.png", "checkpoints/latest", "checkpoints/mine.bin"])
  func whatIsNoneOfARunsIsNeverRemoved(name: String) throws {
    let path = scratch.file("run")
    do { try RunFolder.create(at: path).writeResolvedSpec("name: a\n") }
    try writeFileAtomically([1], to: "\(path)/\(name)")
    #expect(throws: FileError.self) { try RunFolder.create(at: path) }
    #expect(try readFile(at: "\(path)/\(name)") == [1])
    #expect(try readFile(at: "\(path)/resolved.yaml") == Array("name: a\n".utf8))
  }

  @Test func aReportWithoutALockIsNotARuns() throws {
    let path = scratch.file("run")
    try createFolder(at: path)
    try writeFileAtomically([1], to: "\(path)/report.html")
    #expect(throws: FileError.self) { try RunFolder.create(at: path) }
  }

  @Test func aFileInTheFoldersPlaceIsNamed() throws {
    let path = scratch.file("run")
    try writeFileAtomically([1], to: path)
    #expect(throws: FileError(path: path, reason: "is not a folder")) { try RunFolder.create(at: path) }
  }

  @Test func onlyAFolderWithAResolvedSpecIsOpened() throws {
    let path = scratch.file("other")
    try createFolder(at: path)
    #expect(throws: FileError(path: path, reason: "is not a run's folder: it holds no resolved.yaml")) {
      try RunFolder.open(at: path)
    }
    #expect(try entryNames(ofFolder: path) == [])
    #expect(throws: FileError.self) { try RunFolder.open(at: scratch.file("missing")) }
  }

  @Test func aRunInUseIsBusyUntilItsHolderEnds() throws {
    let path = scratch.file("run")
    do {
      let run = try RunFolder.create(at: path)
      try run.writeResolvedSpec("name: a\n")
      let error = #expect(throws: FileError.self) { try RunFolder.open(at: path) }
      #expect(error?.description == "\(path): is in use by another process (\(getpid()))")
      #expect(error?.exitCode == 75)
      withExtendedLifetime(run) {}
    }
    _ = try RunFolder.open(at: path)
  }

  @Test func anEmptyRunInUseIsBusyForAnotherNewOne() throws {
    let path = scratch.file("run")
    try createFolder(at: path)
    let lock = try FileLock(path: RunPaths(folder: path).lock, guarding: path)
    let error = #expect(throws: FileError.self) { try RunFolder.create(at: path) }
    #expect(error?.category == .busy)
    _ = consume lock
    _ = try RunFolder.create(at: path)
  }

  @Test func openingRemovesWhatKilledWritersLeft() throws {
    let path = scratch.file("run")
    do { try RunFolder.create(at: path).writeResolvedSpec("name: a\n") }
    try writeFileAtomically([1], to: "\(path)/checkpoints/.graphc-1-0.tmp")
    let run = try RunFolder.open(at: path)
    #expect(try entryNames(ofFolder: run.paths.checkpoints) == [])
  }

  @Test func numbersGoOnAboveTheHighest() throws {
    let parent = scratch.file("runs")
    #expect(try RunFolder.nextDefaultPath(name: "dcgan", in: parent) == "\(parent)/dcgan-1")
    for name in ["dcgan-2", "dcgan-10", "dcgan-x", "dcgan-big-30", "dcgan-\(Int.max)"] {
      try createFolder(at: "\(parent)/\(name)")
    }
    #expect(try RunFolder.nextDefaultPath(name: "dcgan", in: parent) == "\(parent)/dcgan-11")
    #expect(try RunFolder.createNumbered(name: "dcgan", in: parent).paths.folder == "\(parent)/dcgan-11")
    #expect(try RunFolder.createNumbered(name: "dcgan", in: parent).paths.folder == "\(parent)/dcgan-12")
  }

  @Test(arguments: [
    ("../../etc", "_._.._etc"), ("/", "_"), ("", "run"), ("--out", "_-out"), (".hidden", "_hidden"),
    ("my model", "my_model"), ("größe", "größe"), ("a\u{1B}[2J", "a__2J"),
  ]) func aNameCannotLeadOutOfItsFolder(name: String, expected: String) throws {
    #expect(try RunFolder.nextDefaultPath(name: name, in: "/missing") == "/missing/\(expected)-1")
  }

  /// As a disk leaves it that was full before the model could be written.
  @Test func aFolderInWhichARunOnlyBeganIsTakenAgain() throws {
    let path = scratch.file("run")
    for _ in 0..<2 { _ = try RunFolder.create(at: path) }
    #expect(try entryNames(ofFolder: path) == ["checkpoints", "run.lock", "samples"])
    try writeFileAtomically([], to: "\(path)/samples/mine.png")
    #expect(throws: FileError.self) { try RunFolder.create(at: path) }
    let other = scratch.file("other")
    try createFolder(at: other)
    try writeFileAtomically([], to: "\(other)/samples")
    #expect(throws: FileError.self) { try RunFolder.create(at: other) }
    #expect(try entryNames(ofFolder: other) == ["samples"])
  }

  @Test func runsThatBeginAtOnceGetAFolderEach() async throws {
    let parent = scratch.file("runs")
    let folders = try await withThrowingTaskGroup(of: RunFolder.self) { group in
      for _ in 0..<8 { group.addTask { try RunFolder.createNumbered(name: "a", in: parent) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(folders.map(\.paths.folder)) == Set((1...8).map { "\(parent)/a-\($0)" }))
  }

  @Test(arguments: ["", "../../secret.safetensors\n", "step-7.safetensors\n", "step-000007.png\n"])
  func latestNamesOnlyACheckpoint(text: String) throws {
    let paths = RunPaths(folder: scratch.path)
    #expect(throws: FileError(path: scratch.path, reason: "holds no checkpoint")) {
      try paths.latestCheckpoint()
    }
    try createFolder(at: paths.checkpoints)
    try writeFileAtomically(Array(text.utf8), to: paths.latestCheckpointName)
    let error = #expect(throws: FileError.self) { try paths.latestCheckpoint() }
    #expect(error?.reason == "does not hold the name of a checkpoint")
  }

  @Test func samplesComeInTheOrderOfTheirSteps() throws {
    let paths = RunPaths(folder: scratch.path)
    try createFolder(at: paths.samples)
    for step in [1_000_000, 20, 999_999, 3] { try writeFileAtomically([], to: paths.sample(step: step)) }
    for name in ["step-1.png", "grid.png", "step--00001.png"] {
      try writeFileAtomically([], to: "\(paths.samples)/\(name)")
    }
    #expect(try paths.sampleSteps(upTo: 1_000_000) == [3, 20, 999_999, 1_000_000])
    #expect(try paths.sampleSteps(upTo: 20) == [3, 20])
  }
}
