import GraphIR
import Lowering
import TestSupport
import Testing

/// How weights begin, and what random numbers a step draws.
@Suite struct InitializationTests {
  private func definitions(_ initialization: String) throws -> [ParameterDefinition] {
    let text = SmallModel.with { model in
      model.extra = "init: \(initialization)\n"
      model.discriminator = """
        discriminator:
          - conv2d: {out_channels: 6, kernel_size: 4, stride: 2, padding: 1, groups: 3}
          - flatten
          - linear: 1

        """
    }
    let checked = check(text)
    return try #require(checked.result.model, "\(checked.rendered)").definitions
  }

  private func initializers(_ initialization: String) throws -> [String: ParameterDefinition.Initializer] {
    let parameters = try definitions(initialization).filter { $0.kind == .parameter }
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.initializer) })
  }

  /// Source: `weights_init` of PyTorch's `examples/dcgan/main.py`, which leaves linear layers alone.
  @Test func `dcgan draws convolutions and batch norms with a deviation of 0,02`() throws {
    let all = try initializers("dcgan")
    #expect(all["generator.0.weight"] == .normal(mean: 0, deviation: 0.02))
    #expect(all["generator.1.weight"] == .normal(mean: 1, deviation: 0.02))
    #expect(all["generator.1.bias"] == .constant(0))
    #expect(all["generator.3.weight"] == .normal(mean: 0, deviation: 0.02))
    #expect(all["discriminator.0.weight"] == .normal(mean: 0, deviation: 0.02))
    #expect(all["discriminator.2.weight"] == (try initializers("default")["discriminator.2.weight"]))
  }

  /// Source: PyTorch's `nn/init.py`: 1 / √fan_in, where a transposed convolution counts its outputs.
  @Test func `by default weights fill an interval that the inputs of a value decide`() throws {
    let all = try initializers("default")
    #expect(all["generator.0.weight"] == .uniform(bound: 1 / 16))
    #expect(all["generator.1.weight"] == .constant(1))
    #expect(all["generator.3.weight"] == .uniform(bound: 1 / 48.0.squareRoot()))
    #expect(all["generator.3.bias"] == .uniform(bound: 1 / 48.0.squareRoot()))
    #expect(all["discriminator.0.weight"] == .uniform(bound: 1 / 4))
    #expect(all["discriminator.2.weight"] == .uniform(bound: 1 / 96.0.squareRoot()))
  }

  @Test func `every application of every dropout layer has random numbers of its own`() throws {
    let checked = check(
      SmallModel.with { model in
        model.generator = model.generator.replacing("  - relu\n", with: "  - relu\n  - dropout: 0.2\n")
        model.discriminator = """
          discriminator:
            - dropout: 0.1
            - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
            - residual: [dropout: 0.5]
            - conv2d: {out_channels: 1, kernel_size: 4}

          """
      })
    let step = try #require(checked.result.model, "\(checked.rendered)").step
    let sources = step.nodes.compactMap { node -> [Int]? in
      if case .dropoutMask(let mask) = node.op { [mask.seed, mask.stream] } else { nil }
    }
    // One application of the generator's, three of the discriminator's two.
    #expect(sources.count == 7)
    #expect(Set(sources).count == 7)
  }
}
