import GraphIR
import Lowering
import ModelSpec
import Passes
import Runtime
import TestSupport
import Testing

@testable import Training

/// The search against networks whose latent vectors are known.
@Suite struct LatentSearchTests {
  private func compiled(_ text: String) throws -> CompiledModel {
    let loaded = load(text)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowering = ModelLowering.lower(spec, sources: loaded.sources)
    let lowered = try #require(lowering.model, "\(lowering.diagnostics.map(\.message))")
    let model = try CompiledModel(spec, lowered, threads: 1)
    WeightInitializer(seed: 3).fill(model.store, with: lowered.definitions)
    return model
  }

  private static let text = """
    image: {channels: 2, height: 4, width: 4}
    latent: 5
    generator: [{linear: 32}, {reshape: [2, 4, 4]}, batch_norm2d, {conv_transpose2d: {out_channels: 2, kernel_size: 3, padding: 1}}, tanh]
    discriminator: [{conv2d: {out_channels: 6, kernel_size: 3}}, {leaky_relu: 0.2}, {conv2d: {out_channels: 1, kernel_size: 2}}]
    train: {loss: bce_with_logits}
    """

  private func search(
    _ model: CompiledModel, _ loss: LatentSearch.Loss, steps: Int = 300
  ) throws -> LatentSearch {
    var settings = LatentSearch.Settings()
    settings.steps = steps
    return try LatentSearch(model, Sampler(model), usesAverage: true, fade: 1, loss: loss, settings: settings)
  }

  @Test func whatTheNetworkMadeIsFoundAgain() throws {
    let model = try compiled(Self.text)
    let sampler = Sampler(model)
    // Samples that are not among the candidates.
    let targets = sampler.values(from: sampler.noise(of: [1000, 1001, 1002], seed: 0))
    let found = try search(model, .picture).find(targets)
    #expect(found.count == 3)
    for (index, one) in found.enumerated() {
      let target = Array(targets[index * 32..<(index + 1) * 32])
      #expect(one.image == sampler.values(from: one.latent))
      let error = zip(one.image, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 32
      // A range of two, and 30 dB.
      #expect(error < 4e-3, "\(error)")
    }
  }

  @Test func theScoreIsTheSumOfItsParts() throws {
    let model = try compiled(Self.text)
    let sampler = Sampler(model)
    let target = [Float](repeating: 0.25, count: 32)
    let search = try search(model, .anoGAN, steps: 3)
    #expect(search.comparesFeatures)
    let found = search.find(target)[0]
    let made = sampler.values(from: found.latent)
    let residual = zip(made, target).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
    #expect(abs(found.residual - residual) < 1e-3)
    #expect(abs(found.loss - (0.9 * found.residual + 0.1 * found.featureDistance)) < 1e-3)
    #expect(found.featureDistance > 0)
    let again = search.evaluate(found.latent, label: nil, towards: target) { _ in true }[0]
    #expect(abs(again.loss - found.loss) < 1e-4)
  }

  /// The gradient that is followed, against differences of the loss, in 64-bit floats.
  @Test(arguments: [LatentSearch.Loss.anoGAN, .picture]) func gradient(loss: LatentSearch.Loss) throws {
    let model = try compiled(Self.text)
    let graphs = SearchGraphs(model.lowered, model.spec, usesAverage: true, fade: 1, loss: loss)
    var graph = graphs.comparison
    try Pipeline.reference.run(&graph)
    var features = try #require(graphs.features)
    try Pipeline.reference.run(&features)
    func run(_ graph: Graph, _ data: [String: [Double]]) throws -> [String: [Double]] {
      var values: [String: ReferenceTensor] = [:]
      for input in graph.inputs {
        let shape = graph.type(of: input.value).extents(batch: 1)
        let numbers = try #require(data[input.name] ?? model.store.values(of: input.name)?.map(Double.init))
        values[input.name] = ReferenceTensor(shape: shape, values: numbers)
      }
      return try ReferenceInterpreter(graph).run(values, batch: 1).outputs.mapValues(\.values)
    }
    let target = (0..<32).map { Double($0 % 7) / 5 - 0.6 }
    let image = try #require(features.inputs.first { $0.kind == .data }).name
    let wanted = try #require(try run(features, [image: target])[SearchGraphs.targetFeatures])
    func outputs(_ z: [Double]) throws -> (loss: Double, gradient: [Double]) {
      let found = try run(
        graph,
        [
          graphs.latentInput: z, SearchGraphs.target: target, SearchGraphs.targetFeatures: wanted,
        ])
      let pixels = try #require(found[SearchGraphs.residual])[0]
      let judged = try #require(found[SearchGraphs.featureDistance])[0]
      let share = loss.featureShare
      return ((1 - share) * pixels + share * judged, try #require(found[SearchGraphs.gradient]))
    }
    let z = [0.3, -1.2, 0.7, 0.1, -0.4]
    let gradient = try outputs(z).gradient
    for place in z.indices {
      let step = 1e-6
      var (above, below) = (z, z)
      above[place] += step
      below[place] -= step
      let slope = try (outputs(above).loss - outputs(below).loss) / (2 * step)
      #expect(abs(slope - gradient[place]) < 1e-6 * max(1, abs(slope)), "\(place)")
    }
  }
}
