import Foundation
import Testing

/// Trainings in stages, from outside.
@Suite struct StagesTests {
  /// Two sizes; the second is brought in over five of its eight steps.
  private static let model = """
    name: growing
    image: {channels: 1, size: 16}
    latent: 4
    let: {levels: log2(image.height) - 2}
    generator:
      - conv_transpose2d: {out_channels: 4, kernel_size: 4}
        name: dense
      - batch_norm2d:
        name: norm
      - relu:
        name: features_4
      - repeat:
          times: levels
          index: i
          layers:
            - upsample: 2
            - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
              name: grow_<8 * 2 ** i>
            - leaky_relu: 0.2
              name: features_<8 * 2 ** i>
      - conv2d: {out_channels: 1, kernel_size: 1}
        name: gray_<image.height>
      - conv2d: {out_channels: 1, kernel_size: 1}
        name: gray_<image.height / 2>
        from: features_<image.height / 2>
      - upsample: 2
        name: before
      - fade:
        from: [gray_<image.height>, before]
      - tanh
    discriminator:
      - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
        name: see_<image.height>
      - leaky_relu: 0.2
      - dropout: 0.1
        name: drop
      - global_avg_pool
      - flatten
      - linear: 1
        name: score
    train:
      data: {synthetic: shapes, limit: 20}
      loss: bce_with_logits
      batch_size: 4
      optimizer: {adam: {lr: 0.002, schedule: {linear: {to: 0.5, steps: 10}}}}
      average: {generator: 0.9}
      checkpoint_every: 3
      sample_every: 4
      stages:
        - {set: {image.size: 8}, steps: 6}
        - {set: {image.size: 16, train.batch_size: 3}, images: 24, fade: 15}

    """

  @Test("a training stopped and resumed anywhere in its stages comes to the same bytes")
  func resume() throws {
    try withGraphc(model: Self.model) { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "whole").status == 0)
      let whole = RunFiles(folder: graphc.folder + "/whole")
      #expect(try whole.metrics().count == 14)
      // Within a stage, at its end, within the fade, at the fade's end, and behind it.
      for stop in [3, 6, 8, 11, 12] {
        let name = "stopped-\(stop)"
        #expect(
          try graphc.run("train", "model.yaml", "--out", name, "--max-steps", "\(stop)", "--threads", "1")
            .status
            == 0)
        let outcome = try graphc.run("train", "--resume", name)
        #expect(outcome.status == 0, "\(outcome.messages)")
        let run = RunFiles(folder: graphc.folder + "/\(name)")
        #expect(try run.latestCheckpoint() == whole.latestCheckpoint(), "\(stop)")
        #expect(try run.results() == whole.results(), "\(stop)")
      }
      #expect(try graphc.run("check", "whole/resolved.yaml").status == 0)
      for checkpoint in ["whole", "whole/checkpoints/step-000003.safetensors"] {
        let sample = try graphc.run("sample", checkpoint, "--count", "4", "--force")
        #expect(sample.status == 0, "\(sample.messages)")
      }
    }
  }

  @Test(
    "a checkpoint of another stage than the one that its step is of is told, and a run keeps its own stages")
  func otherStages() throws {
    try withGraphc(model: Self.model) { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "3").status == 0)
      let shorter = Self.model.replacing(
        "{set: {image.size: 8}, steps: 6}", with: "{set: {image.size: 8}, steps: 2}")
      #expect(shorter != Self.model)
      try Data(shorter.utf8).write(to: URL(filePath: "\(graphc.folder)/shorter.yaml"))
      let checkpoint = "run/checkpoints/step-000003.safetensors"
      let outcome = try graphc.run("sample", checkpoint, "--model", "shorter.yaml")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("`generator.grow_16.weight` [4, 4, 3, 3] of the model is missing"))
      #expect(
        outcome.messages.contains("saved after step 3, which this model makes in stage 2 of 2"),
        "\(outcome.messages)")
      #expect(!RunFiles(folder: graphc.folder).exists("samples.png"))
      #expect(try graphc.run("sample", checkpoint).status == 0)
    }
  }

  @Test("check shows each stage, and what becomes of the weights")
  func check() throws {
    try withGraphc(model: Self.model) { graphc throws in
      let outcome = try graphc.run("check", "model.yaml")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("stage 1 of 2\n"))
      #expect(
        outcome.output.contains("stage 2 of 2: 10 weights go on; these begin: generator.grow_16.weight"))
      #expect(outcome.output.contains("these end: generator.gray_4.weight"))
    }
  }

  @Test(
    "a stage that is no stage is told at its place",
    arguments: [
      ("- {set: {image.size: 8}, steps: 6}", "- {set: {image.size: 8}}", "actual is neither"),
      ("steps: 6}", "steps: 6, images: 3}", "`steps` or `images`"),
      ("steps: 6}", "steps: 6, fade: 7}", "from 0 to 6"),
      ("steps: 6}", "steps: 6, fad: 1}", "unknown key `fad`"),
      ("{image.size: 8}", "{image..size: 8}", "image..size"),
      ("{image.size: 8}", "{train.stages: []}", "train.stages"),
      ("{image.size: 8}", "{image.size: 7}", "in stage 1 of 2, which begins here"),
    ])
  func mistakes(from: String, to: String, says: String) throws {
    let model = Self.model.replacing(from, with: to, maxReplacements: 1)
    #expect(model != Self.model)
    try withGraphc(model: model) { graphc throws in
      let outcome = try graphc.run("check", "model.yaml")
      #expect(outcome.status == 65)
      #expect(
        outcome.messages.contains(says.replacing("actual is ", with: "")), "\(outcome.messages)")
    }
  }
}
