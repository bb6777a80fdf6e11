import GraphIR

/// A graph whose values have their places at one batch size: what memory a run takes, known before its kernels are
/// bound.
public struct PlacedGraph: Sendable {
  let graph: Graph
  let batch: Int
  let lanes: Int
  private let options: CPUPlan.Options
  private let storage: StoragePlan
  /// What the kernels ask for besides the values.
  let requests: ScratchRequests
  let layout: StoragePlan.Layout

  /// Places the values of a graph that has been through a pipeline.
  ///
  /// - Parameters:
  ///   - batch: What `N` stands for.
  ///   - state: Where each input of the graph lies that is not data.
  ///   - lanes: How many threads will run it.
  public init(
    _ graph: Graph, batch: Int, state: TensorStore.Places, lanes: Int, options: CPUPlan.Options = .init()
  ) {
    self.graph = graph
    self.batch = batch
    self.lanes = lanes
    self.options = options
    storage = StoragePlan(graph, batch: batch, state: state, reusesMemory: options.reusesMemory)
    requests =
      Self.bound(
        graph, batch, lanes, options, storage, regions: storage.provisionalRegions(),
        memory: ScratchRequests()
      ).memory
    layout = storage.place(requests.requests)
  }

  /// What running takes besides the shared state, in bytes.
  public var scratchBytes: Int { layout.scratchCount * MemoryLayout<Float>.stride }

  /// Binds all nodes, in places that are final.
  func bound() -> KernelBinder {
    var memory = requests
    memory.place(layout.requestRegions)
    return Self.bound(graph, batch, lanes, options, storage, regions: layout.regions, memory: memory)
  }

  private static func bound(
    _ graph: Graph, _ batch: Int, _ lanes: Int, _ options: CPUPlan.Options, _ storage: StoragePlan,
    regions: [Region?], memory: ScratchRequests
  ) -> KernelBinder {
    var binder = KernelBinder(
      graph: graph, batch: batch, lanes: lanes, convolutionPolicy: options.convolutions, regions: regions,
      isConstant: storage.isConstant, memory: memory)
    for (index, node) in graph.nodes.enumerated() {
      binder.memory.node = index
      binder.memory.isConstant = node.results.allSatisfy { binder.isConstant[$0.index] }
      if storage.isAlias(node) { continue }
      binder.bind(node)
    }
    binder.memory.node = binder.graph.nodes.count
    binder.memory.isConstant = false
    copyStores(&binder)
    return binder
  }

  /// What could not be updated in place is copied at the end.
  private static func copyStores(_ binder: inout KernelBinder) {
    var copies: [(source: Region, target: Region)] = []
    for store in binder.graph.stores {
      var source = binder.region(store.value)
      let target = binder.region(store.target)
      if source == target { continue }
      if source.space == .state {
        // Another store may write over an input that becomes this one's content: inputs can trade places.
        let aside = binder.workspace(bytes: source.count * MemoryLayout<Float>.stride)
        binder.copyIfApart(source, aside)
        source = aside
      }
      copies.append((source, target))
    }
    for copy in copies { binder.copyIfApart(copy.source, copy.target) }
  }
}
