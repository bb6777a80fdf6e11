import Datasets
import Files
import Interchange
import ModelSpec
import TestSupport
import Testing

/// Fields besides the image: classes, pairs, and images of two kinds.
@Suite struct FieldTests {
  private let scratch = TemporaryFolder()
  private let plain: [String: AttributeValue] = ["range": .numbers([0, 255])]

  private func write(_ value: UInt8, to name: String) throws {
    if let slash = name.lastIndex(of: "/") { try createFolder(at: scratch.file(String(name[..<slash]))) }
    try pixel(value).writePNG(to: scratch.file(name))
  }

  private func open(
    _ source: Configured, channels: Int = 1, side: Int = 1, seed: Int = 1, memoryLimit: Int = 1 << 20
  ) throws -> Dataset {
    try Dataset(
      source, channels: channels, height: side, width: side, seed: seed, threads: 2, memoryLimit: memoryLimit)
  }

  private func pairs(_ input: String, _ target: String, _ more: [String: AttributeValue] = [:]) -> Configured
  {
    dataSource(
      "pairs",
      plain.merging(more) { $1 }.merging([
        "input": .path(scratch.file(input), base: ""), "target": .path(scratch.file(target), base: ""),
      ]) { $1 })
  }

  private func labelledFolder(_ more: [String: AttributeValue] = [:]) -> Configured {
    folderSource(scratch.path, plain.merging(more) { $1 }.merging(["labels": .string("folders")]) { $1 })
  }

  // MARK: Classes

  @Test(arguments: [0, 1 << 20]) func foldersAreClassesInTheOrderOfTheirNames(memoryLimit: Int) throws {
    for (value, name) in [(1, "b/1.png"), (2, "10/x.png"), (3, "2/deep/er/y.png"), (4, "b/0.png")] {
      try write(UInt8(value), to: name)
    }
    let data = try open(labelledFolder(), memoryLimit: memoryLimit)
    #expect(data.fields.map(\.name) == ["real", "label"])
    #expect(data.fields.map(\.valueCount) == [1, 1])
    #expect(data.classes.map(\.name) == ["10", "2", "b"])
    #expect(data.classes.map(\.count) == [1, 1, 2])
    #expect(try data.allValues() == [[2], [3], [4], [1]])
    #expect(try data.allValues(of: "label") == [[0], [1], [2], [2]])
  }

  @Test(arguments: [0, 1 << 20]) func whatIsLeftOutTakesItsLabelAlong(memoryLimit: Int) throws {
    for (value, name) in [(1, "a/1.png"), (3, "b/1.png"), (4, "b/2.png")] {
      try write(UInt8(value), to: name)
    }
    for name in ["a/0.png", "b/0.png"] { try writeFileAtomically([], to: scratch.file(name)) }
    let data = try open(
      labelledFolder(["broken": .string("skip"), "limit": .int(2)]), memoryLimit: memoryLimit)
    #expect(try data.allValues() == [[1], [3]])
    #expect(try data.allValues(of: "label") == [[0], [1]])
    #expect(data.classes.map(\.count) == [1, 1])
  }

  @Test func foldersThatAreNoClassesAreErrorsThatNameThem() throws {
    try write(1, to: "loose.png")
    var error = #expect(throws: FileError.self) { try open(labelledFolder()) }
    #expect(error?.path == scratch.path)
    #expect(error?.reason.hasPrefix("holds no folder") == true)
    try write(1, to: "cat/1.png")
    error = #expect(throws: FileError.self) { try open(labelledFolder()) }
    #expect(error?.path == scratch.file("loose.png"))
    #expect(error?.reason.contains("lies in no class") == true)
    #expect(error?.exitCode == 65)
  }

  @Test func aClassWithoutAnImageIsNamed() throws {
    try write(1, to: "cat/1.png")
    try createFolder(at: scratch.file("dog"))
    try writeFileAtomically([1], to: scratch.file("dog/notes.txt"))
    let error = #expect(throws: FileError.self) { try open(labelledFolder()) }
    #expect(error?.path == scratch.file("dog"))
    #expect(error?.reason.hasPrefix("holds no image") == true)
  }

  @Test func theDigitsHaveTheirClasses() throws {
    let data = try open(dataSource("digits", plain), side: 8)
    // The counts that scikit-learn's description of `load_digits` tells.
    #expect(data.classes.map(\.count) == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    #expect(data.classes.map(\.name) == (0...9).map(String.init))
    #expect(try (0..<10).map { try data.values($0, of: "label")[0] } == (0...9).map(Float.init))
  }

  private func idx(_ labels: [UInt8], of images: Int = 2) throws -> Configured {
    let path = scratch.file("labels")
    try writeFileAtomically([0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels, to: path)
    return dataSource(
      "idx",
      [
        "images": .path(fixture("images-idx3-ubyte.gz"), base: ""), "labels": .path(path, base: ""),
        "range": .numbers([0, 255]),
      ])
  }

  @Test func anIDXFileTakesItsClassesFromAnother() throws {
    let data = try open(try idx([3, 1]), side: 3)
    #expect(try data.allValues(of: "label") == [[3], [1]])
    #expect(data.classes.map(\.name) == ["0", "1", "2", "3"])
    #expect(data.classes.map(\.count) == [0, 1, 0, 1])
  }

  @Test func labelsForOtherImagesAreRefused() throws {
    let error = #expect(throws: FileError.self) { try open(try idx([3, 1, 2])) }
    #expect(error?.path == scratch.file("labels"))
    #expect(error?.reason.hasPrefix("holds 3 labels, but ") == true)
    #expect(error?.reason.contains("holds 2 images") == true)
    let images = AttributeValue.path(fixture("images-idx3-ubyte.gz"), base: "")
    #expect(throws: FileError(path: fixture("images-idx3-ubyte.gz"), reason: "holds 2 images, not labels")) {
      try open(dataSource("idx", ["images": images, "labels": images]))
    }
  }

  @Test func cifarsClassesHaveNames() throws {
    let path = scratch.file("data_batch_1.bin")
    let records = [UInt8(9), 0].flatMap { label -> [UInt8] in [label] + Array(repeating: label, count: 3072) }
    try writeFileAtomically(records, to: path)
    let data = try open(
      dataSource("cifar10", plain.merging(["path": .path(path, base: "")]) { $1 }), channels: 3, side: 32)
    #expect(try data.allValues(of: "label") == [[9], [0]])
    #expect(data.classes.filter { $0.count == 1 }.map(\.name) == ["airplane", "truck"])
  }

  @Test func drawnShapesAreWhatTheirLabelSays() throws {
    let source = dataSource("synthetic", ["kind": .string("shapes"), "count": .int(60)])
    let data = try open(source, channels: 3, side: 64)
    #expect(data.classes.map(\.name) == ["disc", "square", "triangle"])
    #expect(data.classes.allSatisfy { $0.count > 8 })
    for index in 0..<60 {
      let values = try data.values(index)
      let inside = (0..<64 * 64).map { values[3 * $0..<3 * $0 + 3] != values[0..<3] }
      let corners = inside.indices.filter { inside[$0] }
      let (left, right) = (corners.map { $0 % 64 }.min() ?? 0, corners.map { $0 % 64 }.max() ?? 0)
      let top = (corners.min() ?? 0) / 64
      // Of its first row but one, a square has all, a disc some, a triangle nearly nothing.
      let share = Double((left...right).count { inside[(top + 1) * 64 + $0] }) / Double(right - left + 1)
      let shape = share > 0.9 ? 1 : share > 0.22 ? 0 : 2
      #expect(try data.values(index, of: "label") == [Float(shape)], "\(index): \(share)")
    }
  }

  // MARK: Pairs

  @Test(arguments: [0, 1 << 20]) func filesOfOneNameArePairs(memoryLimit: Int) throws {
    // Sorted with their endings, the two folders are in different orders.
    for (value, name) in [(1, "in/a.png"), (2, "in/a-1.png"), (3, "in/s/x.png")] {
      try write(UInt8(value), to: name)
    }
    for (value, name) in [(11, "out/a.jpeg"), (12, "out/a-1.png"), (13, "out/s/x.PNG")] {
      try write(UInt8(value), to: name)
    }
    let data = try open(pairs("in", "out"), memoryLimit: memoryLimit)
    #expect(data.fields.map(\.name) == ["input", "real"])
    let inputs = try data.allValues(of: "input")
    #expect(Set(inputs) == [[1], [2], [3]])
    #expect(try data.allValues() == inputs.map { [$0[0] + 10] })
  }

  @Test func filesWithoutPartnersAreNamed() throws {
    for name in ["in/a.png", "in/b.png", "in/c.png", "in/d.png", "in/e.png", "out/b.png"] {
      try write(1, to: name)
    }
    var error = #expect(throws: FileError.self) { try open(pairs("in", "out")) }
    #expect(error?.path == scratch.file("in/a.png"))
    #expect(
      error?.reason
        == "has no partner of its name, whatever the ending, in \(scratch.file("out")); so have not: c.png,"
        + " d.png and 1 more")
    error = #expect(throws: FileError.self) { try open(pairs("out", "in")) }
    #expect(error?.path == scratch.file("in/a.png"))
    try write(1, to: "out/b.jpg")
    error = #expect(throws: FileError.self) { try open(pairs("out", "in")) }
    #expect(error?.path == scratch.file("out/b.png"))
    #expect(error?.reason.contains("but for the ending") == true)
  }

  @Test(arguments: [0, 1 << 20]) func aPairIsLeftOutWhole(memoryLimit: Int) throws {
    for name in ["in/a.png", "out/a.png", "in/b.png", "in/c.png"] { try write(7, to: name) }
    for name in ["out/b.png", "out/c.png"] { try write(9, to: name) }
    try writeFileAtomically([], to: scratch.file("out/b.png"))
    let data = try open(pairs("in", "out", ["broken": .string("skip")]), memoryLimit: memoryLimit)
    #expect(data.count == 2)
    #expect(data.skipped.map(\.path) == [scratch.file("out/b.png")])
    #expect(try data.allValues() == [[7], [9]])
  }

  @Test func halvesOfAPictureArePairs() throws {
    let picture = Image(width: 4, height: 2, channels: 3, pixels: (0..<24).map { UInt8($0) })
    try picture.writePNG(to: scratch.file("1.png"))
    func source(_ input: String) -> Configured {
      dataSource(
        "side_by_side",
        plain.merging(["path": .path(scratch.path, base: ""), "input": .string(input)]) { $1 })
    }
    let left: [Float] = [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]
    for memoryLimit in [0, 1 << 20] {
      let data = try open(source("left"), channels: 3, side: 2, memoryLimit: memoryLimit)
      #expect(try data.values(0, of: "input") == left)
      #expect(try data.values(0) == left.map { $0 + 6 })
      #expect(try open(source("right"), channels: 3, side: 2, memoryLimit: memoryLimit).values(0) == left)
    }
    try Image(width: 3, height: 2, channels: 1, pixels: Array(repeating: 0, count: 6))
      .writePNG(to: scratch.file("2.png"))
    let error = #expect(throws: FileError.self) { try open(source("left"), channels: 3, side: 2) }
    #expect(error?.path == scratch.file("2.png"))
    #expect(error?.reason.hasPrefix("is 3 pixels wide") == true)
  }

  @Test func theInputOfAPairMayHaveOtherChannels() throws {
    try write(200, to: "in/a.png")
    try Image(width: 1, height: 1, channels: 3, pixels: [1, 2, 3]).writePNG(to: scratch.file("in/b.png"))
    for name in ["out/a.png", "out/b.png"] { try write(5, to: name) }
    let data = try open(pairs("in", "out", ["input_channels": .int(1)]), channels: 3)
    #expect(data.fields.map(\.valueCount) == [1, 3])
    #expect(try data.allValues(of: "input") == [[200], [2]])
  }

  @Test func pairsAreMirroredTogether() throws {
    let source = dataSource(
      "synthetic", ["kind": .string("pairs"), "count": .int(40), "flip": .bool(true)])
    let straight = dataSource("synthetic", ["kind": .string("pairs"), "count": .int(40)])
    let (data, plain) = try (open(source, side: 16), open(straight, side: 16))
    var mirrored = 0
    for index in 0..<40 {
      let changes = try ["input", "real"].map {
        try data.values(index, of: $0) != plain.values(index, of: $0)
      }
      #expect(changes[0] == changes[1])
      mirrored += changes[0] ? 1 : 0
    }
    #expect((8...32).contains(mirrored))
  }

  @Test func anOutlineIsTheEdgeOfItsPicture() throws {
    let source = dataSource("synthetic", ["kind": .string("pairs"), "count": .int(20)])
    let data = try open(source, channels: 3, side: 48)
    for index in 0..<20 {
      let (outline, picture) = try (data.values(index, of: "input"), data.values(index))
      let ground = Array(picture[0..<3])
      func drawn(_ values: [Float]) -> Set<Int> {
        Set((0..<48 * 48).filter { Array(values[3 * $0..<3 * $0 + 3]) != ground })
      }
      #expect(drawn(outline).isSubset(of: drawn(picture)))
      #expect(drawn(outline).count < drawn(picture).count)
      #expect(!drawn(outline).isEmpty)
    }
  }

  // MARK: Two kinds of images

  @Test(arguments: [0, 1 << 20]) func unpairedImagesMeetAtRandom(memoryLimit: Int) throws {
    for value in 0..<5 { try write(UInt8(value), to: "a/\(value).png") }
    for value in 0..<3 { try write(UInt8(100 + value), to: "b/\(value).png") }
    let source = dataSource(
      "unpaired",
      plain.merging([
        "a": .path(scratch.file("a"), base: ""), "b": .path(scratch.file("b"), base: ""),
      ]) { $1 })
    let data = try open(source, memoryLimit: memoryLimit)
    #expect((data.count, data.fields.map(\.name)) == (5, ["a", "b"]))
    var meetings: [[[Float]]] = []
    for epoch in 0..<30 {
      #expect(try data.allValues(of: "a", epoch: epoch) == (0..<5).map { [Float($0)] })
      meetings.append(try data.allValues(of: "b", epoch: epoch))
      #expect(try data.allValues(of: "b", epoch: epoch) == meetings[epoch])
    }
    #expect(Set(meetings).count > 20)
    #expect(Set(meetings.joined()) == [[100], [101], [102]])
    let other = try open(source, seed: 2, memoryLimit: memoryLimit)
    #expect(try (0..<30).map { try other.allValues(of: "b", epoch: $0) } != meetings)
  }

  @Test func unpairedOutlinesAreThoseOfOtherPictures() throws {
    let unpaired = dataSource("synthetic", ["kind": .string("unpaired"), "count": .int(30)])
    let pairs = dataSource("synthetic", ["kind": .string("pairs"), "count": .int(30)])
    let (data, pictures) = try (open(unpaired, side: 12), open(pairs, side: 12))
    #expect(try data.allValues(of: "a") == pictures.allValues(of: "real"))
    #expect(try Set(data.allValues(of: "b")).isDisjoint(with: Set(pictures.allValues(of: "input"))))
  }

  // MARK: Batches

  @Test(arguments: ["pairs", "unpaired", "shapes"], [0, 1 << 20])
  func batchesHoldEveryFieldOfTheSameExamples(kind: String, memoryLimit: Int) throws {
    let source = dataSource(
      "synthetic", ["kind": .string(kind), "count": .int(11), "flip": .bool(true)])
    let data = try open(source, channels: 3, side: 6, memoryLimit: memoryLimit)
    let schedule = try #require(BatchSchedule(imageCount: 11, batchSize: 4, dropsLast: false, seed: 3))
    let loader = BatchLoader(data, fields: data.fields, schedule: schedule, startingAt: 2)
    for step in 2..<9 {
      var values: [String: [Float]] = [:]
      let batch = try loader.next { field, given in values[field.name] = given.indices.map { given[$0] } }
      let (epoch, indices) = schedule.images(at: step)
      #expect(batch.count == indices.count)
      for field in data.fields {
        #expect(
          try values[field.name] == indices.flatMap { try data.values($0, of: field.name, epoch: epoch) })
      }
    }
  }
}
