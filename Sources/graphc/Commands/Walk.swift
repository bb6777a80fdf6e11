import ArgumentParser
import ModelSpec
import Training

struct Walk: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a film without an end of what a generator can draw.",
    discussion: """
      Goes around a circle in the space of latent vectors, on which each point is as likely as any sample, and \
      comes back to where it began.
      """)

  @OptionGroup var trained: RunSource

  @Option(help: "Frames of the whole circle.")
  var frames = 120

  @OptionGroup var source: LatentOptions

  @OptionGroup var film: FilmOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if !(2...FilmOptions.frameLimit).contains(frames) {
      throw ValidationError("--frames must be from 2 to \(FilmOptions.frameLimit).")
    }
  }

  func run() throws {
    try reportingFileErrors {
      try film.check(frames: frames, film: "walk.png")
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesNoiseAlone(for: "walk")
      let ends = (0..<2).map { opened.sampler.noise(of: [$0], seed: source.seed) }
      var way = LatentWalk.circle(ends[0], ends[1], frames: frames)
      if let truncated = source.truncated { way = way.map { $0.map(truncated.callAsFunction) } }
      try film.write(try opened.frames(of: way, label: source.label, seed: source.seed), film: "walk.png")
    }
  }
}
