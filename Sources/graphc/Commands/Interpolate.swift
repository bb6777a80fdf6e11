import ArgumentParser
import Interchange
import ModelSpec
import Training

struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what lies between samples.",
    discussion: """
      Walks through samples, which are named by their numbers, as `graphc sample --each` names their files, or \
      through what --latent computes of them. The film goes on the arc between latent vectors, where the \
      network has been trained.
      """)

  @OptionGroup var trained: RunSource

  @Option(help: "The samples that the way leads through: 3,9,12-15.")
  var samples: String?

  @Option(
    help: ArgumentHelp(
      "A place on the way in place of a sample; once for each: \"smiling - neutral + 12\".",
      valueName: "expression"))
  var latent: [String] = []

  @Option(help: "Frames from one place to the next.")
  var frames = 24

  @Flag(help: "Lead back to the first place, so that the film has no end.")
  var loop = false

  @Flag(help: "Go straight, through vectors shorter than the network has seen.")
  var straight = false

  @OptionGroup var source: LatentOptions

  @OptionGroup var film: FilmOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if !(1...1000).contains(frames) { throw ValidationError("--frames must be from 1 to 1000.") }
    if samples != nil, !latent.isEmpty {
      throw ValidationError("--samples and --latent both say where the way leads.")
    }
    let places = try places()
    if places.count < 2 { throw ValidationError("A way leads through two places or more: --samples 3,9.") }
    let count = frames * places.count
    if count > FilmOptions.frameLimit {
      throw ValidationError("\(count) frames are too many: \(FilmOptions.frameLimit) at most.")
    }
  }

  private func places() throws -> [LatentExpression] {
    if latent.isEmpty {
      return try LatentOptions.numbers(samples ?? "0-3", option: "--samples").map {
        try LatentOptions.expression("\($0)")
      }
    }
    return try latent.map(LatentOptions.expression)
  }

  func run() throws {
    try reportingFileErrors {
      let places = try places()
      try film.check(
        frames: loop ? frames * places.count : frames * (places.count - 1) + 1, film: "interpolation.png")
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesNoiseAlone(for: "interpolate")
      let points = try source.values(of: places, opened.sampler)
      let way = LatentWalk.through(
        points, frames: frames, straight ? .straight : .spherical, isLoop: loop)
      try film.write(
        try opened.frames(of: way, label: source.label, seed: source.seed), film: "interpolation.png")
    }
  }
}

extension RunSource.Opened {
  /// The images of latent vectors, one after another; what is drawn besides is the same for all.
  func frames(of way: [[Float]], label: Int?, seed: Int) throws -> [Image] {
    try check(label: label)
    var work = LongWork(total: way.count, unit: "frame")
    var images: [Image] = []
    let part = sampler.batch
    for start in stride(from: 0, to: way.count, by: part) {
      let points = way[start..<min(start + part, way.count)]
      images += sampler.images(
        from: points.flatMap { $0 }, labels: classes.map { _ in points.map { _ in label ?? 0 } }, seed: seed,
        numbers: points.map { _ in 0 }, fade: fade)
      work.reached(images.count)
      try work.stopIfAsked("nothing is written")
    }
    work.finish()
    return images
  }
}
