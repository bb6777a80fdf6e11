import Foundation
import Testing

/// Scores of a run, from outside.
@Suite struct EvaluateTests {
  private func scores(_ text: String) throws -> [String: (value: Double, ofReal: Double)] {
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let rows = try #require(json["scores"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: try rows.map { row in
        (
          try #require(row["name"] as? String),
          (try #require(row["value"] as? Double), try #require(row["of_real"] as? Double))
        )
      })
  }

  @Test("scores stand beside those of real images, and are the same with any number of threads")
  func pixels() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let outcome = try graphc.run("evaluate", "run", "--count", "10", "--format", "json", "--threads", "1")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let found = try scores(outcome.output)
      #expect(
        Set(found.keys) == [
          "sliced Wasserstein distance ×1e3", "MS-SSIM within the images", "precision", "recall", "density",
          "coverage", "kernel distance", "Fréchet distance",
        ])
      // Nothing that nine steps make looks like the data.
      let frechet = try #require(found["Fréchet distance"])
      #expect(frechet.value > frechet.ofReal)
      let again = try graphc.run("evaluate", "run", "--count", "10", "--format", "json", "--threads", "3")
      #expect(again.output == outcome.output)
      let table = try graphc.run("evaluate", "run", "--count", "400")
      #expect(table.messages.contains("10 images of each kind: the data has 20"))
      #expect(table.output.contains("pixels, 64 numbers, k = 3"))
    }
  }

  @Test("features are those of any network that takes images")
  func features() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let checkpoint = "run/checkpoints/step-000009.safetensors"
      let outcome = try graphc.run(
        "evaluate", "run", "--count", "10", "--features", "model.yaml", "--weights", checkpoint)
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("discriminator of model.yaml, 1 numbers"))
      #expect(
        try graphc.run(
          "evaluate", "run", "--features", "model.yaml", "--weights", checkpoint, "--network", "generator"
        ).messages.contains("has no network that takes images alone"))
      #expect(try graphc.run("evaluate", "run", "--features", "model.yaml").status == 64)
      #expect(try graphc.run("evaluate", "run", "--count", "3").status == 64)
      #expect(try graphc.run("evaluate", "nowhere").status == graphc.run("sample", "nowhere").status)
    }
  }
}
