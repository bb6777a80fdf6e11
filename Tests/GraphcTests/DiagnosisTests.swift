import Foundation
import Testing

/// What a run says of how it goes, from outside.
@Suite struct DiagnosisTests {
  /// A discriminator whose rate is a hundred times the generator's sees twelve pictures over and over.
  private static let wins = """
    name: wins
    image: {channels: 3, height: 16, width: 16}
    latent: 8
    init: dcgan
    generator:
      - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
      - tanh
    discriminator:
      - conv2d: {out_channels: 32, kernel_size: 4, stride: 2, padding: 1}
      - leaky_relu: 0.2
      - conv2d: {out_channels: 64, kernel_size: 4, stride: 2, padding: 1}
      - batch_norm2d
      - leaky_relu: 0.2
      - flatten
      - linear: 1
    train:
      data: {synthetic: shapes, limit: 12}
      loss: bce_with_logits
      batch_size: 4
      epochs: 150
      optimizer:
        generator: {adam: {lr: 0.00002, betas: [0.5, 0.999]}}
        discriminator: {adam: {lr: 0.002, betas: [0.5, 0.999]}}

    """

  @Test("a discriminator that wins is told of on the terminal, in the log and in the report")
  func discriminatorWins() throws {
    try withGraphc(model: Self.wins) { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("the discriminator has won"))
      #expect(
        outcome.messages.contains("--set train.optimizer.discriminator.adam.lr=2.0e-4 (model.yaml:29)"),
        "\(outcome.messages)")
      let run = RunFiles(folder: graphc.folder + "/run")
      // What stands out stands in the row of its step: a line is a step.
      let steps = try run.text("metrics.jsonl").split(separator: "\n").enumerated().map { place, line in
        line.hasPrefix("{\"step\": \(place + 1),")
      }
      #expect(!steps.contains(false))
      let events = try run.text("metrics.jsonl").split(separator: "\n").filter { $0.contains("\"event\"") }
      #expect(events.contains { $0.contains("discriminator-won") })
      #expect(try run.text("report.html").contains("the discriminator has won"))
    }
  }

  @Test("a healthy run says nothing")
  func healthy() throws {
    let model = Self.wins.replacing(
      "{out_channels: 16, kernel_size: 4, bias", with: "{out_channels: 32, kernel_size: 4, bias"
    )
    .replacing("conv2d: {out_channels: 32", with: "conv2d: {out_channels: 8")
    .replacing(
      "conv2d: {out_channels: 64, kernel_size: 4, stride: 2, padding: 1}\n  - batch_norm2d",
      with: "conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}\n  - dropout: 0.3"
    )
    .replacing("lr: 0.00002", with: "lr: 0.0002").replacing("lr: 0.002,", with: "lr: 0.0002,")
    .replacing("limit: 12", with: "limit: 2000").replacing("batch_size: 4", with: "batch_size: 16")
    .replacing("epochs: 150", with: "epochs: 4")
    try withGraphc(model: model) { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try !run.text("metrics.jsonl").contains("\"event\""))
      #expect(try run.text("report.html").contains("Nothing stands out."))
    }
  }
}
