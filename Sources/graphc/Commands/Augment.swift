import ArgumentParser
import Datasets
import Diagnostics
import Files
import Interchange
import ModelSpec
import Training

struct Augment: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write made images beside a training set's: a folder a class, copies left out.",
    discussion: """
      As many images of each class, in folders that torchvision's ImageFolder and graphc read, and a line of \
      metadata.jsonl for each: which sample it is, and which image of the training is nearest. What is nearer to \
      one than real images are to each other is taken for a copy, and left out. A call that was stopped goes on \
      where it was when it is made again.
      """)

  @OptionGroup var trained: RunSource

  @Option(help: "How many images, of all classes.")
  var count: Int

  @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var out: String

  @Option(help: "What the samples depend on.")
  var seed = 0

  @Option(
    help: ArgumentHelp(
      "Keep the noise within ±limit: truer images, and fewer kinds of them.", valueName: "limit"))
  var truncation: Double?

  @Option(
    help: ArgumentHelp(
      "The share of real images whose distance to their nearest is smaller than that of a copy; 0 lets all pass.",
      valueName: "share"))
  var copies = 0.01

  @Option(help: "What the folder of a model without classes is called.")
  var label = "made"

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  /// Samples that are looked at for each image that is wanted, before the model is taken to have learnt its data
  /// by heart.
  private static let triesPerImage = 20

  func validate() throws {
    if !(1...10_000_000).contains(count) { throw ValidationError("--count must be from 1 to 10000000.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
    if !(0...0.5).contains(copies) { throw ValidationError("--copies must be from 0 to 0.5.") }
    if let truncation, !(truncation > 0 && truncation <= 100) {
      throw ValidationError("--truncation must be above 0, and at most 100.")
    }
    if label.isEmpty || label.hasPrefix(".") || label.contains("/") {
      throw ValidationError("--label must be a folder's name.")
    }
  }

  func run() throws {
    try reportingFileErrors {
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesNoiseAlone(for: "augment")
      guard let data = opened.spec.train.data else {
        throw fail("the model names no `data`: nothing tells copies from new images", Exit.invalidInput)
      }
      let dataset = try Dataset(
        data, channels: opened.spec.channels.value, height: opened.spec.height.value,
        width: opened.spec.width.value, seed: opened.spec.train.seed, threads: threads.count)
      guard dataset.count > 1 else {
        throw FileError(path: "the data", reason: "has one image, and copies cannot be told from new images")
      }
      let names = opened.classes.map { classes in
        (0..<classes).map { dataset.classes.indices.contains($0) ? dataset.classes[$0].name : "\($0)" }
      }
      let checkpoint = try SHA256(ofFileAt: opened.checkpoint).text
      let folder = try AugmentedFolder(
        out, classes: names ?? [label],
        request: [
          ("checkpoint_sha256", .string(checkpoint)), ("seed", .int(seed)), ("newest", .bool(trained.newest)),
          ("truncation", truncation.map { .number($0) } ?? .null), ("copies", .number(copies)),
          ("classes", .array((names ?? [label]).map { .string($0) })),
        ])
      let wanted = (0..<folder.counts.count).map { kind in
        count / folder.counts.count + (kind < count % folder.counts.count ? 1 : 0)
      }
      let real = try RealImages(of: dataset, for: opened.spec)
      let test = CopyTest(real.pixels, share: copies, seed: seed, threads: threads.count)
      try fill(folder, wanted: wanted, names: names ?? [label], test, checkpoint, opened)
      let limit = copies == 0 ? 0 : test.limit
      Console.message(
        """
        \(Text.grouped(folder.counts.reduce(0, +))) images; \(Text.grouped(folder.refused)) left out, nearer than \
        \(Text.fixed(limit, 3)) to an image of the training
        """)
      Console.print("\(out)")
    }
  }

  /// Looks at samples in their order until each class has as many images as are wanted.
  private func fill(
    _ folder: AugmentedFolder, wanted: [Int], names: [String], _ test: CopyTest, _ checkpoint: String,
    _ opened: RunSource.Opened
  ) throws {
    let sampler = opened.sampler
    let truncated = truncation.map { TruncatedNormal(limit: $0) }
    let classes = opened.classes
    func done() -> Int { zip(folder.counts, wanted).reduce(0) { $0 + min($1.0, $1.1) } }
    let total = wanted.reduce(0, +)
    var work = LongWork(start: done(), total: total, unit: "image")
    let part = sampler.batch
    while done() < total {
      guard folder.next < Self.triesPerImage * total + part else {
        throw fail(
          """
          \(out): of \(Text.grouped(folder.next)) samples \(Text.grouped(folder.refused)) are copies of the \
          training's images, and \(Text.grouped(done())) of \(Text.grouped(total)) images were found: the model has \
          learnt its data by heart, or --copies \(copies) is too strict
          """, Exit.invalidInput)
      }
      let numbers = folder.next..<folder.next + part
      let latents = sampler.noise(of: numbers, seed: seed, truncation: truncated)
      let labels = numbers.map { number in classes.map { number % $0 } ?? 0 }
      let values = sampler.values(
        from: latents, labels: classes == nil ? nil : labels, seed: seed, first: numbers.lowerBound,
        fade: opened.fade)
      let images = sampler.images(ofValues: values)
      // As a picture's bytes have them.
      let neighbours = test.nearest(
        to: images.flatMap { image in sampler.unitValues(of: image) }, threads: threads.count)
      var (entries, refused): ([AugmentedFolder.Entry], Int) = ([], 0)
      var counts = folder.counts
      for (place, number) in numbers.enumerated() where counts[labels[place]] < wanted[labels[place]] {
        guard copies == 0 || neighbours[place].distance >= test.limit else {
          refused += 1
          continue
        }
        counts[labels[place]] += 1
        entries.append(
          .init(
            image: images[place], label: labels[place], name: names[labels[place]], index: number,
            latent: Array(latents[place * sampler.latent..<(place + 1) * sampler.latent]),
            nearest: (neighbours[place].index, neighbours[place].distance)))
      }
      try folder.add(
        entries, next: numbers.upperBound, refused: refused, seed: seed, checkpoint: checkpoint,
        truncation: truncation, threads: threads.count)
      work.reached(done())
      try work.stopIfAsked("the same call goes on from here")
    }
    try folder.synchronize()
    work.finish()
    if let summary = work.summary("images") { Console.message(summary) }
  }
}
