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

  @Option(help: "How many images; with --interpolate, whole rows.")
  var count = 64

  @Option(help: "What the images depend on.")
  var seed = 0

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The class of the images, from zero, of a model that is told one.", valueName: "class")
  )
  var label: Int?

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
    if interpolate, grid < 2 { throw ValidationError("--interpolate needs rows of at least 2: --grid.") }
  }

  func run() throws {
    try reportingFileErrors {
      try checkOutputs()
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
      guard networks.contains("generator") else {
        throw FileError(path: checkpoint, reason: "holds no generator")
      }
      try check(loaded)
      try checkFinite(compiled.store, from: checkpoint)
      let sampler = Sampler(compiled, usesAverage: !newest)
      if let each {
        try write(noise(sampler), sampler, fade: fade, toFilesIn: each)
      } else {
        let images = sampler.images(from: noise(sampler), label: label, fade: fade)
        guard let picture = imageGrid(images, columns: grid) else {
          throw FileError(path: output, reason: "cannot hold a grid of \(images.count) such images")
        }
        try picture.writePNG(to: output, replacing: outputs.replacement)
        Console.print("\(output)")
      }
    }
  }

  /// Refuses what the model cannot be asked for.
  private func check(_ model: ModelSpec) throws {
    guard let maker = model.imageMaker else { throw fail("the model makes no images", Exit.invalidInput) }
    if let condition = Sampler.conditions(of: maker).first {
      throw fail(
        """
        the \(maker.name) is given `\(condition)` besides noise and a class, which `sample` has not: the run's own \
        samples show what it makes
        """, Exit.invalidInput)
    }
    guard let label else { return }
    guard let classes = model.classes?.value, maker.inputs.contains(where: { $0.type.value == .label }) else {
      throw fail("--class: the \(maker.name) is told no class", Exit.invalidInput)
    }
    guard (0..<classes).contains(label) else {
      throw fail("--class must be from 0 to \(classes - 1), and is \(label)", Exit.invalidInput)
    }
  }

  /// Writes one image a file. No more than a grid of them is held at once.
  private func write(_ noise: [Float], _ sampler: Sampler, fade: Double, toFilesIn folder: String) throws {
    try createFolder(at: folder)
    let part = Sampler.gridImages * sampler.latent
    for start in stride(from: 0, to: noise.count, by: part) {
      let images = sampler.images(
        from: Array(noise[start..<min(start + part, noise.count)]), label: label, fade: fade)
      for (index, image) in images.enumerated() {
        let path = Self.path(ofImage: start / sampler.latent + index, in: folder)
        try image.writePNG(to: path, replacing: outputs.replacement)
      }
    }
    Console.print("\(folder)")
  }

  private static func path(ofImage index: Int, in folder: String) -> String {
    let digits = String(index)
    return "\(folder)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
  }

  private func checkOutputs() throws(FileError) {
    guard let each else { return try outputs.check(output) }
    let images = interpolate ? (count + grid - 1) / grid * grid : count
    for index in 0..<images { try outputs.check(Self.path(ofImage: index, in: each)) }
  }

  private func noise(_ sampler: Sampler) -> [Float] {
    guard interpolate else { return sampler.noise(count: count, seed: seed) }
    let walks = (count + grid - 1) / grid
    let ends = sampler.noise(count: 2 * walks, seed: seed)
    func end(_ index: Int) -> [Float] { Array(ends[index * sampler.latent..<(index + 1) * sampler.latent]) }
    return (0..<walks).flatMap { walk in
      LatentWalk.spherical(from: end(2 * walk), to: end(2 * walk + 1), steps: grid).flatMap { $0 }
    }
  }
}
