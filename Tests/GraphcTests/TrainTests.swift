import Foundation
import FoundationXML
import Glibc
import Interchange
import TestSupport
import Testing

/// `graphc train`: what a run leaves, and what it refuses.
@Suite struct TrainTests {
  @Test("a run leaves its model, metrics, samples, checkpoints and report, and prints its last samples")
  func runFolder() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 0)
      #expect(outcome.output == "run/samples/step-000009.png\n")
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try run.names(in: "samples") == ["step-000004.png", "step-000008.png", "step-000009.png"])
      #expect(
        try run.names(in: "checkpoints") == [
          "latest", "step-000004.safetensors", "step-000008.safetensors", "step-000009.safetensors",
        ])
      #expect(try run.text("checkpoints/latest") == "step-000009.safetensors\n")
      let report = try run.text("report.html")
      // It needs no other file, and has a frame for each picture of samples.
      #expect(report.matches(of: /src="data:image\/png;base64,[A-Za-z0-9+\/=]+"/).count == 3)
      #expect(
        try XMLDocument(xmlString: report.replacing("<!DOCTYPE html>", with: "")).rootElement()?.name
          == "html")
      // The resolved model says all there is to say, and is a model itself.
      #expect(try run.text("resolved.yaml").contains("momentum: 0.1"))
      #expect(try graphc.run("check", "run/resolved.yaml").status == 0)
    }
  }

  @Test("a model that makes no images trains without pictures, goes on, and scores those that another makes")
  func classifier() throws {
    try withGraphc { graphc throws in
      let (model, weights) = ("\(packageRoot())/models/digits-classifier.yaml", "run/classifier.safetensors")
      let outcome = try graphc.run("train", model, "--out", "run", "--max-steps", "120")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output == "run/checkpoints/step-000120.safetensors\n")
      let resumed = try graphc.run("train", "--resume", "run", "--max-steps", "300")
      #expect(resumed.output == "run/checkpoints/step-000300.safetensors\n", "\(resumed.messages)")
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try run.names(in: "samples") == [] && run.exists("report.html"))
      // A guess among ten classes has a loss of 2.3.
      #expect(try #require(try run.metrics().last?["loss_classifier"]) < 0.7)
      let scored = try graphc.run("train", model, "--out", "scored", "--set", "train.evaluate_every=100")
      #expect(scored.status == 65 && scored.messages.contains("`train.evaluate_every`"), "\(scored.messages)")
      #expect(!RunFiles(folder: graphc.folder).exists("scored"))
      let sampled = try graphc.run("sample", "run")
      #expect(sampled.status == 65 && sampled.messages.contains("makes no images"), "\(sampled.messages)")
      #expect(try graphc.run("export", "run", "--out", weights).status == 0)
      let digits = try graphc.run(
        "train", "\(packageRoot())/models/dcgan-digits.yaml", "--out", "digits", "--max-steps", "2")
      #expect(digits.status == 0, "\(digits.messages)")
      let scores = try graphc.run(
        "evaluate", "digits", "--count", "200", "--features", model, "--weights", weights)
      #expect(scores.status == 0, "\(scores.messages)")
      #expect(scores.output.contains("classifier of \(model), 32 numbers"), "\(scores.output)")
    }
  }

  @Test("metrics.jsonl has a row a step with the fields that scripts hold on to")
  func metrics() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let rows = try RunFiles(folder: graphc.folder + "/run").metrics()
      #expect(rows.map { $0["step"] } == (1...9).map { Double($0) })
      #expect(rows.map { $0["epoch"] } == [0, 0, 0, 1, 1, 1, 2, 2, 2])
      for row in rows {
        for loss in ["loss_d", "loss_g"] { #expect(try #require(row[loss]) > 0) }
        for probability in ["d_real", "d_fake"] { #expect((0...1).contains(try #require(row[probability]))) }
        #expect(try #require(row["images_per_second"]) > 0)
        #expect(try #require(row["data_wait_ms"]) >= 0)
      }
    }
  }

  @Test("a grid of samples is an image of 64 tiles that are not all alike")
  func samplesAreReadable() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      let grid = try Image(contentsOf: graphc.folder + "/run/samples/step-000002.png")
      // 8 tiles of 64 pixels and 9 gaps of 2 pixels on each side.
      #expect(grid.width == 8 * 64 + 9 * 2)
      #expect(grid.height == grid.width)
      #expect(grid.channels == 1)
      #expect(Set(grid.pixels).count > 16)
    }
  }

  @Test("`--max-steps` ends a run early, with a checkpoint and samples of the last step")
  func maxSteps() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try run.metrics().count == 2)
      #expect(run.exists("checkpoints/step-000002.safetensors"))
      #expect(run.exists("samples/step-000002.png"))
    }
  }

  @Test("runs without a name are numbered, and one with a name is never overwritten")
  func foldersAreKept() throws {
    try withGraphc { graphc throws in
      for number in 1...2 {
        #expect(
          try graphc.run("train", "model.yaml", "--max-steps", "1").output.hasPrefix("runs/tiny-\(number)/"))
      }
      let run = RunFiles(folder: graphc.folder + "/runs/tiny-1")
      let before = try run.latestCheckpoint()
      let again = try graphc.run("train", "model.yaml", "--out", "runs/tiny-1")
      #expect(again.status == 65)
      #expect(again.messages.contains("never overwritten"))
      #expect(try run.latestCheckpoint() == before)
      #expect(try run.metrics().count == 1)
    }
  }

  @Test("data that is missing is named before anything is made", arguments: ["idx", "folder", "cifar10"])
  func missingData(source: String) throws {
    let model = TinyModel.text.replacing(/data: .*/, with: "data: {\(source): nowhere/images}")
    try withGraphc(model: model) { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("nowhere/images"))
      #expect(!RunFiles(folder: graphc.folder).exists("run"))
    }
  }

  @Test("an algorithm for convolutions that there is not ends with 64 and the names of those that there are")
  func unknownConvolution() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run", "--convolution", "fft")
      #expect(outcome.status == 64)
      #expect(outcome.messages.contains("winograd2"))
      #expect(!RunFiles(folder: graphc.folder).exists("run"))
    }
  }

  @Test("a model without data can be checked, not trained")
  func noData() throws {
    try withGraphc(model: TinyModel.text.replacing(/[ ]*data: .*\n/, with: "")) { graphc throws in
      #expect(try graphc.run("check", "model.yaml").status == 0)
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("no `data`"))
      #expect(!RunFiles(folder: graphc.folder).exists("run"))
    }
  }

  @Test("a folder that cannot be made ends with 74")
  func unwritableFolder() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "/dev/null/run")
      #expect(outcome.status == 74)
      #expect(outcome.messages.contains("/dev/null"))
    }
  }

  @Test("a folder that another process trains in ends with 75, and is left alone")
  func lockedFolder() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1").status == 0)
      let lock = try #require(FileHandle(forUpdatingAtPath: graphc.folder + "/run/run.lock"))
      try #require(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 75)
      #expect(outcome.messages.contains("in use"))
      #expect(try RunFiles(folder: graphc.folder + "/run").metrics().count == 1)
    }
  }

  @Test("`--seed` gives another run, and the same seed the same one")
  func seeds() throws {
    try withGraphc { graphc throws in
      for (name, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
        #expect(try graphc.run("train", "model.yaml", "--out", name, "--seed", seed).status == 0)
      }
      let checkpoints = try ["a", "b", "c"].map {
        try RunFiles(folder: "\(graphc.folder)/\($0)").latestCheckpoint()
      }
      #expect(checkpoints[0] == checkpoints[1])
      #expect(checkpoints[0] != checkpoints[2])
    }
  }

  @Test("`--weights` begins with the weights of another run")
  func weights() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "a").status == 0)
      let frozen = ["--set", "train.optimizer.sgd.lr=1e-30", "--max-steps", "1"]
      let checkpoint = "a/checkpoints/step-000009.safetensors"
      #expect(
        try graphc.run(["train", "model.yaml", "--out", "b", "--weights", checkpoint] + frozen).status == 0)
      func weights(_ path: String) throws -> [Float] {
        try #require(try SafetensorsFile(contentsOf: "\(graphc.folder)/\(path)")["generator.0.weight"]).floats
      }
      #expect(try weights("b/checkpoints/step-000001.safetensors") == weights(checkpoint))
    }
  }
}
