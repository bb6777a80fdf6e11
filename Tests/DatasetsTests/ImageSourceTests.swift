import Files
import Glibc
import Interchange
import TestSupport
import Testing

@testable import Datasets

@Suite struct DigitsSourceTests {
  /// The first digit as scikit-learn's `load_digits` prints it, 0…16.
  private static let zero: [Double] = [
    0, 0, 5, 13, 9, 1, 0, 0,
    0, 0, 13, 15, 10, 15, 5, 0,
    0, 3, 15, 2, 0, 11, 8, 0,
    0, 4, 12, 0, 0, 8, 8, 0,
    0, 5, 8, 0, 0, 9, 8, 0,
    0, 4, 11, 0, 1, 12, 7, 0,
    0, 2, 14, 5, 10, 12, 0, 0,
    0, 0, 6, 13, 10, 0, 0, 0,
  ]

  @Test func theProgramCarriesTheDigits() throws {
    let source = DigitsSource()
    #expect(source.count == 1797)
    let image = try source.image(at: 0)
    #expect((image.width, image.height, image.channels) == (8, 8, 1))
    #expect(image.pixels == Self.zero.map { UInt8(($0 * 255 / 16).rounded()) })
    #expect(try source.image(at: 1796).pixels.contains(255))
  }
}

@Suite struct IDXSourceTests {
  private let scratch = TemporaryFolder()

  @Test func labelsAreNoImages() throws {
    let path = scratch.file("labels")
    try writeFileAtomically([0, 0, 8, 1, 0, 0, 0, 2, 7, 9], to: path)
    let reason = "holds 2 labels, not images: name it as `labels`, beside `images`"
    #expect(throws: FileError(path: path, reason: reason)) {
      try IDXSource(path: path)
    }
  }

  @Test func imagesAreRead() throws {
    let source = try IDXSource(path: fixture("images-idx3-ubyte.gz"))
    #expect(source.count == 2)
    #expect(source.byteCount == 24)
    #expect(try source.image(at: 1).pixels == Array(12..<24))
  }

  @Test func onlyImagesOfTheirOwnShapeNeedNoCopy() throws {
    let source = try IDXSource(path: fixture("images-idx3-ubyte.gz"))
    #expect(try source.allPixels(width: 4, height: 3, channels: 1) == Array(0..<24))
    for (width, height, channels) in [(3, 4, 1), (4, 3, 3), (2, 6, 1)] {
      #expect(try source.allPixels(width: width, height: height, channels: channels) == nil)
    }
  }
}

@Suite struct CIFAR10SourceTests {
  private let scratch = TemporaryFolder()

  /// Batches of the given sizes; each image is all of one value, counted through.
  private func writeBatches(_ sizes: [Int], to folder: String) throws {
    var value: UInt8 = 0
    for (number, size) in sizes.enumerated() {
      var bytes: [UInt8] = []
      for _ in 0..<size {
        bytes += [1] + Array(repeating: value, count: 3072)
        value += 1
      }
      try writeFileAtomically(bytes, to: "\(folder)/data_batch_\(number + 1).bin")
    }
  }

  @Test func aFoldersBatchesFollowOneAnother() throws {
    try writeBatches([2, 0, 3], to: scratch.path)
    try writeFileAtomically(Array(repeating: 1, count: 3073), to: scratch.file("test_batch.bin"))
    try writeFileAtomically([1], to: scratch.file("batches.meta.txt"))
    let source = try CIFAR10Source(path: scratch.path)
    #expect(try (0..<source.count).map { try source.image(at: $0).pixels[0] } == [0, 1, 2, 3, 4])
    #expect(
      try source.image(at: 4)
        == Image(width: 32, height: 32, channels: 3, pixels: Array(repeating: 4, count: 3072)))
  }

  @Test func oneBatchAndAFolderAboveAreEnough() throws {
    let folder = scratch.file("cifar-10-batches-bin")
    try createFolder(at: folder)
    try writeBatches([2, 1], to: folder)
    #expect(try CIFAR10Source(path: scratch.path).count == 3)
    #expect(try CIFAR10Source(path: "\(folder)/data_batch_2.bin").count == 1)
  }

  @Test func aFolderWithoutBatchesSaysWhatIsMissing() {
    let reason = "holds no file data_batch_*.bin; the binary version of CIFAR-10 has them"
    #expect(throws: FileError(path: scratch.path, reason: reason)) { try CIFAR10Source(path: scratch.path) }
  }

  @Test func aBrokenBatchIsNamed() throws {
    try writeBatches([1, 1], to: scratch.path)
    let path = scratch.file("data_batch_2.bin")
    try writeFileAtomically([1, 2, 3], to: path)
    let error = #expect(throws: FileError.self) { try CIFAR10Source(path: scratch.path) }
    #expect(error?.path == path)
  }
}

@Suite struct FolderSourceTests {
  private let scratch = TemporaryFolder()

  private func open(skipsBroken: Bool = false, followsLinks: Bool = false) throws -> FolderSource {
    try FolderSource(
      path: scratch.path,
      .init(request: ImageRequest(), skipsBroken: skipsBroken, followsLinks: followsLinks))
  }

  /// The brightness of each image's first pixel.
  private func brightness(_ source: FolderSource) throws -> [UInt8] {
    try (0..<source.count).map { try source.image(at: $0).pixels[0] }
  }

  @Test func imagesAreFoundInSubfoldersAndSortedByTheirPaths() throws {
    try createFolder(at: scratch.file("b/c"))
    try createFolder(at: scratch.file("B"))
    // A dash sorts before a slash, and a capital before a small letter.
    let names = ["B/x.png", "a.png", "b-1.PNG", "b.Png", "b/c/0.png", "b/z.png", "é.png"]
    for (number, name) in names.enumerated().reversed() {
      try pixel(UInt8(number)).writePNG(to: scratch.file(name))
    }
    let sorted = try brightness(open()).map { names[Int($0)] }
    #expect(sorted == ["B/x.png", "a.png", "b-1.PNG", "b.Png", "b/c/0.png", "b/z.png", "é.png"])
  }

  @Test func pngAndJPEGFilesAreMixedAndOthersLeftOut() throws {
    try pixel(1).writePNG(to: scratch.file("1.png"))
    // The contents tell the format, whatever the name says.
    try pixel(2).writePNG(to: scratch.file("2.jpg"))
    for name in ["3.JPG", "4.jpeg", "5.Jpeg"] {
      try writeFileAtomically(readFile(at: fixture("color.jpg")), to: scratch.file(name))
    }
    // So too where it has no ending.
    try pixel(6).writePNG(to: scratch.file("png"))
    for name in ["notes.txt", "6.png.bak", ".hidden.png", "._1.png"] {
      try pixel(6).writePNG(to: scratch.file(name))
    }
    try createFolder(at: scratch.file(".thumbnails"))
    try pixel(6).writePNG(to: scratch.file(".thumbnails/1.png"))
    let source = try open()
    #expect(source.count == 6)
    #expect(try brightness(source)[..<2] == [1, 2])
    #expect(try source.image(at: 2) == Image(contentsOf: fixture("color.jpg")))
  }

  @Test func aLinkToAFolderAboveDoesNotLeadAroundForEver() throws {
    try createFolder(at: scratch.file("inner"))
    try pixel(1).writePNG(to: scratch.file("inner/1.png"))
    #expect(unsafe symlink(scratch.path, scratch.file("inner/up")) == 0)
    #expect(unsafe symlink(scratch.file("inner/1.png"), scratch.file("linked.png")) == 0)
    #expect(try brightness(open()) == [1, 1])
  }

  @Test func aFolderBehindALinkIsRead() throws {
    let other = TemporaryFolder()
    try pixel(7).writePNG(to: other.file("7.png"))
    #expect(unsafe symlink(other.path, scratch.file("linked")) == 0)
    #expect(try brightness(open(followsLinks: true)) == [7])
    // Without being asked to, nothing leads out of the folder, and it is said.
    let error = #expect(throws: FileError.self) { try open() }
    #expect(error?.reason.contains("1 link to folders elsewhere (such as \(scratch.file("linked"))") == true)
    try pixel(1).writePNG(to: scratch.file("own.png"))
    let source = try open()
    #expect(try brightness(source) == [1])
    #expect(source.passedOver.outside == [scratch.file("linked")])
  }

  @Test func aMissingFolderIsNamed() {
    let path = scratch.file("missing")
    #expect(throws: FileError(path: path, reason: "cannot be read: No such file or directory")) {
      try FolderSource(path: path, .init(request: ImageRequest(), skipsBroken: false, followsLinks: false))
    }
  }

  @Test func aFileIsNoFolder() throws {
    let path = scratch.file("1.png")
    try pixel(1).writePNG(to: path)
    let files: [(path: String, what: String)] = [
      (path, ", but a PNG file"), (scratch.file("x.zip"), ", but a zip archive: unpack it first"),
      (scratch.file("x.npy"), ", but a NumPy array (.npy)"), (scratch.file("x.bin"), ""),
    ]
    try writeFileAtomically([0x50, 0x4B, 3, 4], to: files[1].path)
    try writeFileAtomically([0x93] + Array("NUMPY".utf8), to: files[2].path)
    try writeFileAtomically([0, 1, 2, 3], to: files[3].path)
    for (path, what) in files {
      let reason = "is no folder\(what); name the folder that the pictures lie in"
      #expect(throws: FileError(path: path, reason: reason)) {
        try FolderSource(path: path, .init(request: ImageRequest(), skipsBroken: false, followsLinks: false))
      }
    }
  }

  @Test func aFolderWithoutImagesIsNamed() throws {
    try writeFileAtomically([1], to: scratch.file("notes.txt"))
    let note = scratch.file("notes.txt")
    let reason = "holds no PNG or JPEG file: it holds 1 file that is no image (such as \(note))"
    #expect(throws: FileError(path: scratch.path, reason: reason)) { try open() }
  }

  /// The super-user may read every file.
  @Test(.enabled(if: getuid() != 0)) func anUnreadableSubfolderIsNamed() throws {
    let path = scratch.file("locked")
    try createFolder(at: path)
    #expect(unsafe chmod(path, 0) == 0)
    defer { _ = unsafe chmod(path, 0o700) }
    let reason =
      "cannot be read: Permission denied; `broken: skip` under `data:` leaves such folders out"
    #expect(throws: FileError(path: path, reason: reason)) { try open() }
    try pixel(3).writePNG(to: scratch.file("1.png"))
    #expect(try brightness(open(skipsBroken: true)) == [3])
  }
}

@Suite struct SyntheticSourceTests {
  private func source(width: Int, height: Int, seed: Int = 1) -> SyntheticSource {
    SyntheticSource(shapes: 40, width: width, height: height, seed: seed)
  }

  @Test(arguments: [(1, 1), (3, 17), (32, 20), (64, 64)])
  func picturesAreDrawnAtAnySize(width: Int, height: Int) {
    let image = source(width: width, height: height).image(at: 5)
    #expect((image.width, image.height, image.channels) == (width, height, 3))
  }

  @Test func aPictureDependsOnSeedAndIndexAlone() {
    let first = source(width: 16, height: 16)
    let images = (0..<40).map { first.image(at: $0) }
    #expect(Set(images).count == 40)
    #expect((0..<40).reversed().allSatisfy { first.image(at: $0) == images[$0] })
    let other = source(width: 16, height: 16, seed: 2)
    #expect((0..<40).allSatisfy { other.image(at: $0) != images[$0] })
  }

  /// Averaging squares of four by four pixels of a larger picture is what smoothed edges stand for.
  @Test func edgesAreSmoothed() {
    for index in 0..<40 {
      let small = source(width: 32, height: 24).image(at: index)
      let averaged = source(width: 128, height: 96).images(at: index)[0].image.resized(width: 32, height: 24)
      let differences = zip(small.pixels, averaged.pixels).map { abs(Int($0) - Int($1)) }
      #expect((differences.max() ?? 0) < 80)
      #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 1)
    }
  }

  @Test func shapeAndGroundDifferInGreyToo() {
    for index in 0..<40 {
      let pixels = source(width: 24, height: 24).image(at: index).grayscale().pixels
      let (darkest, brightest) = (pixels.min() ?? 0, pixels.max() ?? 0)
      #expect(brightest - darkest >= 46)
    }
  }

  @Test func theThreeShapesTakeTheirShares() {
    // Of the square around it a disc covers 79 %, a square all; a triangle covers half of its own.
    let fills = (0..<40).map { index -> Double in
      let image = source(width: 96, height: 96).image(at: index)
      let isInside = (0..<96 * 96).map { image.pixels[3 * $0..<3 * $0 + 3] != image.pixels[..<3] }
      let inside = isInside.indices.filter { isInside[$0] }
      let (columns, rows) = (inside.map { $0 % 96 }, inside.map { $0 / 96 })
      let width = (columns.max() ?? 0) - (columns.min() ?? 0) + 1
      let height = (rows.max() ?? 0) - (rows.min() ?? 0) + 1
      return Double(inside.count) / Double(width * height)
    }
    #expect(fills.contains { $0 > 0.95 })
    #expect(fills.contains { (0.75...0.86).contains($0) })
    #expect(fills.contains { (0.48...0.62).contains($0) })
    #expect(fills.allSatisfy { $0 > 0.95 || (0.75...0.86).contains($0) || (0.48...0.62).contains($0) })
  }
}
