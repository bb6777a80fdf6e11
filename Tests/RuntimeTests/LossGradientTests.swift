import GraphIR
import Lowering
import ModelSpec
import Passes
import TestSupport
import Testing

@testable import Runtime

/// What a whole program makes of its losses: the gradients that its updates move by, against difference quotients
/// of the objectives, penalties and all.
@Suite struct LossGradientTests {
  /// Every short form, with each of the terms that it may have; and terms that only formulas have.
  static let programs = [
    "loss: bce", "loss: {bce_with_logits: {r1: 10}}", "loss: {bce_with_logits: {saturating: true}}",
    "loss: {lsgan: {a: -1, c: 0}}", "loss: {wgan: {clip: 1000, critic_steps: 1}}",
    "loss: {wgan_gp: {critic_steps: 1, drift: 0.1}}", "loss: {wgan_gp: {critic_steps: 1, one_sided: true}}",
    "loss: {hinge: {r1: 3}}", "loss: {logistic: {r1: 2}}", "loss: dragan", "loss: {relativistic: bce}",
    "loss: {relativistic: {kind: hinge, r1: 1}}", "loss: {relativistic: lsgan}",
    // R2, and the path's length, whose running mean carries a share of the gradient.
    """
    values: {fake: generator(noise), score(x): discriminator(x)}
      updates:
        - network: discriminator
          minimize: mean(softplus(-score(real))) + mean(softplus(score(fake))) + 5 * mean(norm(gradient(score(fake), fake)) ** 2)
        - network: generator
          minimize: mean(softplus(-score(fake))) + 2 * mean((length - running(mean(length), 0.01)) ** 2)
      metrics: {length: mean(length)}
    """.replacing(
      "values: {",
      with:
        "values: {length: \"norm(gradient(generator(noise) * noise_like(generator(noise)), noise))\", "),
    // Means of inner layers, judged in each direction.
    """
    values: {fake: generator(noise), seen(x): discriminator(x).features}
      updates:
        - {network: discriminator, minimize: "l2(seen(fake), -seen(real)) + l1(seen(real), 0)"}
        - {network: generator, minimize: sum((batch_mean(seen(real)) - batch_mean(seen(fake))) ** 2)}
    """,
  ]

  @Test("the list has every loss")
  func allLosses() {
    for loss in SpecCatalog.standard.losses {
      let isThere = Self.programs.contains {
        $0.contains("loss: \(loss.name)") || $0.contains("{\(loss.name):")
      }
      #expect(isThere, "\(loss.name)")
    }
  }

  private static let batch = 3

  /// A step in which one network moves by its whole gradient, and the other stays.
  private func model(_ program: String, moving network: String) throws -> LoweredModel {
    func rate(_ name: String) -> String { name == network ? "1" : "1e-30" }
    let last = program.hasPrefix("loss: bce") && !program.contains("logits") ? "    - sigmoid\n" : ""
    let checked = check(
      """
      image: {channels: 1, height: 4, width: 4}
      latent: 3
      generator: [linear: 16, silu, linear: 16, reshape: [1, 4, 4], tanh]
      discriminator:
          - conv2d: {out_channels: 3, kernel_size: 3, padding: 1}
          - {silu: , name: features}
          - conv2d: {out_channels: 1, kernel_size: 4}
      \(last)train:
        optimizer: {generator: {sgd: \(rate("generator"))}, discriminator: {sgd: \(rate("discriminator"))}}
        batch_size: \(Self.batch)
        data: digits
        \(program)

      """)
    return try #require(checked.result.model, "\(checked.rendered)")
  }

  @Test(
    "an update moves along the limit of its objective's difference quotients", arguments: programs,
    ["generator", "discriminator"])
  func gradients(program: String, network: String) throws {
    var count = 0
    for step in try model(program, moving: network).steps {
      let graph = try step.graph.after(.reference)
      let interpreter = ReferenceInterpreter(graph)
      let inputs = graph.randomInputs(batch: Self.batch)
      let result = try interpreter.run(inputs, batch: Self.batch)
      let loss = network == "generator" ? "loss_g" : "loss_d"
      guard result.outputs[loss] != nil else { continue }
      for (name, moved) in result.stores where name.hasPrefix("\(network).") {
        let before = try #require(inputs[name]).values
        let gradient = zip(before, moved.values).map { $0 - $1 }
        let source = RandomSource(seed: 5, stream: .noise)
        let direction = gradient.indices.map { source.uniform($0) < 0.5 ? -1.0 : 1.0 }
        let along = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        func value(at distance: Double) throws -> Double {
          var other = inputs
          for (index, sign) in direction.enumerated() { other[name]?.values[index] += distance * sign }
          return try #require(try interpreter.run(other, batch: Self.batch).outputs[loss]).values[0]
        }
        let distance = 1e-5
        let difference = (try value(at: distance) - value(at: -distance)) / (2 * distance)
        let error = abs(along - difference) / max(0.1, abs(along), abs(difference))
        #expect(error < 1e-6, "\(name): \(along), but by differences \(difference)")
        count += 1
      }
    }
    // Features that the loss ends in leave the last layer where it is.
    #expect(count == (program.contains("seen(x)") && network == "discriminator" ? 2 : 4))
  }
}
