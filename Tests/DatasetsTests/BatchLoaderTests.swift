import Datasets
import Files
import Interchange
import ModelSpec
import TestSupport
import Testing

@Suite struct BatchLoaderTests {
  private let scratch = TemporaryFolder()

  private func digits(memoryLimit: Int = Dataset.memoryLimit) throws -> Dataset {
    try Dataset(
      dataSource("digits", ["flip": .bool(true), "limit": .int(50)]), channels: 1, height: 5, width: 7,
      seed: 4, threads: 2, memoryLimit: memoryLimit)
  }

  private func schedule(_ dataset: Dataset, batch: Int) throws -> BatchSchedule {
    try #require(BatchSchedule(imageCount: dataset.count, batchSize: batch, dropsLast: false, seed: 4))
  }

  private func images(_ dataset: Dataset) -> [Dataset.Field] { dataset.fields.filter { $0.name == "real" } }

  /// The next batch; its values are those of its images alone.
  private func next(
    _ loader: BatchLoader, _ dataset: Dataset
  ) throws -> (batch: BatchLoader.Batch, values: [Float]) {
    var values: [Float] = []
    let batch = try loader.next { field, given in
      #expect(field.name == "real")
      values += given.indices.map { given[$0] }
    }
    #expect(try values.count == batch.count * #require(dataset.field("real")).valueCount)
    return (batch, values)
  }

  @Test(arguments: [1, 2, 5], [0, Dataset.memoryLimit])
  func batchesHoldTheImagesOfTheSchedule(depth: Int, memoryLimit: Int) throws {
    let dataset = try digits(memoryLimit: memoryLimit)
    let schedule = try schedule(dataset, batch: 16)
    let loader = BatchLoader(
      dataset, fields: images(dataset), schedule: schedule, startingAt: 0, depth: depth)
    for step in 0..<3 * schedule.stepsPerEpoch {
      let (batch, values) = try next(loader, dataset)
      let (epoch, indices) = schedule.images(at: step)
      #expect((batch.step, batch.epoch, batch.count) == (step, epoch, indices.count))
      let expected = try indices.flatMap { try dataset.values($0, epoch: epoch) }
      #expect(values == expected)
      #expect(batch.secondsWaited >= 0)
    }
  }

  @Test(arguments: [1, 3, 4, 9]) func aLoaderThatStartsLaterGoesOnAsOneThatRanTo(_ start: Int) throws {
    let dataset = try digits()
    let schedule = try schedule(dataset, batch: 13)
    let whole = BatchLoader(dataset, fields: images(dataset), schedule: schedule, startingAt: 0)
    for _ in 0..<start { _ = try next(whole, dataset) }
    let resumed = BatchLoader(
      dataset, fields: images(dataset), schedule: schedule, startingAt: start, depth: 2)
    for _ in 0..<6 {
      let (first, second) = (try next(whole, dataset), try next(resumed, dataset))
      #expect(first.values == second.values)
      #expect(first.batch.step == second.batch.step)
    }
  }

  @Test func anImageThatCannotBeDecodedStopsTheStepThatNeedsIt() throws {
    for number in 0..<12 { try pixel(UInt8(number)).writePNG(to: scratch.file("\(100 + number).png")) }
    let broken = scratch.file("105.png")
    try writeFileAtomically(Array(readFile(at: broken).dropLast(20)), to: broken)
    let dataset = try Dataset(
      folderSource(scratch.path), channels: 1, height: 1, width: 1, seed: 1, threads: 1, memoryLimit: 0)
    let schedule = try schedule(dataset, batch: 2)
    let step = try #require((0..<6).first { schedule.images(at: $0).indices.contains(5) })
    let loader = BatchLoader(dataset, fields: images(dataset), schedule: schedule, startingAt: 0, depth: 4)
    for _ in 0..<step { _ = try next(loader, dataset) }
    for _ in 0..<2 {
      let error = #expect(throws: FileError.self) { try next(loader, dataset) }
      #expect(error?.path == broken)
    }
  }

  @Test(.timeLimit(.minutes(1))) func aLoaderMayEndAtAnyTime() throws {
    let dataset = try Dataset(
      dataSource("synthetic", ["count": .int(2000)]), channels: 3, height: 64, width: 64, seed: 1,
      threads: 2, memoryLimit: 0)
    // Each batch takes seconds to draw, if nobody ends it.
    let schedule = try schedule(dataset, batch: 2000)
    let stopped = BatchLoader(dataset, fields: images(dataset), schedule: schedule, startingAt: 0, depth: 1)
    stopped.stop()
    stopped.stop()
    _ = BatchLoader(dataset, fields: images(dataset), schedule: schedule, startingAt: 0, depth: 1)
  }
}
