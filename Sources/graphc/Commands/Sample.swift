import ArgumentParser
import Datasets
import Files
import Glibc
import Interchange
import Lowering
import ModelSpec
import Training

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images with a trained generator.",
    discussion: """
      Writes one grid as a PNG file, or each image to a file of its own with --each. The same seed draws the \
      same images. A model that makes images of images is given pictures with --input: rows of them stand above \
      rows of what it makes of them.
      """)

  @OptionGroup var trained: RunSource

  @Option(
    help: ArgumentHelp(
      """
      How many images, 64 if nothing is said; with --interpolate, whole rows; with --by-class, as --grid and the \
      classes say.
      """, valueName: "count"))
  var count: Int?

  @Option(help: "What the images depend on.")
  var seed = 0

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The class of the images, from zero, of a model that is told one.", valueName: "class")
  )
  var label: Int?

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

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if let count, !(1...100_000).contains(count) {
      throw ValidationError("--count must be from 1 to 100000.")
    }
    if !(1...1000).contains(grid) { throw ValidationError("--grid must be from 1 to 1000.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
    if byClass, interpolate { throw ValidationError("--by-class and --interpolate both say what a row is.") }
    if byClass, label != nil { throw ValidationError("--by-class draws all classes: leave --class out.") }
    if input != nil, interpolate || byClass || count != nil {
      throw ValidationError(
        "--input makes one image of each picture: leave --count, --interpolate and --by-class out.")
    }
    if interpolate, grid < 2 { throw ValidationError("--interpolate needs rows of at least 2: --grid.") }
  }

  func run() throws {
    try reportingFileErrors {
      if each == nil { try outputs.check(output) }
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      let (sampler, fade) = (opened.sampler, opened.fade)
      let maker = try imageMaker(of: opened.spec)
      if let input {
        try write(GivenInput(to: maker, of: opened.spec, at: input), sampler, fade: fade)
        return
      }
      let (noise, labels) = asked(of: sampler, classes: Sampler.classes(of: maker, in: opened.spec))
      if let each {
        for index in 0..<noise.count / sampler.latent {
          try outputs.check(Self.path(ofImage: index, in: each))
        }
        try write(noise, labels, sampler, fade: fade, toFilesIn: each)
      } else {
        let images = sampler.images(from: noise, labels: labels, seed: seed, fade: fade)
        guard let picture = imageGrid(images, columns: grid) else {
          throw FileError(path: output, reason: "cannot hold a grid of \(images.count) such images")
        }
        try picture.writePNG(to: output, replacing: outputs.replacement)
        Console.print("\(output)")
      }
    }
  }

  /// The network that makes the images, if it can be asked for them.
  private func imageMaker(of model: ModelSpec) throws -> NetworkSpec {
    guard let maker = model.imageMaker else { throw fail("the model makes no images", Exit.invalidInput) }
    if input == nil, let condition = Sampler.conditions(of: maker, in: model).first {
      throw fail(
        """
        the \(maker.name) makes images of `\(condition)`: give it pictures with --input, a file or a folder of them
        """, Exit.invalidInput)
    }
    guard label != nil || byClass else { return maker }
    guard let classes = Sampler.classes(of: maker, in: model) else {
      throw fail("--\(byClass ? "by-" : "")class: the \(maker.name) is told no class", Exit.invalidInput)
    }
    if let label, !(0..<classes).contains(label) {
      throw fail("--class must be from 0 to \(classes - 1), and is \(label)", Exit.invalidInput)
    }
    return maker
  }

  /// Writes what the network makes of pictures. No more than a grid of them is held at once, where each has a
  /// file of its own.
  private func write(_ given: GivenInput, _ sampler: Sampler, fade: Double) throws {
    let names = try each.map { try given.fileNames(in: $0) }
    for name in names ?? [] { try outputs.check(name) }
    let count = given.pictures.names.count
    let noise = sampler.noise(count: count, seed: seed)
    var rows: [(inputs: [Image], outputs: [Image])] = []
    for start in stride(from: 0, to: count, by: names == nil ? grid : Sampler.gridImages) {
      let end = min(start + (names == nil ? grid : Sampler.gridImages), count)
      var (shown, made): ([Image], [Image]) = ([], [])
      for first in stride(from: start, to: end, by: Sampler.gridImages) {
        let last = min(first + Sampler.gridImages, end)
        let images = try (first..<last).map { try given.pictures.image(at: $0) }
        made += sampler.images(
          from: Array(noise[first * sampler.latent..<last * sampler.latent]),
          labels: label.map { Array(repeating: $0, count: images.count) }, seed: seed, first: first,
          fade: fade,
          given: [given.name: images.flatMap(given.pictures.values)])
        shown += images
      }
      if let names {
        for (name, image) in zip(names[start..<end], made) {
          try createFolder(at: String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]))
          try image.writePNG(to: name, replacing: outputs.replacement)
        }
      } else {
        rows.append((shown, made))
      }
    }
    if let each {
      Console.print("\(each)")
      return
    }
    let channels = rows[0].outputs[0].channels
    guard
      let picture = imageGrid(
        rows.flatMap { row in
          // A row that is not full ends in grey, so that what is made stands below what it is made of.
          let blank = Image(
            width: row.outputs[0].width, height: row.outputs[0].height, channels: channels,
            pixels: Array(repeating: 128, count: row.outputs[0].pixels.count))
          let rest = Array(repeating: blank, count: rows.count > 1 ? grid - row.outputs.count : 0)
          return row.inputs.map { $0.withChannels(channels) } + rest + row.outputs + rest
        }, columns: min(grid, count))
    else {
      throw FileError(path: output, reason: "cannot hold a grid of \(2 * count) such images")
    }
    try picture.writePNG(to: output, replacing: outputs.replacement)
    Console.print("\(output)")
  }

  /// The latent vectors, and the class of each.
  private func asked(of sampler: Sampler, classes: Int?) -> (noise: [Float], labels: [Int]?) {
    let noise = noise(sampler)
    guard let classes else { return (noise, nil) }
    let count = noise.count / sampler.latent
    if let label { return (noise, Array(repeating: label, count: count)) }
    guard byClass else { return (noise, (0..<count).map { $0 % classes }) }
    let row = noise.prefix(grid * sampler.latent)
    return (
      (0..<classes).flatMap { _ in row },
      (0..<classes).flatMap { Array(repeating: $0, count: row.count / sampler.latent) }
    )
  }

  /// Writes one image a file. No more than a grid of them is held at once.
  private func write(
    _ noise: [Float], _ labels: [Int]?, _ sampler: Sampler, fade: Double, toFilesIn folder: String
  ) throws {
    try createFolder(at: folder)
    let part = Sampler.gridImages * sampler.latent
    for start in stride(from: 0, to: noise.count, by: part) {
      let end = min(start + part, noise.count)
      let (first, last) = (start / sampler.latent, end / sampler.latent)
      let images = sampler.images(
        from: Array(noise[start..<end]), labels: labels.map { Array($0[first..<last]) }, seed: seed,
        first: first, fade: fade)
      for (index, image) in images.enumerated() {
        try image.writePNG(
          to: Self.path(ofImage: first + index, in: folder), replacing: outputs.replacement)
      }
    }
    Console.print("\(folder)")
  }

  private static func path(ofImage index: Int, in folder: String) -> String {
    let digits = String(index)
    return "\(folder)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
  }

  private func noise(_ sampler: Sampler) -> [Float] {
    guard interpolate else { return sampler.noise(count: byClass ? grid : count ?? 64, seed: seed) }
    let walks = ((count ?? 64) + grid - 1) / grid
    let ends = sampler.noise(count: 2 * walks, seed: seed)
    func end(_ index: Int) -> [Float] { Array(ends[index * sampler.latent..<(index + 1) * sampler.latent]) }
    return (0..<walks).flatMap { walk in
      LatentWalk.spherical(from: end(2 * walk), to: end(2 * walk + 1), steps: grid).flatMap { $0 }
    }
  }
}
