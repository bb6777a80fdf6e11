import Datasets
import Files
import Glibc
import Interchange
import ModelSpec
import TestSupport
import Testing

/// A folder as the world has them: what is said of it is exact.
@Suite struct MixedFolderTests {
  private let scratch = TemporaryFolder()

  private func copy(_ name: String, as target: String? = nil) throws {
    try writeFileAtomically(readFile(at: fixture("mixed/\(name)")), to: scratch.file(target ?? name))
  }

  /// Every kind of file that is read, and of those that are not.
  private func fill() throws {
    for value in 1...8 {
      try copy("orientation-\(value).jpg")
      try copy("orientation-\(value).png")
    }
    for name in [
      "alpha", "grey", "grey-alpha", "grey-key", "interlaced", "one-bit", "orientation-behind", "palette",
      "palette-2-bits", "palette-transparent", "ten-bits", "wide-colour",
    ] { try copy("\(name).png") }
    for name in ["progressive", "grey", "inks"] { try copy("\(name).jpg") }
    // Images by their first bytes: without an ending, and with that of another format.
    try copy("grey.jpg", as: "portrait.jfif")
    try copy("grey.png", as: "drawing")
    try copy("orientation-6.jpg", as: "misnamed.png")
    try copy("grey.png", as: "grey.png.bak")
    // One colour all over.
    try Image(width: 30, height: 20, channels: 3, pixels: Array(repeating: 77, count: 1800))
      .writePNG(to: scratch.file("uniform.png"))
    for ending in ["webp", "gif", "bmp", "tif"] { try copy("other.\(ending)") }
    try copy("other.webp", as: "second.webp")
    try writeFileAtomically(Array("<!doctype html><title>404</title>".utf8), to: scratch.file("page.html"))
    try writeFileAtomically(Array("names and places\n".utf8), to: scratch.file("notes.txt"))
    try writeFileAtomically([], to: scratch.file("marker"))
    try createFolder(at: scratch.file("x.png"))
    try copy("grey.png", as: "x.png/inside.png")
    #expect(unsafe symlink("/usr", scratch.file("elsewhere")) == 0)
  }

  /// Files that are named like images and are none, in the order of their names.
  private func addBroken() throws {
    try writeFileAtomically(
      Array(readFile(at: fixture("mixed/alpha.png")).dropLast(60)), to: scratch.file("b0.png"))
    try writeFileAtomically(
      Array(readFile(at: fixture("mixed/inks.jpg")).dropLast(60)), to: scratch.file("b1.jpg"))
    try writeFileAtomically([], to: scratch.file("b2.png"))
    #expect(unsafe mkfifo(scratch.file("b3.png"), 0o600) == 0)
    try copy("other.webp", as: "b4.jpg")
    try writeFileAtomically(Array("<html>".utf8), to: scratch.file("b5.png"))
  }

  private func open(
    _ more: [String: AttributeValue] = [:], channels: Int = 3, memoryLimit: Int = 1 << 24, threads: Int = 2
  ) throws -> Dataset {
    try Dataset(
      folderSource(scratch.path, more), channels: channels, height: 14, width: 22, seed: 1, threads: threads,
      memoryLimit: memoryLimit)
  }

  private func text(_ data: Dataset, _ topic: String) -> [String] {
    data.summary.lines.filter { $0.topic == topic }.map(\.text)
  }

  @Test func theSurveyIsExact() throws {
    try fill()
    let data = try open()
    // 16 orientations and one behind, 11 other PNG, 3 JPEG, 3 found by their bytes, the uniform one, the inside one.
    #expect(data.count == 36)
    #expect(
      text(data, "formats") == [
        "12 × PNG, colour, 8 bits; 10 × JPEG, colour, 8 bits; 5 × PNG, grey, 8 bits; 2 × JPEG, grey, 8 bits;"
          + " 2 × PNG, palette, 4 bits; 1 × JPEG, CMYK, 8 bits; 1 × PNG, colour, 16 bits; 1 × PNG, grey, 1 bit;"
          + " 1 × PNG, grey, 16 bits; 1 × PNG, palette, 2 bits"
      ])
    #expect(
      text(data, "sizes") == ["14×22 to 30×20 pixels, 3 sizes; most often 22×14, 25 times"])
    let changed = try #require(text(data, "changed").first)
    #expect(
      changed
        == "16 turned as their Exif note says; 4 with transparent pixels laid on the background; 9 grey, made"
        + " colour; 2 of 16 bits, made 8; 10 enlarged; 10 of which more than a quarter is cut off")
    #expect(
      text(data, "uniform") == [
        "1 of 36 pictures is of one colour all over, or nearly so, such as \(scratch.file("uniform.png"))"
      ])
    #expect(text(data, "dark").first?.contains("ten-bits.png, use values up to 1023") == true)
    let passedOver = try #require(text(data, "passed over").first)
    for part in [
      "2 WebP images (such as \(scratch.file("other.webp")); convert them to PNG or JPEG)", "1 GIF image",
      "1 BMP image", "1 TIFF image", "1 web page", "1 text", "1 empty file",
      "1 picture with the ending of another file (such as \(scratch.file("grey.png.bak")))",
      "1 link to folders elsewhere (such as \(scratch.file("elsewhere"));",
    ] { #expect(passedOver.contains(part), "\(part) in \(passedOver)") }
  }

  @Test(arguments: [0, 1 << 24], [1, 3]) func threadsAndMemoryChangeNothingOfIt(
    memoryLimit: Int, threads: Int
  ) throws {
    try fill()
    try addBroken()
    let skip: [String: AttributeValue] = ["broken": .string("skip")]
    let data = try open(skip, memoryLimit: memoryLimit, threads: threads)
    #expect(data.summary.lines == (try open(skip)).summary.lines)
    #expect(data.count == 36)
    #expect(
      data.skipped.map(\.path)
        == ["b0.png", "b1.jpg", "b2.png", "b3.png", "b4.jpg", "b5.png"].map(scratch.file))
    let reasons = data.skipped.map(\.reason)
    #expect(reasons[0].hasPrefix("is not a valid PNG file: "))
    #expect(reasons[1].hasPrefix("is not a valid JPEG file: "))
    #expect(reasons[2].hasPrefix("is empty"))
    #expect(reasons[3] == "is not a regular file")
    #expect(reasons[4].hasSuffix("but a WebP image: convert it to PNG or JPEG"))
    #expect(reasons[5].contains("a web page (HTML)"))
  }

  @Test func withoutSkipTheFirstBrokenFileIsNamedWithTheWayOut() throws {
    try fill()
    try addBroken()
    let error = #expect(throws: FileError.self) { try open() }
    #expect(error?.path == scratch.file("b0.png"))
    #expect(error?.reason.contains("6 of 42 files cannot be read; `broken: skip` under `data:`") == true)
  }

  @Test func theFirstPicturesStandUprightInTheData() throws {
    for value in 1...8 { try copy("orientation-\(value).png") }
    let data = try Dataset(
      folderSource(scratch.path, ["range": .numbers([0, 255])]), channels: 3, height: 22, width: 14, seed: 1,
      threads: 1)
    // Those that lie are cut to their middle; of the others every pixel is there.
    for value in 5...8 {
      let seen = try Image(contentsOf: fixture("mixed-expected/orientation-\(value)-png.png"))
      #expect(try data.values(value - 1) == seen.pixels.map(Float.init))
    }
  }

  // MARK: What is likely to be wrong

  @Test func darkFilesOf16BitsAreToldAndCanBeMended() throws {
    try copy("ten-bits.png")
    let dark = try open(channels: 1)
    let warning = try #require(text(dark, "dark").first)
    #expect(warning.contains("use values up to 1023 of 65535"))
    #expect(warning.contains("`white: 1023` under `data:`"))
    let mended = try open(["white": .int(1023), "range": .numbers([0, 255])], channels: 1)
    #expect(text(mended, "dark").isEmpty)
    let seen = try Image(contentsOf: fixture("mixed-expected/ten-bits-white.png"))
    #expect(try mended.values(0) == seen.pixels.map(Float.init))
  }

  @Test func fourChannelsKeepAlphaAndThreeTakeTheBackground() throws {
    try copy("alpha.png")
    let range: [String: AttributeValue] = ["range": .numbers([0, 255])]
    let kept = try Image.read(fixture("mixed-expected/alpha-kept.png"), ImageRequest(channels: 4)).image
    #expect(try open(range, channels: 4).values(0) == kept.pixels.map(Float.init))
    let laid = try Image(contentsOf: fixture("mixed-expected/alpha-on-colour.png"))
    let colored = range.merging(["background": .ints([10, 200, 90])]) { $1 }
    #expect(try open(colored).values(0) == laid.pixels.map(Float.init))
    let error = #expect(throws: FileError.self) { try open(["background": .ints([1, 2])]) }
    #expect(error?.reason.contains("red, green and blue") == true)
  }

  @Test func unbalancedAndEmptyClassesAreTold() throws {
    for number in 0..<23 {
      let name = number < 22 ? "many/\(number).png" : "few/1.png"
      try createFolder(at: scratch.file(number < 22 ? "many" : "few"))
      try Image(width: 2, height: 1, channels: 1, pixels: [0, UInt8(number * 10)]).writePNG(
        to: scratch.file(name))
    }
    let data = try open(["labels": .string("folders")])
    #expect(text(data, "classes") == ["2: few 1, many 22"])
    #expect(text(data, "balance").first?.hasPrefix("the class many has 22 pictures, few has 1") == true)
  }

  // MARK: Inspection

  @Test func inspectionTellsOfBrokenFilesAndShowsTheFirstPictures() throws {
    for value in 1...3 { try copy("orientation-\(value).png") }
    try addBroken()
    let data = try Dataset(inspectingFolder: scratch.path, threads: 2)
    #expect(data.count == 3)
    #expect(text(data, "left out").count == 6)
    let images = try data.firstImages(2)
    #expect(images.map(\.width) == [64, 64])
    let pairs = try Dataset(
      inspecting: dataSource("synthetic", ["kind": .string("pairs"), "count": .int(5)]), channels: 3,
      height: 8,
      width: 8, seed: 1, threads: 1)
    #expect(try pairs.firstImages(64).count == 10)
    #expect(try pairs.firstImages(3).count == 3)
  }
}
