import Foundation
import Testing

/// A training is the same to the byte, whatever the threads and wherever it was stopped: each model that is
/// shipped, and each thing that a training may do over time.
@Suite struct SameBytesTests {
  /// What is trained, and after which of its seven steps it is stopped.
  struct Training: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var model: String
    var settings: [String] = []
    var stop: Int
  }

  private static let steps = 7

  /// Each is stopped elsewhere.
  private static let models = ModelsTests.names.enumerated().map { index, name in
    Training(
      testDescription: name, model: name, settings: stages[name] ?? [], stop: 1 + index * 5 % (steps - 1))
  }

  /// Stages so short that seven steps see all of them, a fade among them.
  private static let stages = [
    "progressive": [
      "train.stages.0.images=16", "train.stages.1.images=24", "train.stages.1.fade=16",
      "train.stages.2.images=800", "train.stages.2.fade=400",
    ],
    "f-anogan": ["train.stages.0.images=100", "train.stages.1.images=800"],
  ]

  private static let digits = ["train.data.digits.limit=52"]

  private static let features: [Training] = [
    .init(
      testDescription: "within a lazy term's interval", model: "lsgan",
      settings: digits + ["train.loss={logistic: {r1: 10, r1_every: 4}}"], stop: 2),
    .init(
      testDescription: "with several critic's steps a step, within an epoch", model: "lsgan",
      settings: digits + ["train.loss={wgan_gp: {critic_steps: 3}}"], stop: 3),
    .init(
      testDescription: "accumulating, within an epoch", model: "lsgan",
      settings: digits + ["train.accumulate=3"], stop: 2),
    .init(
      testDescription: "accumulating with a lazy term, an average and clipped gradients", model: "lsgan",
      settings: digits + [
        "train.accumulate=2", "train.loss={hinge: {r1: 1, r1_every: 3}}", "train.average={generator: 0.9}",
      ], stop: 4),
    .init(
      testDescription: "with adaptive augmentation", model: "lsgan",
      settings: digits + [
        "train.augment={policy: [color, translation, cutout], adaptive: {images: 200}}"
      ], stop: 5),
    .init(
      testDescription: "under schedules, with an average by half-life", model: "ragan",
      settings: digits + [
        "train.average={generator: {half_life: 40}}",
        "train.optimizer={adam: {schedule: [{warm_up: 3}, {cosine: 9}]}}",
      ], stop: 3),
    .init(
      testDescription: "with mirrored images, a last batch left out, and in bf16", model: "dcgan-digits",
      settings: digits + [
        "train.data.digits.flip=true", "train.drop_last=true", "train.precision=bf16",
      ], stop: 6),
  ]

  @Test("one, two and three threads, and a stop, change no byte", arguments: models + features)
  func sameBytes(training: Training) throws {
    try withGraphc { graphc throws in
      let settings = (try ModelsTests.narrowed(training.model) + training.settings).flatMap { ["--set", $0] }
      let begin = ["train", ModelsTests.path(training.model)] + settings
      func begun(_ threads: Int, _ steps: Int, _ name: String) throws -> RunFiles {
        let outcome = try graphc.run(
          begin + ["--threads", "\(threads)", "--max-steps", "\(steps)", "--out", name])
        #expect(outcome.status == 0, "\(outcome.messages)")
        return RunFiles(folder: graphc.folder + "/" + name)
      }
      let whole = try begun(1, Self.steps, "whole")
      let parts = try begun(3, training.stop, "parts")
      let resumed = try graphc.run(
        "train", "--resume", "parts", "--threads", "2", "--max-steps", "\(Self.steps)")
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(try whole.results().count == Self.steps)
      #expect(try parts.results() == whole.results())
      #expect(try parts.latestCheckpoint() == whole.latestCheckpoint())
    }
  }
}
