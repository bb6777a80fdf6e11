import Datasets
import Testing

@Suite struct BatchScheduleTests {
  private func schedule(
    images: Int, batch: Int, dropsLast: Bool = false, seed: Int = 1
  ) throws -> BatchSchedule {
    try #require(BatchSchedule(imageCount: images, batchSize: batch, dropsLast: dropsLast, seed: seed))
  }

  @Test(arguments: [(10, 4), (12, 4), (1, 1), (1, 8), (7, 7), (300, 64)])
  func anEpochGoesThroughEveryImageOnce(images: Int, batch: Int) throws {
    let schedule = try schedule(images: images, batch: batch)
    for epoch in 0..<3 {
      let steps = epoch * schedule.stepsPerEpoch..<(epoch + 1) * schedule.stepsPerEpoch
      let batches = steps.map { schedule.images(at: $0) }
      #expect(batches.allSatisfy { $0.epoch == epoch })
      #expect(batches.flatMap(\.indices).sorted() == Array(0..<images))
      #expect(batches.dropLast().allSatisfy { $0.indices.count == batch })
    }
  }

  @Test func theLastBatchIsSmallerOrLeftOut() throws {
    let whole = try schedule(images: 10, batch: 4)
    #expect((0..<4).map { whole.images(at: $0).indices.count } == [4, 4, 2, 4])
    let dropping = try schedule(images: 10, batch: 4, dropsLast: true)
    #expect((0..<4).map { dropping.images(at: $0).indices.count } == [4, 4, 4, 4])
    #expect((0..<4).map { dropping.images(at: $0).epoch } == [0, 0, 1, 1])
    #expect(dropping.images(at: 1).indices == whole.images(at: 1).indices)
  }

  @Test func aScheduleWithoutStepsIsNone() {
    #expect(BatchSchedule(imageCount: 3, batchSize: 4, dropsLast: true, seed: 1) == nil)
    #expect(BatchSchedule(imageCount: 0, batchSize: 4, dropsLast: false, seed: 1) == nil)
  }

  @Test func seedsAndEpochsHaveOrdersOfTheirOwn() throws {
    let first = try schedule(images: 100, batch: 10)
    let second = try schedule(images: 100, batch: 10, seed: 2)
    let orders = [first, second].flatMap { schedule in (0..<3).map { schedule.order(ofEpoch: $0) } }
    #expect(Set(orders).count == 6)
    #expect(try schedule(images: 100, batch: 7).order(ofEpoch: 2) == first.order(ofEpoch: 2))
  }

  @Test func everyOrderIsAsLikely() throws {
    let schedule = try schedule(images: 4, batch: 4)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<12_000 { counts[schedule.order(ofEpoch: epoch), default: 0] += 1 }
    #expect(counts.count == 24)
    // Chi-squared with 23 degrees of freedom exceeds 50 for one seed in a thousand.
    let chiSquared = counts.values.reduce(0) { $0 + Double(($1 - 500) * ($1 - 500)) / 500 }
    #expect(chiSquared < 50)
  }
}
