import GraphIR
import Lowering
import ModelSpec
import Runtime
import TestSupport
import Testing

@testable import Training

/// When stages begin, and what they begin with.
@Suite struct StagePlanTests {
  private func stages(_ lines: String, updates: String = "") throws -> [(
    spec: ModelSpec, lowered: LoweredModel
  )] {
    let loaded = SpecLoader.load(
      text: Array(
        """
        image: {channels: 1, size: 16}
        latent: 4
        let: {levels: log2(image.height) - 2}
        generator:
          - conv_transpose2d: {out_channels: 3, kernel_size: 4}
            name: dense
          - leaky_relu: 0.2
            name: features_4
          - repeat:
              times: levels
              index: i
              layers:
                - upsample: 2
                - conv2d: {out_channels: 3, kernel_size: 3, padding: 1}
                  name: grow_<8 * 2 ** i>
                - leaky_relu: 0.2
                  name: features_<8 * 2 ** i>
          - conv2d: {out_channels: 1, kernel_size: 1}
            name: gray_<image.height>
          - conv2d: {out_channels: 1, kernel_size: 1}
            name: gray_<image.height / 2>
            from: features_<image.height / 2>
          - upsample: 2
            name: before
          - fade:
            from: [gray_<image.height>, before]
        discriminator: [flatten, {linear: 1, name: score_<image.height>}]
        train:
          loss: {wgan: {critic_steps: 3}}
          batch_size: 5
          stages:
        \(lines)
        """.utf8), name: "model.yaml", catalog: .standard)
    #expect(loaded.spec != nil, "\(loaded.diagnostics.map(\.message))")
    return try loaded.stages.map { spec in
      let lowered = ModelLowering.lower(spec, sources: loaded.sources)
      return (spec, try #require(lowered.model, "\(lowered.diagnostics.map(\.message))"))
    }
  }

  @Test func stagesFollowEachOtherAndFadesRiseFromZero() throws {
    // A step takes three batches of the critic's; the generator's reads none.
    let plan = StagePlan(
      try stages(
        """
            - {set: {image.size: 8}, steps: 4}
            - {images: 100, fade: 46}

        """))
    #expect(plan.stages.map(\.firstStep) == [0, 4])
    #expect(plan.stages.map(\.steps) == [4, 7])
    #expect(plan.stages[1].fadeSteps == 4)
    #expect(plan.steps == 11)
    #expect((0...11).map(plan.stage(after:)) == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    #expect((1...11).map(plan.stage(savedAfter:)) == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    #expect((4...10).map { plan.stages[1].fade(at: $0) } == [0, 0.25, 0.5, 0.75, 1, 1, 1])
    #expect(plan.stages[0].fade(at: 2) == 1)
  }

  /// As the paper has it: what is new is brought in from nothing.
  @Test func aStageBeginsWithTheImagesOfTheOneBefore() throws {
    let models = try stages(
      """
          - {set: {image.size: 8}, steps: 4}
          - {steps: 4, fade: 4}

      """)
    var samplers: [Sampler] = []
    var earlier: TensorStore?
    for (spec, lowered) in models {
      let model = try CompiledModel(spec, lowered, threads: 1)
      WeightInitializer(seed: 3).fill(model.store, with: lowered.definitions)
      if let earlier { model.store.begin(after: earlier) }
      earlier = model.store
      samplers.append(Sampler(model))
    }
    let noise = samplers[0].noise(count: 3, seed: 1)
    let small = samplers[0].values(from: noise)
    let large = samplers[1].values(from: noise, fade: 0)
    for image in 0..<3 {
      for row in 0..<16 {
        for column in 0..<16 {
          let (a, b) = (small[image * 64 + row / 2 * 8 + column / 2], large[image * 256 + row * 16 + column])
          #expect(abs(a - b) < 1e-6)
        }
      }
    }
    let half = samplers[1].values(from: noise, fade: 0.5)
    let whole = samplers[1].values(from: noise)
    #expect(zip(zip(large, whole), half).allSatisfy { abs(($0.0 + $0.1) / 2 - $1) < 1e-5 })
    #expect(large != whole)
  }
}
