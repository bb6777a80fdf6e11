import Foundation
import Interchange
import Testing

/// `graphc anomaly`.
@Suite struct AnomalyTests {
  /// Pictures of one bright row, which is normal, and of one bright column.
  private func write(_ folder: String, count: Int, columns: Bool, from first: Int = 0) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for number in first..<first + count {
      let pixels = (0..<64).map { pixel -> UInt8 in
        let place = columns ? pixel % 8 : pixel / 8
        return place == number % 8 ? 250 : UInt8(number % 5)
      }
      try Image(width: 8, height: 8, channels: 1, pixels: pixels).writePNG(
        to: "\(folder)/\(1000 + number).png")
    }
  }

  private func withRun(_ body: (GraphcBinary) throws -> Void) throws {
    try withGraphc { graphc throws in
      try write("\(graphc.folder)/rows", count: 40, columns: false)
      try write("\(graphc.folder)/held", count: 24, columns: false, from: 40)
      try write("\(graphc.folder)/more", count: 8, columns: false, from: 64)
      try write("\(graphc.folder)/columns", count: 8, columns: true)
      // An encoder beside the generator makes an autoencoder, which learns rows in a moment.
      let text = """
        name: rows
        image: {channels: 1, height: 8, width: 8}
        latent: 8
        networks:
          encoder:
            inputs: {picture: image}
            layers: [flatten, {linear: 8}]
          decoder:
            inputs: {code: latent}
            layers: [{linear: 64}, {reshape: [1, 8, 8]}, tanh]
        train:
          data: {folder: rows}
          draw: {code: {normal: 8}}
          values: {again: decoder(encoder(real))}
          updates:
            - {network: [encoder, decoder], minimize: "l2(again, real)"}
          batch_size: 8
          epochs: 200
          optimizer: {adam: {lr: 0.01}}

        """
      try Data(text.utf8).write(to: URL(filePath: "\(graphc.folder)/rows.yaml"))
      let trained = try graphc.run("train", "rows.yaml", "--out", "run")
      #expect(trained.status == 0, "\(trained.messages)")
      try body(graphc)
    }
  }

  /// An autoencoder whose decoder is told the class, which no encoder finds out.
  private static let told = """
    name: told
    image: {channels: 1, height: 8, width: 8}
    latent: 8
    classes: 10
    networks:
      encoder:
        inputs: {picture: image}
        layers: [flatten, {linear: 8}]
      decoder:
        inputs: {code: latent, label: class}
        layers:
          - {embedding: {num_embeddings: classes, embedding_dim: 4}, from: label, name: known}
          - {concat: , from: [code, known]}
          - linear: 64
          - reshape: [1, 8, 8]
    train:
      data: {digits: {limit: 32}}
      draw: {code: {normal: 8}}
      values: {again: "decoder(encoder(real), label)"}
      updates:
        - {network: [encoder, decoder], minimize: "l2(again, real)"}
      batch_size: 16
      max_steps: 2

    """

  @Test("an encoder's images need their class where the network is told one")
  func classOfEncodedImages() throws {
    try withGraphc(model: Self.told) { graphc throws in
      try write("\(graphc.folder)/rows", count: 24, columns: false)
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let fit = ["anomaly", "fit", "run", "--normal", "rows", "--method", "encoder", "--false-alarms", "0.1"]
      let unknown = try graphc.run(fit)
      #expect(unknown.status == 65)
      #expect(unknown.messages.contains("say with --class which one the images are of"))
      #expect(!FileManager.default.fileExists(atPath: graphc.folder + "/detector.safetensors"))
      let known = try graphc.run(fit + ["--class", "3"])
      #expect(known.status == 0, "\(known.messages)")
    }
  }

  private func rows(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("columns stand out among rows, by the encoder and by the search")
  func detection() throws {
    try withRun { graphc throws in
      for (method, detector) in [("encoder", "e.safetensors"), ("search", "s.safetensors")] {
        let fitted = try graphc.run(
          "anomaly", "fit", "run", "--normal", "held", "--method", method, "--steps", "60", "--output",
          detector)
        #expect(fitted.status == 0, "\(fitted.messages)")
        let scored = try graphc.run(
          "anomaly", "score", "run", "--detector", detector, "--normal", "more", "--abnormal", "columns",
          "--maps",
          "maps-\(method)")
        #expect(scored.status == 0, "\(scored.messages)")
        let found = try rows(scored.output)
        #expect(found.count == 16)
        for row in found where row["label"] as? String == "abnormal" {
          #expect(row["alarm"] as? Bool == true, "\(method) \(row)")
          #expect((row["normalized"] as? Double ?? 0) > 0.5)
        }
        #expect(scored.messages.contains("this model, by \(method)"))
        let line = try #require(scored.messages.split(separator: "\n").first { $0.contains("this model") })
        #expect(line.contains("1.0000"), "\(scored.messages)")
        #expect(scored.messages.contains("principal components' residual"))
        #expect(scored.messages.contains("mean distance to the 5 nearest"))
        let map = try Image(contentsOf: "\(graphc.folder)/maps-\(method)/000015.png")
        #expect((map.width, map.height, map.channels) == (4 * 66 + 2, 68, 3))
      }
      // Without labels, the lines alone; a file in place of the output.
      let plain = try graphc.run(
        "anomaly", "score", "run", "columns/1000.png", "--detector", "e.safetensors", "--output",
        "scores.jsonl")
      #expect(plain.output == "scores.jsonl\n")
      #expect(try rows(RunFiles(folder: graphc.folder).text("scores.jsonl")).count == 1)
    }
  }

  @Test("a detector is of one checkpoint; too few normal images, a broken file and a missing one are told")
  func mistakes() throws {
    try withRun { graphc throws in
      let few = try graphc.run("anomaly", "fit", "run", "--normal", "more", "--false-alarms", "0.01")
      #expect(few.status == 65)
      #expect(
        few.messages.contains("8 normal images are too few for a false-alarm rate of 0.01: it takes 99"))
      #expect(
        try graphc.run("anomaly", "fit", "run", "--normal", "held", "--output", "d.safetensors").status == 0)
      #expect(try graphc.run("train", "rows.yaml", "--out", "other", "--max-steps", "3").status == 0)
      let other = try graphc.run("anomaly", "score", "other", "more", "--detector", "d.safetensors")
      #expect(other.status == 65)
      #expect(other.messages.contains("was fitted to another checkpoint"))
      let wrong = try graphc.run(
        "anomaly", "score", "run", "more", "--detector", "run/checkpoints/step-000003.safetensors")
      #expect(wrong.status == 65)
      let text = try graphc.run("anomaly", "score", "run", "more", "--detector", "rows.yaml")
      #expect(text.status == 65)
      #expect(try graphc.run("anomaly", "score", "run", "--detector", "d.safetensors").status == 64)
    }
  }
}
