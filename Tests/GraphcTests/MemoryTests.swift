import Foundation
import TestSupport
import Testing

/// What `check` says of memory, and what `train` takes.
@Suite struct MemoryTests {
  /// Debug builds have larger code than the prediction is made for.
  private static var allowance: Int {
    #if DEBUG
      10_000_000
    #else
      0
    #endif
  }

  @Test(
    "the predicted peak is within a tenth of what training takes", .disabled(if: GraphcBinary.isSanitized),
    arguments: [("tutorial-dcgan", []), ("dcgan-32", ["train.data.synthetic.count=2000"])])
  func predictionHolds(model: String, overrides: [String]) throws {
    try withGraphc { graphc throws in
      let path = "\(packageRoot())/models/\(model).yaml"
      let settings = overrides.flatMap { ["--set", $0] } + ["--threads", "2"]
      let check = try graphc.run(["check", path, "--format", "json"] + settings)
      let predicted = try #require(try JSON(check.output)["step"]["peak_memory_bytes"].int)
      let outcome = try graphc.run(
        ["train", path, "--out", "run", "--max-steps", "2", "--set", "train.sample_every=1"]
          + ["--set", "train.checkpoint_every=1"] + settings)
      #expect(outcome.status == 0)
      let taken = try #require(
        outcome.messages.firstMatch(of: /peak_memory_bytes=(\d+)/).flatMap { Int($0.1) })
      #expect(
        abs(taken - predicted) <= predicted / 10 + Self.allowance, "\(taken) taken, \(predicted) predicted")
    }
  }

  @Test("what the machine cannot hold is refused before anything is written", arguments: ["train", "bench"])
  func tooLarge(command: String) throws {
    try withGraphc { graphc throws in
      let model = """
        image: {channels: 3, height: 64, width: 64}
        latent: 1
        generator: [{conv_transpose2d: {out_channels: 3, kernel_size: 64}}, tanh]
        discriminator:
          - conv2d: {out_channels: 1000000, kernel_size: 1}
          - conv2d: {out_channels: 1, kernel_size: 64}
        train:
          data: {synthetic: shapes}
          loss: bce_with_logits
          batch_size: 65536
          optimizer: {adam: {lr: 0.0002}}
        """
      try Data(model.utf8).write(to: URL(filePath: "\(graphc.folder)/huge.yaml"))
      let outcome = try graphc.run(command, "huge.yaml")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("huge.yaml: this takes "))
      #expect(outcome.messages.contains(" TB of memory, and there is "))
      #expect(!FileManager.default.fileExists(atPath: "\(graphc.folder)/runs"))
    }
  }

  /// An idx file of grey images, in the bytes of its format.
  private static func idxFile(count: Int, side: Int) -> [UInt8] {
    func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    let pixels = (0..<count * side * side).map { UInt8(truncatingIfNeeded: $0 * 7) }
    return [0, 0, 8, 3] + bigEndian(count) + bigEndian(side) + bigEndian(side) + pixels
  }

  @Test(
    "images in files are in what training predicts and takes, once", .disabled(if: GraphcBinary.isSanitized))
  func imagesInFilesAreCounted() throws {
    try withGraphc { graphc throws in
      let (count, side) = (60_000, 16)
      try Data(Self.idxFile(count: count, side: side)).write(to: URL(filePath: "\(graphc.folder)/images"))
      let path = "\(packageRoot())/models/dcgan-any.yaml"
      let settings = [
        "train.data={idx: images}", "image={channels: 1, height: \(side), width: \(side)}",
        "train.batch_size=16",
      ].flatMap { ["--set", $0] }
      let check = try graphc.run(["check", path, "--format", "json"] + settings)
      let step = try JSON(check.output)["step"]
      let withoutImages = try #require(step["peak_memory_bytes"].int)
      #expect(step["memory_bytes"]["images"].int == nil)
      let outcome = try graphc.run(["train", path, "--out", "run", "--max-steps", "2"] + settings)
      #expect(outcome.status == 0)
      let taken = try #require(
        outcome.messages.firstMatch(of: /peak_memory_bytes=(\d+)/).flatMap { Int($0.1) })
      let predicted = withoutImages + count * side * side
      #expect(
        abs(taken - predicted) <= predicted / 10 + Self.allowance, "\(taken) taken, \(predicted) predicted")
      // Said before the first step, and again beside what it took.
      let said = outcome.messages.matches(of: /(\d+) MB (of memory|were predicted)/).compactMap { Int($0.1) }
      #expect(said.count == 2)
      // An epoch's order, twice, is what `check` cannot know either.
      #expect(
        said.allSatisfy { abs($0 * 1_000_000 - predicted - 2 * 8 * count) <= 1_000_000 + Self.allowance })
    }
  }
}
