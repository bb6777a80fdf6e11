import TestSupport
import Testing

/// Options that other programs have.
@Suite struct OptionHintTests {
  @Test(
    "an option of another program is told as what it is here",
    arguments: [
      (["--lr", "0.001"], "--set train.optimizer.lr=0.001"),
      (["--lr=0.001"], "--set train.optimizer.lr=0.001"),
      (["--batch-size", "32"], "--set train.batch_size=32"), (["--epochs", "3"], "--set train.epochs=3"),
      (["--n_epochs", "3"], "--set train.epochs=3"),
      (["--beta1", "0.5"], "--set train.optimizer.betas=[0.5,0.999]"),
      (["--nz", "64"], "--set latent=64"), (["--imageSize", "64"], "--set image.size=64"),
      (["--dataroot", "photos"], "--set train.data=photos"), (["--manualSeed", "1"], "--set train.seed=1"),
      (["--outf", "here"], "--out"), (["--workers", "2"], "--threads"), (["--cuda"], "can be left out"),
      (["--n_critic", "5"], "--set train.loss.critic_steps=5"), (["--ema", "0.999"], "--set train.average"),
      (["--lambda-gp", "10"], "--set train.loss.weight=10"), (["--lr_scheduler", "step"], "schedule"),
    ])
  func hint(arguments: [String], text: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(["train", "model.yaml"] + arguments)
      #expect(outcome.status == 64)
      #expect(outcome.messages.contains(text), "\(outcome.messages)")
    }
  }

  @Test("an option that nobody knows has no hint")
  func unknown() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(["train", "model.yaml", "--frobnicate", "3"])
      #expect(outcome.status == 64)
      #expect(!outcome.messages.contains("Hint"))
    }
  }

  @Test("no hint names `--set` where a command does not take it")
  func commandWithoutSettings() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(["sample", "runs/none", "--lr", "3"])
      #expect(outcome.status == 64)
      #expect(!outcome.messages.contains("--set"), "\(outcome.messages)")
    }
  }

  @Test("`check --time` runs steps and says how long one takes")
  func time() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(["check", "model.yaml", "--time"])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("a step takes "))
      let json = try JSON(try graphc.run(["check", "model.yaml", "--time", "--format", "json"]).output)
      #expect(try #require(json["step"]["milliseconds"].number) > 0)
    }
  }
}
