import ArgumentParser
import Datasets
import Diagnostics
import Files
import Interchange
import ModelSpec

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Look at data sets, and fetch known ones.",
    subcommands: [DataInspect.self, DataFetch.self])
}

struct DataInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a data set consists of.",
    discussion: """
      Decodes every picture. Of a model, looks at its `data:` as training would; of a folder, at pictures of any \
      size. Files that cannot be read are told of, and do not end it.
      """)

  @Argument(help: "A folder of pictures, or a model's YAML file.")
  var target: String

  @Option(help: "Write the first pictures of the data to this PNG file.")
  var sheet: String?

  @OptionGroup var output: OutputOptions

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one value of the model.", valueName: "key=value"))
  var overrides: [String] = []

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try reportingFileErrors {
      if let sheet { try output.check(sheet) }
      let dataset = try open()
      Console.print(DisplayText(lines: Text.table(rows(dataset), [.left, .left])), terminator: "")
      if let sheet { try writeSheet(of: dataset, to: sheet) }
    }
  }

  private func open() throws -> Dataset {
    if isFolder(target) {
      guard overrides.isEmpty else { throw ValidationError("--set changes a model, and this is a folder.") }
      return try Dataset(inspectingFolder: target, threads: threads.count)
    }
    var options = ModelOptions()
    options.model = target
    options.overrides = overrides
    options.color = .auto
    let loaded = options.load()
    guard let spec = loaded.spec else {
      options.printDiagnostics(loaded)
      throw Exit.invalidInput
    }
    guard let data = spec.train.data else {
      throw fail("\(target): `train` names no `data`", Exit.invalidInput)
    }
    return try Dataset(
      inspecting: data, channels: spec.channels.value, height: spec.height.value, width: spec.width.value,
      seed: spec.train.seed, threads: threads.count)
  }

  private func rows(_ dataset: Dataset) -> [[String]] {
    let fields = dataset.fields.map { "\($0.name)" }.joined(separator: ", ")
    return [["examples", Text.grouped(dataset.count)], ["fields", fields]]
      + dataset.summary.lines.map { [$0.topic, $0.text] }
  }

  private func writeSheet(of dataset: Dataset, to path: String) throws(FileError) {
    guard let sheet = imageGrid(try dataset.firstImages(64), columns: 8) else {
      throw FileError(path: path, reason: "cannot hold pictures of this size")
    }
    try sheet.writePNG(to: path, replacing: output.replacement)
  }
}
