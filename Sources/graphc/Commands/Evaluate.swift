import ArgumentParser
import Datasets
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Scores
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a trained generator against its data.",
    discussion: """
      Draws images, and holds them against as many of the run's data. Beside each score stands that of real \
      images against other real images: what a perfect generator would get. Scores of different numbers of \
      images cannot be compared.
      """)

  @OptionGroup var trained: RunSource

  @Option(help: "How many images of each kind; at most half as many as the data has.")
  var count = 1000

  @Option(help: "What the images depend on.")
  var seed = 0

  @Option(
    help: ArgumentHelp(
      "A model with a network whose first result gives the features; without it they are the pixels.",
      valueName: "model"))
  var features: String?

  @Option(help: ArgumentHelp("The weights of that network, a safetensors file.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Which network of that model; by default the first that takes images.", valueName: "name"))
  var network: String?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @Option(
    help: ArgumentHelp(
      "Keep the images and their features, for scores of other programs: a safetensors file.",
      valueName: "file"))
  var keep: String?

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if !(6...1_000_000).contains(count) { throw ValidationError("--count must be from 6 to 1000000.") }
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
    if (features == nil) != (weights == nil) {
      throw ValidationError("--features and --weights go together.")
    }
    if network != nil, features == nil { throw ValidationError("--network goes with --features.") }
  }

  func run() throws {
    try reportingFileErrors {
      if let keep { try outputs.check(keep) }
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesNoiseAlone(for: "evaluate")
      guard let data = opened.spec.train.data else {
        throw fail("the model names no `data` to hold its images against", Exit.invalidInput)
      }
      let dataset = try Dataset(
        data, channels: opened.spec.channels.value, height: opened.spec.height.value,
        width: opened.spec.width.value, seed: opened.spec.train.seed, threads: threads.count)
      let chosen = try featureNetwork(for: opened.spec)
      Console.message("drawing images")
      let evaluation = try Evaluation(
        opened.sampler, opened.spec, dataset, count: count, seed: seed, fade: opened.fade)
      if evaluation.count < count {
        Console.message(
          "\(evaluation.count) images of each kind: the data has \(Text.grouped(dataset.count))")
      }
      let rows = evaluation.rows(chosen) { Console.message("computing: \($0)") }
      if let keep {
        try evaluation.tensors(chosen).write(to: keep, replacing: outputs.replacement)
        Console.message("\(keep)")
      }
      switch format {
      case .text: Console.print(DisplayText(lines: text(rows, evaluation, opened)))
      case .json: Console.print(DisplayText(lines: json(rows, evaluation, opened).text(isPretty: true)))
      }
    }
  }

  /// The network that gives the features.
  private func featureNetwork(for spec: ModelSpec) throws -> Evaluation.Features {
    guard let features, let weights else { return .pixels }
    var options = ModelOptions()
    options.model = features
    options.overrides = []
    options.color = .auto
    let (given, lowered, _) = try options.loadChecked(quietly: true)
    let named = given.networks.first { candidate in
      network.map { $0 == candidate.name } ?? candidate.inputs.contains { $0.type.value == .image }
    }
    guard let found = named, found.inputs.count == 1, found.inputs[0].type.value == .image else {
      throw fail("\(features) has no network that takes images alone", Exit.invalidInput)
    }
    let image = (given.channels.value, given.height.value, given.width.value)
    guard image == (spec.channels.value, spec.height.value, spec.width.value) else {
      throw fail(
        """
        \(features) takes images of \(Text.shape([image.0, image.1, image.2])), and the run's are \
        \(Text.shape([spec.channels.value, spec.height.value, spec.width.value]))
        """, Exit.invalidInput)
    }
    let model = try compile(given, lowered, threads: threads, convolutions: convolutions.policy)
    guard try model.store.loadWeights(contentsOf: weights).contains(found.name) else {
      throw FileError(path: weights, reason: "holds no \(found.name)")
    }
    let extractor = FeatureExtractor(model, network: found)
    return Evaluation.Features(name: "\(found.name) of \(features)", of: extractor.features)
  }

  private func text(_ rows: [Evaluation.Row], _ evaluation: Evaluation, _ opened: RunSource.Opened) -> String
  {
    var table = [["", "made", "real", "of"]]
    for row in rows { table.append([row.name, number(row.value), number(row.ofReal), row.method]) }
    return "\(opened.checkpoint): \(Text.grouped(evaluation.count)) images of each kind, seed \(seed)\n\n"
      + Text.table(table, [.left, .right, .right, .left])
  }

  private func number(_ value: Double) -> String { Text.fixed(value, abs(value) < 10 ? 4 : 2) }

  private func json(
    _ rows: [Evaluation.Row], _ evaluation: Evaluation, _ opened: RunSource.Opened
  ) -> JSONValue {
    .object([
      "checkpoint": .string(opened.checkpoint), "images": .int(evaluation.count), "seed": .int(seed),
      "scores": .array(
        rows.map { row in
          .object([
            "name": .string(String(row.name.drop { $0 == " " })), "value": .number(row.value),
            "of_real": .number(row.ofReal), "method": .string(row.method),
          ])
        }),
    ])
  }
}
