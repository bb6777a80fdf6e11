import ArgumentParser
import Diagnostics
import Files
import Interchange
import Training

/// What commands take that make films.
struct FilmOptions: ParsableArguments {
  @Option(help: "The film: animated PNG, or GIF where the name ends so.")
  var output: String?

  @Option(help: ArgumentHelp("Write every frame to a file of its own in this folder.", valueName: "folder"))
  var each: String?

  @Option(help: ArgumentHelp("Write frames side by side into one picture.", valueName: "file"))
  var sheet: String?

  @Option(help: "Frames a second.")
  var fps = 15.0

  @Option(help: "The length in pixels that the longer side has at least, by whole factors.")
  var side = 256

  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    if !(0.01...50).contains(fps) { throw ValidationError("--fps must be from 0.01 to 50.") }
    if !(1...8192).contains(side) { throw ValidationError("--side must be from 1 to 8192.") }
    if let output, Film.Format(path: output) == nil {
      throw ValidationError("--output must end in .png or .gif.")
    }
  }

  /// Pictures on a sheet: more say no more.
  private static let sheetFrames = 64
  private static let sheetColumns = 8
  /// The most frames of a film.
  static let frameLimit = 10_000

  /// Looks whether all may be written, before any work is done.
  ///
  /// - Parameter film: The film's name where the options name none, and no other output either.
  func check(frames: Int, film: String) throws(FileError) {
    if let path = output(film) { try outputs.check(path) }
    if let sheet { try outputs.check(sheet) }
    if let each { for number in 0..<frames { try outputs.check(numberedPath(number, in: each)) } }
  }

  private func output(_ standard: String) -> String? {
    output ?? (each == nil && sheet == nil ? standard : nil)
  }

  /// Writes what is asked for, and names it.
  ///
  /// - Parameters:
  ///   - hold: Seconds that the last frame stands.
  ///   - texts: What an animated PNG says of itself.
  func write(
    _ frames: [Image], film: String, hold: Double? = nil, texts: [(key: String, text: String)] = []
  ) throws {
    if let each {
      try createFolder(at: each)
      for (number, frame) in frames.enumerated() {
        try frame.writePNG(to: numberedPath(number, in: each), replacing: outputs.replacement)
      }
      Console.print("\(each)")
    }
    if let sheet {
      let count = min(frames.count, Self.sheetFrames)
      let shown = (0..<count).map { frames[count == 1 ? 0 : $0 * (frames.count - 1) / (count - 1)] }
      guard let picture = imageGrid(shown, columns: Self.sheetColumns) else {
        throw FileError(path: sheet, reason: "cannot hold \(count) such images")
      }
      try picture.writePNG(to: sheet, replacing: outputs.replacement)
      Console.print("\(sheet)")
    }
    if let path = output(film), let format = Film.Format(path: path) {
      let delay = max(1, Int((100 / fps).rounded()))
      let made = Film(
        frames: frames.map { $0.enlarged(toSide: side) }, delay: delay,
        lastDelay: hold.map { max(1, Int(($0 * 100).rounded())) })
      try writeFileAtomically(
        made.encoded(as: format, texts: texts), to: path, replacing: outputs.replacement)
      Console.print("\(path)")
    }
  }
}
