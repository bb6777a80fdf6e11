import ArgumentParser
import Diagnostics
import Files
import Interchange
import ModelSpec
import Scores
import Training

struct AnomalyFit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Learn which scores are normal, from normal images that the training has not seen.")

  @OptionGroup var trained: RunSource

  @Option(
    help: ArgumentHelp(
      "A folder of normal images, none of which the model was trained on.", valueName: "folder"))
  var normal: [String]

  @Option(help: "search (AnoGAN) or encoder (f-AnoGAN); by default the encoder, of a model that has one.")
  var method: ReconstructionMethod?

  @Option(help: "The share of normal images that may be called abnormal.")
  var falseAlarms = 0.05

  @Option(help: "Steps of a search.")
  var steps = 500

  @Option(help: "How many beginnings a search follows for each image.")
  var restarts = 4

  @Flag(help: "Divide scores by how far an image is from black, where images have more or less ink.")
  var relative = false

  @Option(help: "What the searches begin with.")
  var seed = 0

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "The class of the images, of a model that is told one; any by default.", valueName: "class")
  )
  var label: Int?

  @Option(help: "The detector's file.")
  var output = "detector.safetensors"

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if normal.isEmpty { throw ValidationError("--normal names a folder of normal images.") }
    if !(0.0001...0.5).contains(falseAlarms) {
      throw ValidationError("--false-alarms must be from 0.0001 to 0.5.")
    }
    if !(1...100_000).contains(steps) { throw ValidationError("--steps must be from 1 to 100000.") }
    if !(1...64).contains(restarts) { throw ValidationError("--restarts must be from 1 to 64.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
  }

  func run() throws {
    try reportingFileErrors {
      try outputs.check(output)
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesLatent(for: "anomaly")
      try opened.check(label: label)
      let hasEncoder = opened.spec.latentEncoder(in: opened.model.lowered) != nil
      let chosen = method ?? (hasEncoder ? .encoder : .search)
      if chosen == .encoder, !hasEncoder {
        throw fail(
          """
          --method encoder: the model has no network that makes \(opened.spec.latentSize) numbers, a latent \
          vector, of an image alone
          """, Exit.invalidInput)
      }
      let images = try JudgedImages(in: normal, for: opened.sampler)
      let least = leastScores(forFalseAlarmRate: falseAlarms)
      guard images.count >= least else {
        throw fail(
          """
          \(images.count) normal images are too few for a false-alarm rate of \(falseAlarms): it takes \(least), \
          none of them from the training
          """, Exit.invalidInput)
      }
      let settings = AnomalyDetector.Method(
        reconstruction: chosen, steps: chosen == .encoder ? 0 : steps, restarts: restarts, seed: seed,
        isRelative: relative, label: label)
      let found = try opened.reconstructions(of: images, settings, newest: trained.newest)
      let range = opened.spec.imageRange
      var differences: [Double] = []
      for (index, reconstruction) in found.enumerated() {
        differences += HeatMap.differences(
          Array(images.values(of: index)), reconstruction.image, channels: opened.spec.channels.value,
          range: range)
      }
      differences.sort()
      let detector = AnomalyDetector(
        settings, checkpoint: try SHA256(ofFileAt: opened.checkpoint).text, falseAlarmRate: falseAlarms,
        normalScores: found.map(\.score), pixelDifference: differences[differences.count * 99 / 100])
      guard let detector else { preconditionFailure("there are as many scores as images") }
      try detector.write(to: output, replacing: outputs.replacement)
      Console.message(
        """
        \(Text.grouped(images.count)) normal images, by \(chosen.rawValue): scores from \
        \(Text.fixed(detector.normalScores[0], 4)) to \
        \(Text.fixed(detector.normalScores[detector.normalScores.count - 1], 4)); above \
        \(Text.fixed(detector.threshold, 4)) is abnormal
        """)
      Console.print("\(output)")
    }
  }
}

extension ReconstructionMethod: ExpressibleByArgument {}
