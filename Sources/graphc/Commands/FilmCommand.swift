import ArgumentParser
import Files
import Interchange
import Training

struct FilmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "film",
    abstract: "Make a film of a run: its sample grids, one after another.")

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"))
  var source: String

  @Option(help: "The most frames; of more grids, so many are taken evenly.")
  var frames = 300

  @Option(help: "Seconds that the last grid stands.")
  var hold = 2.0

  @OptionGroup var film: FilmOptions

  func validate() throws {
    if !(2...FilmOptions.frameLimit).contains(frames) {
      throw ValidationError("--frames must be from 2 to \(FilmOptions.frameLimit).")
    }
    if !(0.01...60).contains(hold) { throw ValidationError("--hold must be from 0.01 to 60.") }
  }

  func run() throws {
    try reportingFileErrors {
      let paths = RunPaths(folder: source)
      let steps = try paths.sampleSteps(upTo: .max)
      guard !steps.isEmpty else { throw FileError(path: paths.samples, reason: "holds no sample grids") }
      let count = min(frames, steps.count)
      let chosen = (0..<count).map { steps[count == 1 ? 0 : $0 * (steps.count - 1) / (count - 1)] }
      try film.check(frames: count, film: "film.png")
      var work = LongWork(total: count, unit: "frame")
      var images: [Image] = []
      for step in chosen {
        images.append(try Image(contentsOf: paths.sample(step: step)))
        work.reached(images.count)
        try work.stopIfAsked("nothing is written")
      }
      work.finish()
      try film.write(
        images, film: "film.png", hold: hold,
        texts: [("graphc:steps", chosen.map(String.init).joined(separator: " "))])
    }
  }
}
