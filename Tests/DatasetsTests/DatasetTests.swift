import Datasets
import Files
import Interchange
import ModelSpec
import TestSupport
import Testing

@Suite struct DatasetTests {
  private let scratch = TemporaryFolder()

  /// Writes images that sort in the order given.
  private func write(_ images: [Image]) throws {
    for (number, image) in images.enumerated() {
      try image.writePNG(to: scratch.file("\(1000 + number).png"))
    }
  }

  private func open(
    _ attributes: [String: AttributeValue] = [:], channels: Int = 1, height: Int = 1, width: Int = 1,
    seed: Int = 1, threads: Int = 2, memoryLimit: Int = Dataset.memoryLimit
  ) throws -> Dataset {
    try Dataset(
      folderSource(scratch.path, attributes), channels: channels, height: height, width: width, seed: seed,
      threads: threads, memoryLimit: memoryLimit)
  }

  @Test(arguments: [(-1, 1), (0, 1), (1, -1), (0.1, 0.7)] as [(Double, Double)])
  func bytesBecomeTheRangeWithExactEnds(low: Double, high: Double) throws {
    try write([pixel(0), pixel(255), pixel(51)])
    let dataset = try open(["range": .numbers([low, high])])
    #expect(try dataset.allValues() == [[Float(low)], [Float(high)], [Float(low + (high - low) / 5)]])
  }

  @Test func anImageIsWrittenWithItsChannelsInnermostAndNothingBesides() throws {
    try write([Image(width: 2, height: 3, channels: 3, pixels: Array(0..<18))])
    let dataset = try open(["range": .numbers([0, 255])], channels: 3, height: 3, width: 2)
    let field = try #require(dataset.field("real"))
    #expect(field.valueCount == 18)
    var values = [Float](repeating: -1, count: 22)
    var span = values.mutableSpan
    try dataset.fill(field, at: 0, epoch: 0, into: &span, offset: 3)
    #expect(values == [-1, -1, -1] + (0..<18).map(Float.init) + [-1])
  }

  @Test func greyBecomesThreeEqualChannelsAndColoursBecomeTheirLuma() throws {
    try write([pixel(9), Image(width: 1, height: 1, channels: 3, pixels: [255, 0, 0])])
    let range: [String: AttributeValue] = ["range": .numbers([0, 255])]
    #expect(try open(range, channels: 3).allValues() == [[9, 9, 9], [255, 0, 0]])
    #expect(try open(range, channels: 1).allValues() == [[9], [76]])
  }

  @Test func imagesFillARectangleAndTheMiddleIsKept() throws {
    // A wide image whose outer columns are cut off, a high one that loses rows, and one that is enlarged.
    let wide = Image(width: 6, height: 2, channels: 1, pixels: [0, 10, 20, 30, 40, 0, 0, 10, 20, 30, 40, 0])
    let high = Image(width: 4, height: 6, channels: 1, pixels: (0..<24).map { $0 / 4 * 10 })
    try write([wide, high, pixel(7)])
    let dataset = try open(["range": .numbers([0, 255])], height: 2, width: 4)
    #expect(
      try dataset.allValues() == [
        [10, 20, 30, 40, 10, 20, 30, 40], [20, 20, 20, 20, 30, 30, 30, 30], Array(repeating: 7, count: 8),
      ])
  }

  @Test(arguments: [(1, 0), (5, 0), (1, Dataset.memoryLimit), (5, Dataset.memoryLimit)])
  func neitherThreadsNorMemoryChangeTheValues(threads: Int, memoryLimit: Int) throws {
    let images = SyntheticSource(shapes: 23, width: 12, height: 9, seed: 3)
    try write((0..<23).map { images.image(at: $0) })
    try writeFileAtomically(readFile(at: fixture("color.jpg")), to: scratch.file("9999.jpg"))
    let flip: [String: AttributeValue] = ["flip": .bool(true)]
    let expected = try open(flip, channels: 3, height: 6, width: 7, threads: 2).allValues()
    let dataset = try open(
      flip, channels: 3, height: 6, width: 7, threads: threads, memoryLimit: memoryLimit)
    #expect(try dataset.allValues() == expected)
  }

  @Test func imagesThatAreKeptCountOnceWhateverTheirSourceHolds() throws {
    let images = dataSource("idx", ["images": .path(fixture("images-idx3-ubyte.gz"), base: "")])
    // A label takes four bytes.
    for (source, count, labels) in [(dataSource("digits"), 1797, 4 * 1797), (images, 2, 0)] {
      for (channels, height, width) in [(1, 8, 8), (1, 3, 4), (3, 4, 4)] {
        let dataset = try Dataset(
          source, channels: channels, height: height, width: width, seed: 1, threads: 2)
        #expect(dataset.byteCount == count * channels * height * width + labels)
        #expect(dataset.decodingByteCount == 0)
      }
    }
  }

  @Test func ofImagesThatAreNotKeptCountsWhatFindsAndDecodesThem() throws {
    let compressed = dataSource("idx", ["images": .path(fixture("images-idx3-ubyte.gz"), base: "")])
    #expect(
      try Dataset(compressed, channels: 3, height: 9, width: 9, seed: 1, threads: 1, memoryLimit: 0).byteCount
        == 24)
    try write([pixel(1), Image(width: 20, height: 10, channels: 1, pixels: Array(repeating: 9, count: 200))])
    let largest = try Image.facts(ofFileAt: scratch.file("1001.png")).decodingByteCount(minimum: (1, 1))
    #expect((100...10_000).contains(largest))
    for broken in ["stop", "skip"] {
      let folder = try open(["broken": .string(broken)], memoryLimit: 0)
      #expect(folder.decodingByteCount == largest)
      #expect((1...400).contains(folder.byteCount))
    }
  }

  @Test(arguments: ["digits", "synthetic"]) func whatIsKnownBeforehandIsWhatIsKept(name: String) throws {
    for limit in [nil, 50, 5000] {
      var attributes: [String: AttributeValue] = ["count": .int(70)]
      attributes["limit"] = limit.map { .int($0) }
      let source = dataSource(name, attributes)
      let known = Dataset.byteCount(of: source, channels: 3, height: 5, width: 6)
      let dataset = try Dataset(source, channels: 3, height: 5, width: 6, seed: 1, threads: 2)
      #expect(known == dataset.byteCount)
    }
  }

  @Test func manyDrawnPicturesAreDrawnWhenTheyAreNeeded() throws {
    for (count, bytes) in [(100, 100 * 3 * 64 * 64 + 400), (2000, 8000)] {
      let source = dataSource("synthetic", ["count": .int(count)])
      let dataset = try Dataset(source, channels: 3, height: 64, width: 64, seed: 1, threads: 2)
      #expect(dataset.byteCount == bytes)
      #expect(Dataset.byteCount(of: source, channels: 3, height: 64, width: 64) == bytes)
    }
  }

  @Test func halfOfTheImagesAreMirroredAndOthersInEveryEpoch() throws {
    let source = dataSource("digits", ["flip": .bool(true), "limit": .int(300)])
    let plain = try Dataset(dataSource("digits"), channels: 1, height: 8, width: 8, seed: 5, threads: 2)
    let dataset = try Dataset(source, channels: 1, height: 8, width: 8, seed: 5, threads: 2)
    let again = try Dataset(source, channels: 1, height: 8, width: 8, seed: 5, threads: 2, memoryLimit: 0)
    let other = try Dataset(source, channels: 1, height: 8, width: 8, seed: 6, threads: 2)

    var isMirrored: [[Bool]] = []
    for (dataset, epoch) in [(dataset, 0), (dataset, 1), (other, 0)] {
      isMirrored.append(
        try (0..<300).map { index in
          let straight = try plain.values(index)
          let mirrored = (0..<8).flatMap { row in straight[row * 8..<row * 8 + 8].reversed() }
          let values = try dataset.values(index, epoch: epoch)
          #expect(values == straight || values == mirrored)
          return values != straight
        })
    }
    for choice in isMirrored { #expect((120...180).contains(choice.count { $0 })) }
    #expect(Set(isMirrored).count == 3)
    #expect(try again.allValues(epoch: 1) == dataset.allValues(epoch: 1))
  }

  @Test func onlyAsManyImagesAreUsedAsTheLimitSays() throws {
    try write((0..<5).map { pixel($0) })
    let range = AttributeValue.numbers([0, 255])
    #expect(try open(["limit": .int(3), "range": range]).allValues() == [[0], [1], [2]])
    #expect(try open(["limit": .int(9)]).count == 5)
  }

  @Test func syntheticImagesAreDrawnAtTheModelsSize() throws {
    let source = dataSource(
      "synthetic", ["kind": .string("shapes"), "count": .int(4), "range": .numbers([0, 255])])
    let dataset = try Dataset(source, channels: 3, height: 10, width: 14, seed: 9, threads: 2)
    let drawn = SyntheticSource(shapes: 4, width: 14, height: 10, seed: 9)
    #expect(try dataset.allValues() == (0..<4).map { drawn.image(at: $0).pixels.map(Float.init) })
  }

  @Test func theOtherSourcesOpen() throws {
    let images = dataSource("idx", ["images": .path(fixture("images-idx3-ubyte.gz"), base: "")])
    #expect(try Dataset(images, channels: 1, height: 3, width: 4, seed: 1, threads: 1).count == 2)
    let batch = scratch.file("data_batch_1.bin")
    try writeFileAtomically(Array(repeating: 1, count: 3073), to: batch)
    let cifar = dataSource("cifar10", ["path": .path(batch, base: "")])
    #expect(try Dataset(cifar, channels: 3, height: 32, width: 32, seed: 1, threads: 1).count == 1)
  }

  @Test func aFileWithoutImagesIsNamed() throws {
    let path = scratch.file("images")
    try writeFileAtomically([0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4], to: path)
    let source = dataSource("idx", ["images": .path(path, base: "")])
    #expect(throws: FileError(path: path, reason: "holds no images")) {
      try Dataset(source, channels: 1, height: 4, width: 4, seed: 1, threads: 1)
    }
  }

  @Test(arguments: [
    (2, 8, 8, "gives images of 1, 3 or 4 channels, and the model's have 2"),
    (1, 8, 2_000_000, "cannot give images of 2000000×8 pixels"),
  ]) func aSizeThatNoImageHasIsAnError(channels: Int, height: Int, width: Int, reason: String) {
    #expect(throws: FileError(path: "digits", reason: reason)) {
      try Dataset(
        dataSource("digits"), channels: channels, height: height, width: width, seed: 1, threads: 1)
    }
  }
}
