import ArgumentParser
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
      same images.
      """)

  @Argument(
    help: ArgumentHelp(
      "A run's folder, for its latest checkpoint, or a checkpoint file in one.", valueName: "run"))
  var source: String

  @Option(
    help: "How many images; with --interpolate, whole rows; with --by-class, as --grid and the classes say.")
  var count = 64

  @Option(help: "What the images depend on.")
  var seed = 0

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The class of the images, from zero, of a model that is told one.", valueName: "class")
  )
  var label: Int?

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

  @Flag(help: "Draw with the newest weights, also where an average of them is kept.")
  var newest = false

  @Option(help: "The model, for a checkpoint that lies outside its run's folder.")
  var model: String?

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if !(1...100_000).contains(count) { throw ValidationError("--count must be from 1 to 100000.") }
    if !(1...1000).contains(grid) { throw ValidationError("--grid must be from 1 to 1000.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
    if byClass, interpolate { throw ValidationError("--by-class and --interpolate both say what a row is.") }
    if byClass, label != nil { throw ValidationError("--by-class draws all classes: leave --class out.") }
    if interpolate, grid < 2 { throw ValidationError("--interpolate needs rows of at least 2: --grid.") }
  }

  func run() throws {
    try reportingFileErrors {
      if each == nil { try outputs.check(output) }
      let (checkpoint, spec) = try locateCheckpoint(source, model: model)
      var options = ModelOptions()
      options.model = spec
      options.overrides = []
      options.color = .auto
      let (_, stages) = try options.loadStages(quietly: true)
      // Of a training in stages, the network is that of the stage which saved the checkpoint.
      let plan = stages[0].spec.stage == nil ? nil : StagePlan(stages)
      let step = plan == nil ? 0 : try CheckpointMetadata(contentsOf: checkpoint).step
      let index = plan?.stage(savedAfter: step) ?? 0
      let (loaded, lowered) = stages[index]
      let fade = plan?.stages[index].fade(at: step) ?? 1
      let compiled = try compile(loaded, lowered, threads: threads, convolutions: convolutions.policy)
      let networks = try compiled.store.loadWeights(contentsOf: checkpoint)
      let maker = try imageMaker(of: loaded)
      guard networks.contains(maker.name) else {
        throw FileError(path: checkpoint, reason: "holds no \(maker.name)")
      }
      try checkFinite(compiled.store, from: checkpoint)
      let sampler = Sampler(compiled, usesAverage: !newest)
      let (noise, labels) = asked(of: sampler, classes: Sampler.classes(of: maker, in: loaded))
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
    if let condition = Sampler.conditions(of: maker, in: model).first {
      throw fail(
        """
        the \(maker.name) is given `\(condition)` besides noise and a class, which `sample` has not: the run's own \
        samples show what it makes
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
    guard interpolate else { return sampler.noise(count: byClass ? grid : count, seed: seed) }
    let walks = (count + grid - 1) / grid
    let ends = sampler.noise(count: 2 * walks, seed: seed)
    func end(_ index: Int) -> [Float] { Array(ends[index * sampler.latent..<(index + 1) * sampler.latent]) }
    return (0..<walks).flatMap { walk in
      LatentWalk.spherical(from: end(2 * walk), to: end(2 * walk + 1), steps: grid).flatMap { $0 }
    }
  }
}
