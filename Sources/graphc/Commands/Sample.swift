import ArgumentParser
import Diagnostics
import Files
import Interchange
import ModelSpec
import Training

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images with a trained generator.",
    discussion: """
      Writes one grid as a PNG file, or each image to a file of its own with --each. The same seed draws the \
      same images. A call with --each that was stopped goes on where it was when it is made again. A model that \
      makes images of images is given pictures with --input: rows of them stand above rows of what it makes of them.
      """)

  @OptionGroup var trained: RunSource

  @Option(
    help: """
      How many images, 64 by default; with --interpolate, whole rows; with --by-class, as --grid and the classes say.
      """)
  var count: Int?

  @Option(
    help: ArgumentHelp(
      "An image of this in place of a random one, once for each: \"smiling - neutral + 12\".",
      valueName: "expression"))
  var latent: [String] = []

  @Option(
    help: ArgumentHelp(
      "Pictures for a model that makes images of images: a PNG or JPEG file, or a folder of them.",
      valueName: "path"))
  var input: String?

  @Flag(help: "A row for each class, with the same noise in each.")
  var byClass = false

  @Option(help: "Images in a row of the grid.")
  var grid = 8

  @Flag(help: "Each row walks from one random image to another.")
  var interpolate = false

  @Option(help: ArgumentHelp("Write every image to a file of its own in this folder.", valueName: "folder"))
  var each: String?

  @Option(help: "The grid's file.")
  var output = "samples.png"

  @Option(help: ArgumentHelp("Keep the latent vectors, for --latents.", valueName: "file"))
  var saveLatents: String?

  @OptionGroup var source: LatentOptions

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  private static let usualCount = 64
  private static let countLimit = 10_000_000
  /// Latent vectors that one file keeps.
  private static let savedLimit = 100_000

  func validate() throws {
    if let count, !(1...Self.countLimit).contains(count) {
      throw ValidationError("--count must be from 1 to \(Self.countLimit).")
    }
    if !(1...1000).contains(grid) { throw ValidationError("--grid must be from 1 to 1000.") }
    if byClass, interpolate { throw ValidationError("--by-class and --interpolate both say what a row is.") }
    if byClass, source.label != nil {
      throw ValidationError("--by-class draws all classes: leave --class out.")
    }
    if interpolate, grid < 2 { throw ValidationError("--interpolate needs rows of at least 2: --grid.") }
    if !latent.isEmpty, byClass || interpolate {
      throw ValidationError("--latent says which images there are: leave --by-class and --interpolate out.")
    }
    if input != nil, count != nil || interpolate || byClass || !latent.isEmpty || saveLatents != nil {
      throw ValidationError(
        "--input makes one image of each picture: leave --count, --interpolate, --by-class, --latent and "
          + "--save-latents out.")
    }
    if saveLatents != nil, count ?? Self.usualCount > Self.savedLimit {
      throw ValidationError("--save-latents keeps \(Self.savedLimit) latent vectors at most.")
    }
    for text in latent { _ = try LatentOptions.expression(text) }
  }

  func run() throws {
    try reportingFileErrors {
      if each == nil { try outputs.check(output) }
      if let saveLatents { try outputs.check(saveLatents) }
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.check(label: source.label)
      if let input {
        try write(GivenInput(to: opened.maker, of: opened.spec, at: input), opened)
        return
      }
      if let condition = Sampler.conditions(of: opened.maker, in: opened.spec).first {
        throw fail(
          """
          the \(opened.maker.name) makes images of `\(condition)`: give it pictures with --input, a file or a folder \
          of them
          """, Exit.invalidInput)
      }
      if byClass, opened.classes == nil {
        throw fail("--by-class: the \(opened.maker.name) is told no class", Exit.invalidInput)
      }
      let series = try series(opened)
      if let each {
        try write(series, opened, toFilesIn: each)
      } else {
        try writeGrid(series, opened)
      }
      if let saveLatents {
        var saved = SavedLatents()
        for number in 0..<series.count { saved.add("sample_\(number)", series.latents(number..<number + 1)) }
        try saved.write(to: saveLatents, replacing: outputs.replacement)
        Console.print("\(saveLatents)")
      }
    }
  }

  /// Latent vectors by their numbers, which are made when they are asked for.
  private struct Series {
    var count: Int
    var latents: (Range<Int>) -> [Float]
    /// The class of an image; nil where the network is told none.
    var label: ((Int) -> Int)?
  }

  private func series(_ opened: RunSource.Opened) throws -> Series {
    let wanted = count ?? Self.usualCount
    let sampler = opened.sampler
    let truncation = source.truncated
    let label = opened.classes.map { classes in
      { [label = source.label, byClass, grid] number in
        label ?? (byClass ? number / grid : number % classes)
      }
    }
    if !latent.isEmpty {
      let values = try source.values(of: try latent.map(LatentOptions.expression), sampler)
      return Series(count: values.count, latents: { values[$0].flatMap { $0 } }, label: label)
    }
    if interpolate {
      let walks = (wanted + grid - 1) / grid
      return Series(
        count: walks * grid,
        latents: { [grid, seed = source.seed] numbers in
          numbers.flatMap { number in
            let ends = (0...1).map {
              sampler.noise(of: [2 * (number / grid) + $0], seed: seed, truncation: truncation)
            }
            return LatentWalk.point(
              .spherical, from: ends[0], to: ends[1], at: Double(number % grid) / Double(grid - 1))
          }
        }, label: label)
    }
    let count = byClass ? grid * (opened.classes ?? 1) : wanted
    return Series(
      count: count,
      latents: { [grid, byClass, seed = source.seed] numbers in
        sampler.noise(of: numbers.map { byClass ? $0 % grid : $0 }, seed: seed, truncation: truncation)
      }, label: label)
  }

  private func images(_ numbers: Range<Int>, of series: Series, _ opened: RunSource.Opened) -> [Image] {
    opened.sampler.images(
      from: series.latents(numbers), labels: series.label.map { numbers.map($0) }, seed: source.seed,
      first: numbers.lowerBound, fade: opened.fade)
  }

  private func writeGrid(_ series: Series, _ opened: RunSource.Opened) throws {
    let (height, width) = (opened.spec.height.value, opened.spec.width.value)
    guard imageGridHolds(series.count, width: width, height: height, columns: grid) else {
      throw FileError(
        path: output, reason: "cannot hold a grid of \(series.count) such images; --each writes files")
    }
    var work = LongWork(total: series.count, unit: "image")
    var pictures: [Image] = []
    let part = opened.sampler.batch
    for start in stride(from: 0, to: series.count, by: part) {
      pictures += images(start..<min(start + part, series.count), of: series, opened)
      work.reached(pictures.count)
      try work.stopIfAsked("nothing is written")
    }
    work.finish()
    guard let picture = imageGrid(pictures, columns: grid) else {
      throw FileError(path: output, reason: "cannot hold a grid of \(pictures.count) such images")
    }
    try picture.writePNG(to: output, replacing: outputs.replacement)
    Console.print("\(output)")
  }

  /// Writes one image a file; no more than a few batches are held at once.
  private func write(_ series: Series, _ opened: RunSource.Opened, toFilesIn path: String) throws {
    let folder = SampleFolder(path, request: try request(opened))
    let isDone = try folder.begin(count: series.count, overwriting: outputs.overwrites)
    let done = isDone.count { $0 }
    if done > 0 {
      Console.message("\(Text.grouped(done)) of \(Text.grouped(series.count)) images are there already")
    }
    var work = LongWork(start: done, total: series.count, unit: "image")
    let writers = PNGWriters(threads: threads.count, replacing: outputs.replacement)
    let part = opened.sampler.batch
    do {
      var reached = done
      for start in stride(from: 0, to: series.count, by: part) {
        let numbers = start..<min(start + part, series.count)
        let missing = numbers.filter { !isDone[$0] }
        if missing.isEmpty { continue }
        let images = images(numbers, of: series, opened)
        for number in missing { try writers.write(images[number - start], to: folder.imagePath(number)) }
        reached += missing.count
        work.reached(reached)
        if StopSignals.pending != nil { break }
      }
    } catch {
      // What waits is dropped; the first error is the one to tell.
      try? writers.finish()
      throw error
    }
    try writers.finish()
    try work.stopIfAsked("the same call goes on from here")
    work.finish()
    if let summary = work.summary("images") { Console.message(summary) }
    Console.print("\(path)")
  }

  /// What decides the images of a folder, besides how many there are.
  private func request(_ opened: RunSource.Opened) throws -> [(key: String, value: JSONValue)] {
    var request: [(key: String, value: JSONValue)] = [
      ("checkpoint_sha256", .string(try SHA256(ofFileAt: opened.checkpoint).text)),
      ("seed", .int(source.seed)), ("newest", .bool(trained.newest)),
      ("truncation", source.truncation.map { .number($0) } ?? .null),
      ("class", source.label.map { .int($0) } ?? .null),
    ]
    if byClass { request.append(("by_class", .int(grid))) }
    if interpolate { request.append(("interpolate", .int(grid))) }
    if !latent.isEmpty {
      let file = try source.latents.map { path throws(FileError) in try SHA256(ofFileAt: path).text }
      request += [
        ("latent", .array(latent.map { .string($0) })), ("let", .array(source.names.map { .string($0) })),
        ("latents_sha256", file.map { .string($0) } ?? .null),
      ]
    }
    return request
  }
}
