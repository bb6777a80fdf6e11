import Datasets
import Files
import Interchange
import Lowering
import ModelSpec
import TestSupport
import Testing
import Training

/// A picture that turns out to be broken in the middle of a run.
@Suite struct UnreadableBatchTests {
  private let scratch = TemporaryFolder()

  private func makeImages() throws {
    for value in 0..<40 {
      try pixel(UInt8(value * 5)).writePNG(to: scratch.file("images/\(100 + value).png"))
    }
  }

  private func makeModel() throws -> CompiledModel {
    let path = scratch.file("model.yaml")
    let text = """
      name: small
      image: {channels: 1, height: 4, width: 4}
      latent: 3
      generator: [{conv_transpose2d: {out_channels: 1, kernel_size: 4}}, tanh]
      discriminator: [flatten, {linear: 1}]
      train: {data: {folder: images}, loss: bce_with_logits, batch_size: 2, seed: 3}
      """
    try writeFileAtomically(Array(text.utf8), to: path)
    let loaded = SpecLoader.load(path: path, catalog: .standard)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    return try CompiledModel(
      spec, try #require(ModelLowering.lower(spec, sources: loaded.sources).model), threads: 1)
  }

  /// A loop over images that are read when their turn comes.
  private func makeLoop(_ model: CompiledModel, _ folder: RunFolder, from step: Int) throws -> TrainingLoop {
    let images = try Dataset(
      folderSource(scratch.file("images")), channels: 1, height: 4, width: 4, seed: 3, threads: 1,
      memoryLimit: 0)
    let schedule = try #require(
      BatchSchedule(imageCount: images.count, batchSize: 2, dropsLast: true, seed: 3))
    return TrainingLoop(
      model, dataset: images, schedule: schedule, folder: folder, startStep: step, maxSteps: 20)
  }

  @Test func whatWasLearnedBeforeIsSavedAndARunGoesOnWithTheSameBytes() throws {
    try createFolder(at: scratch.file("images"))
    try makeImages()
    let whole = try makeModel()
    let wholeRun = try RunFolder.create(at: scratch.file("whole"))
    #expect(try makeLoop(whole, wholeRun, from: 0).run(onStep: { _ in }, shouldStop: { false }) == .finished)

    // Any image of the eighth batch, cut short.
    let schedule = try #require(BatchSchedule(imageCount: 40, batchSize: 2, dropsLast: true, seed: 3))
    let broken = scratch.file("images/\(100 + schedule.images(at: 7).indices[0]).png")
    let sound = try readFile(at: broken)
    try writeFileAtomically(Array(sound.dropLast(20)), to: broken)

    let run = try RunFolder.create(at: scratch.file("run"))
    var steps = 0
    let failure = #expect(throws: TrainingLoop.Failure.self) {
      try makeLoop(makeModel(), run, from: 0).run(onStep: { _ in steps += 1 }, shouldStop: { false })
    }
    guard case .file(let error) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(error.path == broken)
    #expect(steps == 7)
    #expect(try MetricsLog.rows(contentsOf: run.paths.metrics).count == 7)

    // Broken still: the next attempt ends at once, and loses nothing.
    for _ in 0..<2 {
      let checkpoint = try run.readLatestCheckpoint()
      #expect(checkpoint.metadata.step == 7)
      let model = try makeModel()
      try checkpoint.restore(into: model.store, structure: StructureHash(model.spec))
      #expect(throws: TrainingLoop.Failure.self) {
        try makeLoop(model, run, from: 7).run(onStep: { _ in }, shouldStop: { false })
      }
    }

    try writeFileAtomically(sound, to: broken)
    let model = try makeModel()
    try run.readLatestCheckpoint().restore(into: model.store, structure: StructureHash(model.spec))
    #expect(try makeLoop(model, run, from: 7).run(onStep: { _ in }, shouldStop: { false }) == .finished)
    #expect(
      try readFile(at: run.paths.checkpoint(step: 20)) == readFile(at: wholeRun.paths.checkpoint(step: 20)))
  }
}
