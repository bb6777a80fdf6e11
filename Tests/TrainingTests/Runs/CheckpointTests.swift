import Files
import Glibc
import GraphIR
import Interchange
import Runtime
import TestSupport
import Testing

@testable import Training

@Suite struct CheckpointTests {
  private let scratch = TemporaryFolder()
  private var path: String { scratch.file("a.safetensors") }
  private static let metadata = CheckpointMetadata(
    step: 120, epoch: 3, seed: -1, modelName: "größe \"x\"",
    structure: StructureHash(text: "1-0123456789abcdef"))

  @Test func whatIsSavedIsRestoredBitByBit() throws {
    let saved = sampleStore()
    saved.write([.nan, -0.0], to: "generator.1.running_mean")
    try Checkpoint.write(saved, metadata: Self.metadata, to: path)
    let checkpoint = try Checkpoint(contentsOf: path)
    #expect(checkpoint.metadata == Self.metadata)
    #expect(try CheckpointMetadata(contentsOf: path) == Self.metadata)
    let restored = sampleStore(isFilled: false)
    try checkpoint.restore(into: restored, structure: Self.metadata.structure)
    #expect(bits(restored) == bits(saved))
  }

  @Test func theSameStateGivesTheSameBytes() throws {
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    let first = try readFile(at: path)
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    #expect(try readFile(at: path) == first)
  }

  @Test func networksHaveTheNamesAndTypesOfPyTorch() throws {
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    let file = try SafetensorsFile(contentsOf: path)
    #expect(file.tensors.map(\.name) == sampleStore().slots.map(\.name))
    let counts = ["generator.1.num_batches_tracked": 10 as Int64, "optimizer.generator.step": 12]
    for (name, tensor) in file.tensors {
      #expect(tensor.int64s == counts[name].map { [$0] }, "\(name)")
      if counts[name] != nil { #expect(tensor.shape == []) } else { #expect(tensor.elementType == .float32) }
    }
  }

  @Test func countersAreExactWhereFloatsAreNot() throws {
    let saved = sampleStore()
    for count in [1 << 24 + 1, 1 << 53 - 1] as [Int64] {
      saved.write(integers: [count], to: "optimizer.generator.step")
      try Checkpoint.write(saved, metadata: Self.metadata, to: path)
      let restored = sampleStore(isFilled: false)
      try Checkpoint(contentsOf: path).restore(into: restored)
      #expect(restored.integers(of: "optimizer.generator.step") == [count])
    }
  }

  @Test func otherNetworksOfEqualShapesAreRefused() throws {
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    let store = sampleStore(isFilled: false)
    let error = #expect(throws: FileError.self) {
      try Checkpoint(contentsOf: path).restore(into: store, structure: StructureHash(text: "1-1"))
    }
    #expect(error?.reason.hasPrefix("was saved by a run with other networks") == true)
    #expect(bits(store) == bits(sampleStore(isFilled: false)))
  }

  /// A change to a file's tensors, and what the error says of it.
  struct Misfit: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var reason: String
    var change: @Sendable (inout [(name: String, tensor: SafetensorsFile.Tensor)]) -> Void

    init(
      _ name: String, _ reason: String,
      change: @escaping @Sendable (inout [(name: String, tensor: SafetensorsFile.Tensor)]) -> Void
    ) {
      (testDescription, self.reason, self.change) = (name, reason, change)
    }
  }

  static let misfits: [Misfit] = [
    Misfit("missing", "`generator.0.weight` [3, 2, 1, 1] of the model is missing in the file") {
      $0.remove(at: 0)
    },
    Misfit("unexpected", #""generator.9.bias" [1] of the file is unknown to the model"#) {
      $0.append(("generator.9.bias", .init(shape: [1], floats: [1])))
    },
    Misfit("wrong shape", "`generator.1.weight` is [1, 2] in the file and [2] in the model") {
      $0[1].tensor = .init(shape: [1, 2], floats: [1, 2])
    },
    Misfit("integers for a weight", "`generator.1.weight` is I64 in the file and must be F32 or F64") {
      $0[1].tensor = .init(shape: [2], int64s: [1, 2])
    },
    Misfit(
      "fraction for a count", "`generator.1.num_batches_tracked` is 0.5 in the file and must be a count"
    ) { $0[3].tensor = .init(shape: [], floats: [0.5]) },
    Misfit(
      "NaN for a count", "`generator.1.num_batches_tracked` is nan in the file and must be a count"
    ) { $0[3].tensor = .init(shape: [], floats: [.nan]) },
    Misfit(
      "negative count", "`generator.1.num_batches_tracked` is -1.0 in the file and must be a count"
    ) { $0[3].tensor = .init(shape: [], int64s: [-1]) },
    Misfit(
      "two at once",
      "`generator.0.weight` [3, 2, 1, 1] of the model is missing in the file\n"
        + #"  "generator.0.Weight" [3, 2, 1, 1] of the file is unknown to the model"#
    ) { $0[0].name = "generator.0.Weight" },
  ]

  @Test(arguments: misfits) func aMisfitIsNamedAndNothingIsWritten(_ misfit: Misfit) throws {
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    let file = try SafetensorsFile(contentsOf: path)
    var tensors = file.tensors
    misfit.change(&tensors)
    // As another program writes it: without checksums.
    try SafetensorsFile(tensors: tensors, metadata: Self.metadata.texts).write(to: path)

    let store = sampleStore(isFilled: false)
    let expected = FileError(path: path, reason: "does not fit the model:\n  \(misfit.reason)")
    #expect(throws: expected) { try Checkpoint(contentsOf: path).restore(into: store) }
    #expect(throws: expected) { try store.loadWeights(contentsOf: path) }
    #expect(bits(store) == bits(sampleStore(isFilled: false)))
  }

  @Test func aLongListOfMisfitsIsCutShort() throws {
    let tensors = (0..<20).map { (name: "x.\($0)", tensor: SafetensorsFile.Tensor(shape: [], floats: [0])) }
    try SafetensorsFile(tensors: tensors, metadata: Self.metadata.texts).write(to: path)
    let error = #expect(throws: FileError.self) {
      try Checkpoint(contentsOf: path).restore(into: sampleStore())
    }
    #expect(error?.reason.hasSuffix("\n  and 15 more") == true)
  }

  @Test(arguments: [
    (["step": "1"], "is not a graphc checkpoint: its metadata has no valid `format_version`"),
    (
      ["format_version": "3"],
      "was written by a newer graphc: its format is 3, and this one reads up to 2"
    ),
    (["format_version": "1"], "is not a graphc checkpoint: its metadata has no valid `step`"),
    (
      ["format_version": "1", "step": "-3"],
      "is not a graphc checkpoint: its metadata has no valid `step`"
    ),
    (
      ["format_version": "1", "step": "3", "epoch": "0", "seed": "1", "model": "a", "structure": "1-g"],
      "is not a graphc checkpoint: its metadata has no valid `structure`"
    ),
  ]) func aFileWithoutOurMetadataIsNoCheckpoint(metadata: [String: String], reason: String) throws {
    try SafetensorsFile(tensors: [], metadata: metadata).write(to: path)
    #expect(throws: FileError(path: path, reason: reason)) { try Checkpoint(contentsOf: path) }
  }

  @Test func latestNamesTheCheckpointThatWasSavedLast() throws {
    let run = try RunFolder.create(at: scratch.file("run"))
    var metadata = Self.metadata
    for step in [5, 10] {
      metadata.step = step
      let path = try run.saveCheckpoint(of: sampleStore(), metadata: metadata)
      #expect(try run.paths.latestCheckpoint() == path)
    }
    #expect(
      try entryNames(ofFolder: run.paths.checkpoints) == [
        "latest", "step-000005.safetensors", "step-000010.safetensors",
      ])
    #expect(try readFile(at: run.paths.latestCheckpointName) == Array("step-000010.safetensors\n".utf8))
  }

  @Test func theNewestWholeCheckpointIsTakenWhereTheLatestIsNot() throws {
    let run = try RunFolder.create(at: scratch.file("run"))
    #expect(throws: FileError(path: run.paths.folder, reason: "holds no checkpoint")) {
      try run.readLatestCheckpoint()
    }
    var metadata = Self.metadata
    for step in [5, 10, 15] {
      metadata.step = step
      try run.saveCheckpoint(of: sampleStore(), metadata: metadata)
    }
    #expect(try run.paths.findCheckpoint().reason == nil)
    #expect(try run.readLatestCheckpoint().metadata.step == 15)

    try writeFileAtomically([], to: run.paths.latestCheckpointName)
    var found = try run.paths.findCheckpoint()
    #expect(found.checkpoint.metadata.step == 15)
    #expect(found.reason?.path == run.paths.latestCheckpointName)

    try writeFileAtomically([1, 2, 3], to: run.paths.checkpoint(step: 15))
    try writeFileAtomically(Array("step-000015.safetensors\n".utf8), to: run.paths.latestCheckpointName)
    found = try run.paths.findCheckpoint()
    #expect(found.path == run.paths.checkpoint(step: 10))
    #expect(found.reason?.path == run.paths.checkpoint(step: 15))

    for step in [5, 10] { try writeFileAtomically([1, 2, 3], to: run.paths.checkpoint(step: step)) }
    let error = #expect(throws: FileError.self) { try run.readLatestCheckpoint() }
    #expect(error?.path == run.paths.checkpoint(step: 15))
    #expect(error?.reason.hasSuffix("; no other checkpoint is whole") == true)
    #expect(error?.exitCode == 65)
  }

  @Test func aCheckpointOfAnotherStepThanItsNameSaysIsRefused() throws {
    let path = scratch.file("step-000119.safetensors")
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    #expect(
      throws: FileError(path: path, reason: "was saved after step 120, and its name says 119")
    ) { try Checkpoint(contentsOf: path) }
  }

  @Test func whatARunKnowsOfItselfReadsBack() throws {
    var metadata = Self.metadata
    metadata.data = "12-00c0ffee"
    metadata.settings = ["train.seed": "3", "train.data.folder.path": "/a \"b\""]
    metadata.until = 1000
    try Checkpoint.write(sampleStore(), metadata: metadata, to: path)
    #expect(try CheckpointMetadata(contentsOf: path) == metadata)
  }

  @Test func onlySoManyCheckpointsAreKeptUpToTheirStep() throws {
    let run = try RunFolder.create(at: scratch.file("run"))
    var metadata = Self.metadata
    func save(_ step: Int, keep: Int?) throws -> [String] {
      metadata.step = step
      try run.saveCheckpoint(of: sampleStore(), metadata: metadata, keep: keep)
      return try entryNames(ofFolder: run.paths.checkpoints).filter { $0 != "latest" }
    }
    for step in [1, 2, 3] { _ = try save(step, keep: nil) }
    #expect(try save(4, keep: 2) == ["step-000003.safetensors", "step-000004.safetensors"])
    // Those of later steps are another run's future, and about to be replaced.
    #expect(
      try save(2, keep: 1) == [
        "step-000002.safetensors", "step-000003.safetensors", "step-000004.safetensors",
      ])
    #expect(try run.readLatestCheckpoint().metadata.step == 2)
  }

  @Test func aFullDiskLeavesThePreviousCheckpointTheLatest() async {
    // A limit on file sizes stands for the full disk. It holds for the whole process, so the test runs in
    // one of its own.
    await #expect(processExitsWith: .success) {
      let scratch = TemporaryFolder()
      let run = try RunFolder.create(at: scratch.file("run"))
      var metadata = CheckpointMetadata(step: 1, epoch: 0, seed: 0, modelName: "a")
      let first = try run.saveCheckpoint(of: sampleStore(), metadata: metadata)

      signal(SIGXFSZ, SIG_IGN)
      // All but the last byte, a part of the header, nothing at all.
      let size = try readFile(at: first).count
      for bytes in [size - 1, 100, 0] {
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        metadata.step = 2
        let error = #expect(throws: FileError.self) {
          try run.saveCheckpoint(of: sampleStore(), metadata: metadata)
        }
        #expect(error?.exitCode == 74)
        #expect(error?.path == run.paths.checkpoint(step: 2))
        #expect(try run.paths.latestCheckpoint() == first)
        #expect(
          try entryNames(ofFolder: run.paths.checkpoints) == ["latest", "step-000001.safetensors"])
        // Saving the same step again fails too, and leaves it whole.
        metadata.step = 1
        #expect(throws: FileError.self) { try run.saveCheckpoint(of: sampleStore(), metadata: metadata) }
        try Checkpoint(contentsOf: first).restore(into: sampleStore(isFilled: false))
      }
    }
  }

  @Test func aLatestThatCannotBeReplacedIsAnInputOutputError() throws {
    let run = try RunFolder.create(at: scratch.file("run"))
    try createFolder(at: run.paths.latestCheckpointName)
    let error = #expect(throws: FileError.self) {
      try run.saveCheckpoint(of: sampleStore(), metadata: Self.metadata)
    }
    #expect(error?.exitCode == 74)
    try Checkpoint(contentsOf: run.paths.checkpoint(step: 120)).restore(into: sampleStore(isFilled: false))
  }

  @Test(arguments: [
    ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
  ]) func theHashIsThatOfItsAuthors(text: String, hash: UInt64) {
    #expect(fnv1a64(text.utf8) == hash)
  }
}
