import Foundation
import Glibc
import Testing

/// A run that stops and goes on is the run that never stopped.
@Suite struct ResumeTests {
  /// Trains the model in one go with so many steps.
  private func straightRun(_ graphc: GraphcBinary, steps: Int) throws -> RunFiles {
    let outcome = try graphc.run(
      "train", "model.yaml", "--out", "straight-\(steps)", "--set", "train.epochs=100000", "--max-steps",
      "\(steps)")
    #expect(outcome.status == 0)
    return RunFiles(folder: "\(graphc.folder)/straight-\(steps)")
  }

  private func expectSame(_ a: RunFiles, _ b: RunFiles) throws {
    #expect(try a.latestCheckpoint() == b.latestCheckpoint())
    #expect(try a.results() == b.results())
    let last = try #require(try a.names(in: "samples").last)
    #expect(try a.data("samples/\(last)") == b.data("samples/\(last)"))
  }

  @Test(
    "stopped in the middle of an epoch by `--max-steps`, it ends with the same bytes", arguments: [1, 4, 5])
  func stopsAtAStep(step: Int) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "whole").status == 0)
      #expect(try graphc.run("train", "model.yaml", "--out", "parts", "--max-steps", "\(step)").status == 0)
      #expect(try graphc.run("train", "--resume", "parts").status == 0)
      try expectSame(
        RunFiles(folder: graphc.folder + "/whole"), RunFiles(folder: graphc.folder + "/parts"))
    }
  }

  /// Each with several of the things that a training keeps from step to step.
  private static let keeping = [
    ["average={generator: 0.9}", "optimizer={adam: {schedule: [{warm_up: 4}, {cosine: 20}]}}"],
    ["accumulate=2", "loss={wgan_gp: {critic_steps: 2}}", "optimizer={rmsprop: {lr: 0.001}}"],
    [
      "loss={logistic: {r1: 1, r1_every: 3}}",
      "augment={policy: [color, translation, cutout], adaptive: {images: 100}}",
    ],
  ]

  @Test("stopped behind each of its steps, it ends with the same bytes", arguments: keeping)
  func stopsBehindEachStep(settings: [String]) throws {
    let steps = 18
    let options = (settings + ["epochs=100"]).flatMap { ["--set", "train.\($0)"] }
    try withGraphc { graphc throws in
      let begin = ["train", "model.yaml"] + options
      let whole = try graphc.run(begin + ["--out", "whole", "--max-steps", "\(steps)"])
      #expect(whole.status == 0, "\(whole.messages)")
      for step in 1...steps {
        let part = step == 1 ? begin + ["--out", "parts"] : ["train", "--resume", "parts"]
        #expect(try graphc.run(part + ["--max-steps", "\(step)"]).status == 0)
      }
      let files = ["whole", "parts"].map { RunFiles(folder: "\(graphc.folder)/\($0)") }
      #expect(try files[0].latestCheckpoint() == files[1].latestCheckpoint())
      #expect(try files[0].results() == files[1].results())
    }
  }

  @Test("a run in bf16 goes on in bf16")
  func keepsItsPrecision() throws {
    try withGraphc { graphc throws in
      let bf16 = ["--set", "train.precision=bf16"]
      #expect(try graphc.run(["train", "model.yaml", "--out", "whole"] + bf16).status == 0)
      let begun = ["train", "model.yaml", "--out", "parts", "--max-steps", "3"]
      #expect(try graphc.run(begun + bf16).status == 0)
      #expect(try graphc.run("train", "--resume", "parts").status == 0)
      let parts = RunFiles(folder: graphc.folder + "/parts")
      try expectSame(RunFiles(folder: graphc.folder + "/whole"), parts)
      #expect(try parts.text("resolved.yaml").contains("precision: bf16"))
    }
  }

  @Test(
    "stopped by a signal, it saves, says how to go on, and ends with the same bytes",
    arguments: [SIGINT, SIGTERM])
  func stopsAtASignal(signal: Int32) throws {
    try withGraphc { graphc throws in
      let stopped = try graphc.run(
        "train", "model.yaml", "--out", "run", "--set", "train.epochs=100000", sending: signal)
      #expect(stopped.status == 128 + Int(signal))
      #expect(stopped.messages.contains("graphc train --resume run"))
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(run.exists("report.html"))
      let steps = try run.metrics().count
      #expect(try run.text("checkpoints/latest").contains("\(steps).safetensors"))
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "\(steps + 4)").status == 0)
      try expectSame(run, try straightRun(graphc, steps: steps + 4))
    }
  }

  @Test("killed between two checkpoints, it makes the lost steps again")
  func killed() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let whole = (checkpoint: try run.latestCheckpoint(), results: try run.results())
      // As a kill behind step 6 would have left it: two rows more than the checkpoint knows, the last one torn.
      try Data("step-000004.safetensors\n".utf8).write(to: URL(filePath: run.folder + "/checkpoints/latest"))
      let rows = try run.text("metrics.jsonl").split(separator: "\n")
      let torn = rows[..<5].joined(separator: "\n") + "\n" + rows[5].prefix(20)
      try Data(torn.utf8).write(to: URL(filePath: run.folder + "/metrics.jsonl"))
      #expect(try graphc.run("train", "--resume", "run").status == 0)
      #expect(try run.latestCheckpoint() == whole.checkpoint)
      #expect(try run.results() == whole.results)
    }
  }

  @Test("the number of threads changes no byte")
  func threads() throws {
    try withGraphc { graphc throws in
      for threads in 1...3 {
        #expect(
          try graphc.run("train", "model.yaml", "--out", "run-\(threads)", "--threads", "\(threads)").status
            == 0)
      }
      let runs = (1...3).map { RunFiles(folder: "\(graphc.folder)/run-\($0)") }
      try expectSame(runs[0], runs[1])
      try expectSame(runs[0], runs[2])
    }
  }

  @Test("with `--convolution` given again a run goes on with the same bytes; another algorithm gives others")
  func convolution() throws {
    try withGraphc { graphc throws in
      func train(_ algorithm: String, _ arguments: String...) throws {
        #expect(try graphc.run(["train", "--convolution", algorithm] + arguments).status == 0)
      }
      func files(_ name: String) -> RunFiles { RunFiles(folder: "\(graphc.folder)/\(name)") }
      try train("winograd2", "model.yaml", "--out", "whole")
      try train("winograd2", "model.yaml", "--out", "parts", "--max-steps", "4")
      try train("winograd2", "--resume", "parts")
      try train("patches", "model.yaml", "--out", "other")
      let (whole, parts, other) = (files("whole"), files("parts"), files("other"))
      try expectSame(whole, parts)
      #expect(try other.latestCheckpoint() != whole.latestCheckpoint())
    }
  }

  @Test("a run that is stopped says that `--convolution` is part of how it goes on")
  func stoppedWithAConvolution() throws {
    try withGraphc { graphc throws in
      let stopped = try graphc.run(
        "train", "model.yaml", "--out", "run", "--set", "train.epochs=100000", "--convolution", "patches",
        sending: SIGINT)
      #expect(stopped.messages.contains("graphc train --resume run --convolution patches"))
    }
  }

  @Test("a run that has made its steps says so and changes nothing")
  func finished() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let metrics = try run.text("metrics.jsonl")
      for arguments in [["train", "--resume", "run"], ["train", "--resume", "run", "--max-steps", "3"]] {
        let outcome = try graphc.run(arguments)
        #expect(outcome.status == 0)
        #expect(outcome.messages.contains("run has made 9 steps"))
      }
      #expect(try run.text("metrics.jsonl") == metrics)
    }
  }

  @Test("the data is found again from another folder than the model's")
  func relativeData() throws {
    let model = TinyModel.text.replacing(/data: .*/, with: "data: {idx: images}")
    try withGraphc(model: model) { graphc throws in
      // 20 images of 8×8 pixels: the magic number of three dimensions of bytes, and the dimensions.
      let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 8]
      let pixels = (0..<20 * 64).map { UInt8(truncatingIfNeeded: $0 * 37) }
      try Data(header + pixels).write(to: URL(filePath: graphc.folder + "/images"))
      #expect(try graphc.run("train", "model.yaml", "--out", "deep/run", "--max-steps", "2").status == 0)
      #expect(try graphc.run("train", "--resume", "deep/run").status == 0)
      let elsewhere = GraphcBinary(folder: graphc.folder + "/deep")
      #expect(try elsewhere.run("check", "run/resolved.yaml").status == 0)
      #expect(try elsewhere.run("train", "run/resolved.yaml", "--out", "again").status == 0)
      try expectSame(
        RunFiles(folder: graphc.folder + "/deep/run"), RunFiles(folder: graphc.folder + "/deep/again"))
    }
  }

  @Test("only a run's folder can be gone on with, and only with its own networks")
  func wrongFolders() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("train", "--resume", ".")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("not a run's folder"))
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1").status == 0)
      let path = graphc.folder + "/run/resolved.yaml"
      let changed = try String(contentsOfFile: path, encoding: .utf8)
        .replacing("negative_slope: 0.2", with: "negative_slope: 0.1")
      try Data(changed.utf8).write(to: URL(filePath: path))
      let other = try graphc.run("train", "--resume", "run")
      #expect(other.status == 65)
      #expect(other.messages.contains("other networks"))
    }
  }

  @Test("a run that an earlier version saved, in format 1, goes on")
  func earlierFormat() throws {
    try withGraphc { graphc throws in
      let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      let stored = tests.appending(path: "Fixtures/Runs/format-1").path()
      try FileManager.default.copyItem(atPath: stored, toPath: graphc.folder + "/run")
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try run.metrics().map { $0["step"] } == (1...9).map { Double($0) })
      #expect(try run.text("checkpoints/latest") == "step-000009.safetensors\n")
      #expect(try graphc.run("sample", "run", "--output", "samples.png").status == 0)
    }
  }
}
