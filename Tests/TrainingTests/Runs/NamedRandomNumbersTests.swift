import Datasets
import Diagnostics
import GraphIR
import Lowering
import ModelSpec
import Runtime
import TestSupport
import Testing

@testable import Training

/// What a name begins with and which masks it gets does not depend on what else a model holds.
@Suite struct NamedRandomNumbersTests {
  private let scratch = TemporaryFolder()

  private static let model = """
    name: small
    image: {channels: 1, height: 8, width: 8}
    latent: 4
    generator:
      - linear: 16
      - dropout: 0.5
      - relu
      - linear: 64
      - reshape: [1, 8, 8]
      - tanh
    discriminator:
      - flatten
      - linear: 8
      - dropout: 0.25
      - linear: 1
    train: {data: digits, loss: bce_with_logits, seed: 3}

    """

  private func lowered(_ model: String) throws -> LoweredModel {
    let path = scratch.file("model.yaml")
    try model.write(toFile: path, atomically: true, encoding: .utf8)
    let loaded = SpecLoader.load(path: path, overrides: [], catalog: .standard)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowering = ModelLowering.lower(spec, sources: loaded.sources)
    return try #require(lowering.model, "\(lowering.diagnostics.map(\.message))")
  }

  private func weights(_ model: LoweredModel) -> [String: [UInt32]] {
    let store = TensorStore(model.definitions)
    WeightInitializer(seed: 3).fill(store, with: model.definitions)
    return bits(store)
  }

  /// The seeds of each layer's masks.
  private func maskSeeds(_ model: LoweredModel) -> [String: Set<Int>] {
    var seeds: [String: Set<Int>] = [:]
    for node in model.step.nodes {
      if case .dropoutMask(let mask) = node.op {
        seeds[node.origin.layer ?? "", default: []].insert(mask.seed)
      }
    }
    return seeds
  }

  /// Layers more in the other network, in front of and behind what stays.
  private static let longer = model.replacing(
    "    discriminator:\n".dropFirst(4), with: "discriminator:\n  - dropout: 0.1\n  - leaky_relu: 0.2\n")

  @Test func aLayerElsewhereReseedsNothing() throws {
    let (model, longer) = (try lowered(Self.model), try lowered(Self.longer))
    let (before, after) = (weights(model), weights(longer))
    for (name, values) in before where name.hasPrefix("generator.") {
      #expect(after[name] == values, "\(name)")
    }
    #expect(maskSeeds(model)["generator.1"] == maskSeeds(longer)["generator.1"])
  }

  @Test func everyLayerHasMasksOfItsOwnAndOneSeedForAllItsBatches() throws {
    let seeds = maskSeeds(try lowered(Self.longer))
    #expect(seeds.keys.sorted() == ["discriminator.0", "discriminator.4", "generator.1"])
    for (layer, values) in seeds { #expect(values.count == 1, "\(layer)") }
    #expect(Set(seeds.values).count == 3)
  }

  @Test func namesAndSeedsGiveSeedsOfTheirOwn() {
    var seen: Set<Int> = []
    for seed in [-1, 0, 1, 2, 1 << 40] {
      for name in ["", "a", "b", "ab", "generator.0.weight", "generator.0.bias"] {
        #expect(seen.insert(namedSeed(seed, name)).inserted)
        #expect(namedSeed(seed, name) == namedSeed(seed, name))
      }
    }
  }
}
