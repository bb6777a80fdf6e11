import Datasets
import GraphIR
import Lowering
import ModelSpec
import Testing

@testable import Passes

/// What the new order of a training step must keep, and what it gains.
@Suite struct ScheduleForPeakTests {
  private struct Orders {
    var before: Graph
    var after: Graph
  }

  private func orders(of file: String, batch: Int) throws -> Orders {
    let path = GoldenFolder.root.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "models").appending(path: file).path()
    let model = try SmallModels.lower(SpecLoader.load(path: path, catalog: .standard))
    let pipeline = Pipeline.training(batch: batch)
    var before = model.step
    try pipeline.disabling(["schedule-for-peak"]).run(&before)
    var after = before
    _ = ScheduleForPeak(batch: batch).run(&after)
    return Orders(before: before, after: after)
  }

  private func peak(_ graph: Graph, batch: Int) -> Int {
    var memory = LiveMemory(graph, InPlaceUpdates(graph), batch: batch, scratch: [])
    for node in graph.nodes.indices { memory.run(node) }
    return memory.peak
  }

  @Test("a step's peak is never higher than in the order of lowering", arguments: [1, 8, 64, 512])
  func peaksDoNotRise(batch: Int) throws {
    for file in PipelineTests.modelFiles {
      let orders = try orders(of: file, batch: batch)
      #expect(peak(orders.after, batch: batch) <= peak(orders.before, batch: batch), "\(file)")
    }
  }

  @Test("a DCGAN's step holds the activations of one batch in the discriminator, not of two")
  func oneBatchAtATime() throws {
    let orders = try orders(of: "dcgan-64.yaml", batch: 64)
    #expect(Double(peak(orders.after, batch: 64)) < 0.8 * Double(peak(orders.before, batch: 64)))
  }

  @Test("losses still precede the updates that they precede in lowering, and updates stay in place")
  func effectsKeepTheirOrder() throws {
    let orders = try orders(of: "dcgan-64.yaml", batch: 64)
    func effects(_ graph: Graph) -> [ValueID] {
      let values = Set(graph.outputs.map(\.value) + graph.stores.map(\.value))
      return graph.nodes.flatMap(\.results).filter(values.contains)
    }
    #expect(effects(orders.after) == effects(orders.before))
    #expect(InPlaceUpdates(orders.after).places == InPlaceUpdates(orders.before).places)
    let updated = Set(InPlaceUpdates(orders.after).places.values)
    #expect(updated == Set(orders.after.stores.map(\.target)))
  }

  @Test("the same nodes run, each once, and always in the same order")
  func nothingIsLost() throws {
    let orders = try orders(of: "dcgan-64.yaml", batch: 64)
    let again = try self.orders(of: "dcgan-64.yaml", batch: 64)
    #expect(Set(orders.after.nodes.map(\.results)) == Set(orders.before.nodes.map(\.results)))
    #expect(orders.after.nodes.count == orders.before.nodes.count)
    #expect(orders.after.description == again.after.description)
    #expect(Verifier.violations(in: orders.after) == [])
  }
}
