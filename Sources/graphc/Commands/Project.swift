import ArgumentParser
import Diagnostics
import Files
import Glibc
import Interchange
import ModelSpec
import Passes
import Training

struct Project: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the latent vectors whose images are closest to pictures.",
    discussion: """
      Follows the gradient through the generator, from several samples that are close already. The picture shows \
      a row for each: the picture, what was found on the way to it, and what was found. The latent vectors, \
      which --save-latents keeps, have the names of the files.
      """)

  @OptionGroup var trained: RunSource

  @Argument(help: ArgumentHelp("PNG and JPEG files.", valueName: "images"))
  var images: [String]

  @Option(help: "Steps of the search.")
  var steps = 500

  @Option(help: "How many beginnings are followed for each picture.")
  var restarts = 4

  @Option(help: "Among how many samples the beginnings are chosen.")
  var candidates = 256

  @Option(help: "The share of the discriminator's features in what is compared, from 0 to 1.")
  var features = 0.1

  @Option(help: "What the samples depend on.")
  var seed = 0

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "The class to look in, of a model that is told one; any by default.", valueName: "class")
  )
  var label: Int?

  @Option(help: "The picture's file.")
  var output = "projection.png"

  @Option(help: ArgumentHelp("Keep the latent vectors, for --latents.", valueName: "file"))
  var saveLatents: String?

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  /// Pictures on the way that are shown.
  private static let shownSteps = 6
  private static let imageLimit = 256

  func validate() throws {
    if images.isEmpty { throw ValidationError("Name the pictures to look for.") }
    if images.count > Self.imageLimit {
      throw ValidationError("\(images.count) pictures are too many for one call: \(Self.imageLimit) at most.")
    }
    if !(1...100_000).contains(steps) { throw ValidationError("--steps must be from 1 to 100000.") }
    if !(1...64).contains(restarts) { throw ValidationError("--restarts must be from 1 to 64.") }
    if !(restarts...100_000).contains(candidates) {
      throw ValidationError("--candidates must be from --restarts to 100000.")
    }
    if !(0...1).contains(features) { throw ValidationError("--features must be from 0 to 1.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
  }

  func run() throws {
    try reportingFileErrors {
      try outputs.check(output)
      if let saveLatents { try outputs.check(saveLatents) }
      let pictures = try images.map { path throws(FileError) in try Image(contentsOf: path) }
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesLatent(for: "project")
      try opened.check(label: label)
      var settings = LatentSearch.Settings()
      (settings.steps, settings.restarts, settings.candidates, settings.seed) = (
        steps, restarts, candidates, seed
      )
      var loss = LatentSearch.Loss.picture
      loss.featureShare = features
      let search = try opened.search(loss, settings, label: label, newest: trained.newest)
      var work = LongWork(total: pictures.count * steps, unit: "step")
      var (rows, names): ([Image], [String]) = ([], [])
      var saved = SavedLatents()
      for (number, picture) in pictures.enumerated() {
        let target = opened.sampler.values(of: picture)
        let (found, shown) = find(target, number, search, opened, &work)
        try work.stopIfAsked("nothing is written")
        rows += opened.sampler.images(ofValues: target) + shown + opened.sampler.images(ofValues: found.image)
        names.append(name(of: images[number], among: names))
        saved.add(names[number], found.latent)
        let quality = peakSignalToNoise(target, found.image, range: opened.spec.imageRange)
        Console.print(
          "\(names[number]): \(Text.fixed(quality, 2)) dB\(found.label.map { ", class \($0)" } ?? "")")
      }
      work.finish()
      guard let grid = imageGrid(rows, columns: rows.count / pictures.count) else {
        throw FileError(path: output, reason: "cannot hold \(pictures.count) rows of such images")
      }
      try grid.writePNG(to: output, replacing: outputs.replacement)
      Console.print("\(output)")
      if let saveLatents {
        try saved.write(to: saveLatents, replacing: outputs.replacement)
        Console.print("\(saveLatents)")
      }
    }
  }

  /// What is found for one picture, and what its first beginning became on the way.
  private func find(
    _ target: [Float], _ number: Int, _ search: LatentSearch, _ opened: RunSource.Opened,
    _ work: inout LongWork
  ) -> (LatentSearch.Found, shown: [Image]) {
    let stops = (0..<Self.shownSteps).map { $0 * $0 * steps / (Self.shownSteps * Self.shownSteps) }
    var shown: [Image] = []
    var work = work
    let found = search.find(target) { _, step, images in
      while shown.count < stops.count, step >= stops[shown.count] {
        shown.append(opened.sampler.images(ofValues: Array(images().prefix(target.count)))[0])
      }
      work.reached(number * steps + min(step, steps))
      return StopSignals.pending == nil
    }
    while shown.count < stops.count { shown += opened.sampler.images(ofValues: found[0].image) }
    return (found[0], shown)
  }

  /// A name for `--latent`: the file's, of letters, digits and underscores.
  private func name(of path: String, among taken: [String]) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    var name = String(stem.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    if name.first?.isLetter != true { name = "image_" + name }
    let first = name
    var count = 1
    while taken.contains(name) {
      count += 1
      name = "\(first)_\(count)"
    }
    return name
  }

  /// 10·log10(range² / mean squared error).
  private func peakSignalToNoise(_ a: [Float], _ b: [Float], range: (low: Double, high: Double)) -> Double {
    let error = zip(a, b).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    let width = range.high - range.low
    return 10 * log10(width * width / (error / Double(a.count)))
  }
}

extension RunSource.Opened {
  /// A search among this model's latent vectors; a pass that breaks a graph is a bug.
  func search(
    _ loss: LatentSearch.Loss, _ settings: LatentSearch.Settings, label: Int?, newest: Bool
  ) throws -> LatentSearch {
    do throws(PipelineFault) {
      return try LatentSearch(
        model, sampler, usesAverage: !newest, fade: fade, label: label, loss: loss, settings: settings)
    } catch {
      throw fail(DisplayText(lines: error.description), Exit.bug)
    }
  }
}
