import GraphIR
import Runtime

/// The tensors of a small model, each value different.
func sampleStore(
  generatorChannels: Int = 2, isFilled: Bool = true
) -> TensorStore {
  let store = TensorStore([
    .init("generator.0.weight", [3, generatorChannels, 1, 1], .parameter, network: "generator"),
    .init("generator.1.weight", [generatorChannels], .parameter, network: "generator"),
    .init("generator.1.running_mean", [generatorChannels], .statistic, network: "generator"),
    .init("generator.1.num_batches_tracked", [], .statistic, network: "generator", element: .i64),
    .init("discriminator.0.weight", [1, 3, 1, 1], .parameter, network: "discriminator"),
    .init("optimizer.generator.step", [], .optimizer, network: "generator", element: .i64),
    .init(
      "optimizer.generator.0.weight.exp_avg", [3, generatorChannels, 1, 1], .optimizer, network: "generator"),
  ])
  if isFilled {
    for (index, slot) in store.slots.enumerated() {
      let isWhole = slot.shape.isEmpty
      store.write(
        (0..<slot.count).map { isWhole ? Float(7 + index) : Float(index) + Float($0) / 8 + 0.1 },
        to: slot.name)
    }
  }
  return store
}

/// What a store holds, bit by bit.
func bits(_ store: TensorStore) -> [String: [UInt32]] {
  Dictionary(
    uniqueKeysWithValues: store.slots.map { slot in
      (slot.name, (store.values(of: slot.name) ?? []).map(\.bitPattern))
    })
}
