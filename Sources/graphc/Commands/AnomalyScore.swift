import ArgumentParser
import Datasets
import Diagnostics
import Files
import Interchange
import ModelSpec
import Scores
import Training

struct AnomalyScore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score images: the larger, the more abnormal.",
    discussion: """
      Prints a line of JSON for each image. Where --normal and --abnormal name images of known kinds, it also \
      says how well scores tell them apart, and how well two plain methods without a network do: what \
      principal components of the training's images leave, and the distance to the nearest of them.
      """)

  @OptionGroup var trained: RunSource

  @Argument(help: ArgumentHelp("Images, and folders of them.", valueName: "images"))
  var images: [String] = []

  @Option(help: ArgumentHelp("What `anomaly fit` wrote.", valueName: "file"))
  var detector = "detector.safetensors"

  @Option(help: ArgumentHelp("A folder of images that are normal.", valueName: "folder"))
  var normal: [String] = []

  @Option(help: ArgumentHelp("A folder of images that are abnormal.", valueName: "folder"))
  var abnormal: [String] = []

  @Option(help: ArgumentHelp("Write the lines to this file.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write a picture for each image to this folder: it, its reconstruction, what differs, and that over it.",
      valueName: "folder"))
  var maps: String?

  @Option(help: "Images of the training that the baselines are computed from, at most.")
  var baselineImages = 10_000

  @OptionGroup var outputs: OutputOptions

  @OptionGroup var convolutions: ConvolutionOptions

  @OptionGroup var threads: ThreadOptions

  private static let components = 16
  private static let neighbours = 5

  func validate() throws {
    if images.isEmpty, normal.isEmpty, abnormal.isEmpty { throw ValidationError("Name the images to score.") }
    if !(2...1_000_000).contains(baselineImages) {
      throw ValidationError("--baseline-images must be from 2 to 1000000.")
    }
  }

  func run() throws {
    try reportingFileErrors {
      if let output { try outputs.check(output) }
      let known = try AnomalyDetector(contentsOf: detector)
      let opened = try trained.open(threads: threads, convolutions: convolutions.policy)
      try opened.checkTakesLatent(for: "anomaly")
      guard try SHA256(ofFileAt: opened.checkpoint).text == known.checkpoint else {
        throw FileError(
          path: detector,
          reason: "was fitted to another checkpoint than \(opened.checkpoint): fit it anew, or name that one")
      }
      if known.method.reconstruction == .encoder,
        opened.spec.latentEncoder(in: opened.model.lowered) == nil
      {
        throw FileError(path: detector, reason: "scores by an encoder, and the model has none")
      }
      let unlabelled = images.isEmpty ? nil : try JudgedImages(in: images, for: opened.sampler)
      let normals = normal.isEmpty ? nil : try JudgedImages(in: normal, for: opened.sampler)
      let abnormals = abnormal.isEmpty ? nil : try JudgedImages(in: abnormal, for: opened.sampler)
      let sets: [(images: JudgedImages, isAbnormal: Bool?)] = [
        (unlabelled, nil), (normals, false), (abnormals, true),
      ].compactMap { images, isAbnormal in images.map { ($0, isAbnormal) } }
      let all = sets.flatMap { $0.images.paths }
      if let maps {
        try createFolder(at: maps)
        for number in all.indices { try outputs.check(numberedPath(number, in: maps)) }
      }
      var lines: [JSONValue] = []
      var scores: [Bool: [Double]] = [:]
      for (images, isAbnormal) in sets {
        let found = try opened.reconstructions(of: images, known.method, newest: trained.newest)
        for (index, reconstruction) in found.enumerated() {
          if let maps {
            try writeMap(
              images, index, reconstruction, known, opened, to: numberedPath(lines.count, in: maps))
          }
          lines.append(line(images.paths[index], reconstruction, known, isAbnormal: isAbnormal))
        }
        if let isAbnormal { scores[isAbnormal] = found.map(\.score) }
      }
      let text = lines.map { $0.text() + "\n" }.joined()
      if let output {
        try writeFileAtomically(Array(text.utf8), to: output, replacing: outputs.replacement)
        Console.print("\(output)")
      } else {
        Console.print(DisplayText(lines: text), terminator: "")
      }
      if let normals, let abnormals, let normalScores = scores[false], let abnormalScores = scores[true] {
        try compare(normals, abnormals, normalScores, abnormalScores, known, opened)
      }
    }
  }

  private func line(
    _ path: String, _ found: Reconstruction, _ detector: AnomalyDetector, isAbnormal: Bool?
  ) -> JSONValue {
    .object([
      "file": .string(path), "score": .number(found.score),
      "normalized": .number(detector.normalized(found.score)), "threshold": .number(detector.threshold),
      "alarm": .bool(found.score > detector.threshold), "residual": .number(found.residual),
      "features": .number(found.featureDistance), "method": .string(detector.method.reconstruction.rawValue),
      "steps": .int(detector.method.steps),
      "label": isAbnormal.map { .string($0 ? "abnormal" : "normal") } ?? .null,
    ])
  }

  private func writeMap(
    _ images: JudgedImages, _ index: Int, _ found: Reconstruction, _ detector: AnomalyDetector,
    _ opened: RunSource.Opened, to path: String
  ) throws {
    let values = Array(images.values(of: index))
    let differences = HeatMap.differences(
      values, found.image, channels: opened.spec.channels.value, range: opened.spec.imageRange)
    let pictures = HeatMap.pictures(
      opened.sampler.images(ofValues: values)[0], opened.sampler.images(ofValues: found.image)[0],
      differences: differences, white: detector.pixelDifference)
    guard let row = imageGrid(pictures, columns: pictures.count) else {
      throw FileError(path: path, reason: "cannot hold four such images")
    }
    try row.writePNG(to: path, replacing: outputs.replacement)
  }

  /// Says how well the scores tell the kinds apart, beside what plain methods do.
  private func compare(
    _ normals: JudgedImages, _ abnormals: JudgedImages, _ normalScores: [Double], _ abnormalScores: [Double],
    _ known: AnomalyDetector, _ opened: RunSource.Opened
  ) throws {
    var table = [["", "AUROC", "AP"]]
    func row(_ name: String, _ scores: RankScores) {
      table.append([name, Text.fixed(scores.areaUnderROC, 4), Text.fixed(scores.averagePrecision, 4)])
    }
    row(
      "this model, by \(known.method.reconstruction.rawValue)\(known.method.isRelative ? ", relative" : "")",
      RankScores(normal: normalScores, abnormal: abnormalScores))
    guard let data = opened.spec.train.data else {
      Console.message("the model names no `data`: no baselines")
      return
    }
    let dataset = try Dataset(
      data, channels: opened.spec.channels.value, height: opened.spec.height.value,
      width: opened.spec.width.value, seed: opened.spec.train.seed, threads: threads.count)
    let real = try RealImages(of: dataset, for: opened.spec, limit: baselineImages).pixels
    func both(_ score: (ArraySlice<Float>) -> Double) -> RankScores {
      func scores(_ images: JudgedImages) -> [Double] {
        (0..<images.count).map { score(opened.unit(images.values(of: $0))[...]) }
      }
      return RankScores(normal: scores(normals), abnormal: scores(abnormals))
    }
    let count = min(Self.components, real.dimensions, real.count - 1)
    let components = PrincipalComponents(real, count: count)
    row("\(count) principal components' residual", both { components.residual(of: $0) })
    let nearest = NearestVectors(real)
    row(
      "mean distance to the \(Self.neighbours) nearest",
      both { vector in
        let found = nearest.nearest(to: vector, count: Self.neighbours)
        return found.reduce(0) { $0 + $1.distance } / Double(found.count)
      })
    Console.message(
      DisplayText(
        lines: """
          \(normals.count) normal and \(abnormals.count) abnormal images; baselines from \
          \(Text.grouped(real.count)) of the training's

          """ + Text.table(table, [.left, .right, .right])))
  }
}
