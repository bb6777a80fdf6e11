import Foundation
import Testing

/// `train.evaluate_every`, and `--best`.
@Suite struct BestCheckpointTests {
  private static let text = TinyModel.text.replacing(
    "checkpoint_every: 4", with: "checkpoint_every: 4\n  evaluate_every: 2\n  keep: 1")

  private func withModel(_ body: (GraphcBinary, RunFiles) throws -> Void) throws {
    try withGraphc { graphc throws in
      try Data(Self.text.utf8).write(to: URL(filePath: "\(graphc.folder)/scored.yaml"))
      try body(graphc, RunFiles(folder: "\(graphc.folder)/run"))
    }
  }

  private func scores(_ files: RunFiles) throws -> [Int: Double] {
    try files.metrics().reduce(into: [:]) { found, row in
      if let score = row["sliced_wasserstein"] { found[Int(row["step"] ?? 0)] = score }
    }
  }

  @Test("samples are scored every so many steps and at the end, and the best one's checkpoint is kept")
  func best() throws {
    try withModel { graphc, files in
      let trained = try graphc.run("train", "scored.yaml", "--out", "run")
      #expect(trained.status == 0, "\(trained.messages)")
      let scores = try scores(files)
      #expect(scores.keys.sorted() == [2, 4, 6, 8, 9])
      let best = try #require(scores.min { ($0.value, $0.key) < ($1.value, $1.key) })
      let lines = try files.text("checkpoints/best").split(separator: "\n").map(String.init)
      #expect(lines.first == "step-00000\(best.key).safetensors")
      let kept = try files.names(in: "checkpoints").filter { $0.hasSuffix(".safetensors") }
      #expect(Set(kept) == ["step-00000\(best.key).safetensors", "step-000009.safetensors"])
      #expect(try graphc.run("sample", "run", "--best", "--output", "best.png").status == 0)
      #expect(
        try graphc.run(
          "sample", "run/checkpoints/step-00000\(best.key).safetensors", "--output", "same.png"
        ).status == 0)
      let pictures = RunFiles(folder: graphc.folder)
      #expect(try pictures.data("best.png") == pictures.data("same.png"))
    }
  }

  @Test("a run that is stopped and resumed has the same scores and the same best checkpoint")
  func resuming() throws {
    try withModel { graphc, files in
      #expect(try graphc.run("train", "scored.yaml", "--out", "whole").status == 0)
      #expect(try graphc.run("train", "scored.yaml", "--out", "run", "--max-steps", "5").status == 0)
      // What a later step left, which the resumed run has not made yet, counts for nothing.
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "9").status == 0)
      let whole = RunFiles(folder: "\(graphc.folder)/whole")
      let (expected, found) = (try scores(whole), try scores(files))
      #expect(found.filter { $0.key != 5 } == expected)
      let best = try #require(found.min { ($0.value, $0.key) < ($1.value, $1.key) })
      #expect(try files.text("checkpoints/best").hasPrefix("step-00000\(best.key).safetensors\n"))
    }
  }

  @Test("a run without scores has no best checkpoint, and images too small for one are told")
  func refusals() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      let none = try graphc.run("sample", "run", "--best")
      #expect(none.status == 65)
      #expect(none.messages.contains("has no best checkpoint"))
      let small = """
        image: {channels: 1, height: 4, width: 4}
        latent: 2
        generator: [{linear: 16}, {reshape: [1, 4, 4]}, tanh]
        discriminator: [flatten, {linear: 1}]
        train: {data: {synthetic: {count: 20}}, loss: bce_with_logits, evaluate_every: 2}
        """
      try Data(small.utf8).write(to: URL(filePath: "\(graphc.folder)/small.yaml"))
      let refused = try graphc.run("train", "small.yaml", "--out", "small", "--max-steps", "2")
      #expect(refused.status == 65)
      #expect(refused.messages.contains("compares patches of 7 pixels a side"), "\(refused.messages)")
    }
  }
}
