import Foundation
import Testing

/// Training that comes to infinity or NaN ends with 76, and says what is known.
@Suite struct DivergenceTests {
  @Test("a rate that is too large ends with the step, the place and a smaller rate")
  func rate() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        "train", "model.yaml", "--out", "run", "--set", "train.optimizer.adam.lr=1e30")
      #expect(outcome.status == 76)
      #expect(outcome.output == "")
      #expect(outcome.messages.contains(/loss_[dg] is infinite or NaN at step \d/))
      #expect(outcome.messages.contains("no checkpoint was written yet"))
      #expect(outcome.messages.contains("--set train.optimizer.adam.lr=1.0e29"))
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(run.exists("report.html"))
      #expect(!run.exists("checkpoints/latest"))
    }
  }

  @Test("the checkpoint of the last good state is kept and named")
  func checkpointIsKept() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "4").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let checkpoint = try run.latestCheckpoint()
      let path = run.folder + "/resolved.yaml"
      let spoiled = try run.text("resolved.yaml").replacing("lr: 0.0002", with: "lr: 1.0e30")
      try Data(spoiled.utf8).write(to: URL(filePath: path))
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 76)
      #expect(outcome.messages.contains(/at step [56]/))
      #expect(outcome.messages.contains("is kept: run/checkpoints/step-000004.safetensors"))
      #expect(try run.latestCheckpoint() == checkpoint)
    }
  }

  @Test("a layer whose values overflow is named with its line, and no optimiser is blamed")
  func layer() throws {
    // 1e30 · 1e30 exceeds what 32 bits hold.
    let layers = """
        - leaky_relu: 1.0e+30
        - conv2d: {out_channels: 4, kernel_size: 1}
        - leaky_relu: 1.0e+30
      """
    try withGraphc(model: TinyModel.text.replacing("  - leaky_relu: 0.2", with: layers)) { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 76)
      #expect(outcome.messages.contains("loss_d is infinite or NaN at step 1"))
      // The first `leaky_relu` makes 1e30; the convolution behind it takes the second one in.
      #expect(
        outcome.messages.contains("came out of `fused_convolution` of discriminator.2, model.yaml:13\n"))
    }
  }

  @Test("no checkpoint is written of a state that is not finite")
  func stateIsLookedAt() throws {
    // A rate at which the last update leaves the range, with no step behind it whose loss could tell.
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        "train", "model.yaml", "--out", "run", "--max-steps", "1", "--set", "train.optimizer.sgd.lr=1e30",
        "--set", "train.optimizer.sgd.weight_decay=1e30")
      #expect(outcome.status == 76)
      #expect(
        outcome.messages.contains(/the tensor `(generator|discriminator)\.[a-z0-9.]+` holds such a value/))
      #expect(!RunFiles(folder: graphc.folder + "/run").exists("checkpoints/latest"))
    }
  }
}
