import FoundationEssentials
import GraphIR
import Lowering
import Passes
import TestSupport
import Testing

@testable import Runtime

/// Networks that grow begin each stage as what they were.
@Suite struct GrowthTests {
  private static let batch = 3

  /// A network of a stage on one batch: `model.yaml`'s tensors are given by their names, the same in all stages.
  private func run(
    _ network: LoweredNetwork, _ weights: inout [String: ReferenceTensor], input: ReferenceTensor,
    fade: Double
  ) throws -> [Double] {
    var inputs: [String: ReferenceTensor] = [:]
    for (name, tensor) in network.graph.randomInputs(batch: Self.batch) {
      guard let kind = network.graph.inputs.first(where: { $0.name == name })?.kind else { continue }
      if kind == .data {
        inputs[name] = name == StepGraph.fadeName ? ReferenceTensor(shape: [], values: [fade]) : input
      } else {
        inputs[name] = weights[name] ?? tensor
        weights[name] = inputs[name]
      }
    }
    let name = network.graph.outputs[0].name
    return try #require(
      try ReferenceInterpreter(network.graph).run(inputs, batch: Self.batch).outputs[name]
    ).values
  }

  /// Each pixel of images [N, C, side, side] as a square of four.
  private func doubled(_ images: [Double], side: Int) -> [Double] {
    (0..<images.count / (side * side)).flatMap { plane in
      (0..<4 * side * side).map { pixel in
        images[(plane * side + pixel / (2 * side) / 2) * side + pixel % (2 * side) / 2]
      }
    }
  }

  @Test("when a fade begins, the larger networks do what the smaller ones did, and later something else")
  func begins() throws {
    let text = try String(contentsOfFile: packageRoot() + "/models/progressive.yaml", encoding: .utf8)
    let checked = check(
      text.replacing("{base: 32,", with: "{base: 4,").replacing("latent: 64", with: "latent: 5"))
    let stages = checked.result.stages
    #expect(stages.count == 3, "\(checked.rendered)")
    var weights: [String: ReferenceTensor] = [:]
    let noise = ReferenceTensor(
      shape: [Self.batch, 5],
      values: RandomSource(seed: 2, stream: .noise).normals(Self.batch * 5).map(Double.init))
    for (small, large) in zip(stages, stages.dropFirst()) {
      func network(_ stage: CheckedModel.Stage, _ name: String) throws -> LoweredNetwork {
        try #require(stage.lowering.networks.first { $0.name == name })
      }
      let side = small.spec.height.value
      let before = try run(network(small, "generator"), &weights, input: noise, fade: 1)
      let after = try run(network(large, "generator"), &weights, input: noise, fade: 0)
      #expect(distance(after, doubled(before, side: side)) < 1e-12)
      #expect(distance(try run(network(large, "generator"), &weights, input: noise, fade: 0.5), after) > 1e-3)
      let images = ReferenceTensor(shape: [Self.batch, 3, side, side], values: before)
      let larger = ReferenceTensor(shape: [Self.batch, 3, 2 * side, 2 * side], values: after)
      let scores = try run(network(small, "discriminator"), &weights, input: images, fade: 1)
      #expect(
        distance(try run(network(large, "discriminator"), &weights, input: larger, fade: 0), scores) < 1e-12)
      #expect(
        distance(try run(network(large, "discriminator"), &weights, input: larger, fade: 0.5), scores) > 1e-6)
    }
  }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "as many values")
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
