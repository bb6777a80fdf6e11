import CKernels
import GraphIR

/// A graph ready to run at one batch size: its kernels in order, and a place for every value.
///
/// Where a graph stores nothing, as in inference, what depends on the state alone (folded and prepared
/// weights) is computed once and kept until the state changes.
@safe public final class CPUPlan {
  public let graph: Graph
  public let batch: Int
  /// How many threads its workspaces are large enough for.
  public let lanes: Int
  let store: TensorStore
  let calls: [KernelBinder.BoundCall]
  let prologue: [KernelBinder.BoundCall]
  let programs: [ProgramCall]
  let optimizers: [OptimizerCall]
  /// Where each value lies, by its index.
  let regions: [Region?]
  /// In floats.
  let scratchCount: Int
  /// The most of it that is alive at once.
  let scratchLowerBound: Int
  let persistent: Arena
  /// For each output, the number of calls after which it holds.
  private let readyAfter: [String: Int]

  /// What the executor keeps between runs.
  var binding: (bound: BoundArguments, scratch: Arena)?
  var prologueGeneration: Int?
  /// How many calls a run made that stopped at an output.
  var position = 0

  public struct Options: Sendable {
    public var convolutions = ConvolutionPolicy()
    /// Whether values may share memory at all. Without, every value has a place of its own: the plan
    /// that tests compare with.
    public var reusesMemory = true

    public init() {}
  }

  /// Plans a graph that has been through a pipeline.
  ///
  /// - Parameters:
  ///   - batch: What `N` stands for.
  ///   - store: Holds every input of the graph that is not data.
  ///   - lanes: How many threads will run it; workspaces depend on it, results do not.
  public init(_ graph: Graph, batch: Int, store: TensorStore, lanes: Int, options: Options = Options()) {
    self.graph = graph
    self.batch = batch
    self.lanes = lanes
    self.store = store
    let storage = StoragePlan(graph, batch: batch, store: store, reusesMemory: options.reusesMemory)

    // The first round learns what scratch memory the kernels ask for.
    var binder = KernelBinder(
      graph: graph, batch: batch, lanes: lanes, convolutionPolicy: options.convolutions,
      regions: storage.provisionalRegions(), isConstant: storage.isConstant, memory: ScratchRequests())
    Self.bind(&binder, storage)
    let layout = storage.place(binder.memory.requests)
    var memory = binder.memory
    memory.place(layout.requestRegions)
    binder = KernelBinder(
      graph: graph, batch: batch, lanes: lanes, convolutionPolicy: options.convolutions,
      regions: layout.regions, isConstant: storage.isConstant, memory: memory)
    Self.bind(&binder, storage)

    calls = binder.calls
    prologue = binder.prologue
    programs = binder.programs
    optimizers = binder.optimizers
    regions = layout.regions
    scratchCount = layout.scratchCount
    scratchLowerBound = layout.scratchLowerBound
    persistent = Arena(count: layout.persistentCount)

    let defining = graph.definingNodes()
    var ready: [String: Int] = [:]
    for output in graph.outputs {
      let node = defining[output.value.index] ?? -1
      ready[output.name] = (binder.calls.lastIndex { $0.node <= node } ?? -1) + 1
    }
    readyAfter = ready
  }

  /// What kernels ask for besides the values, in whatever order the nodes run: for passes that weigh memory.
  public static func scratch(of graph: Graph, batch: Int, options: Options = Options()) -> [KernelScratch] {
    let nothing = graph.values.map { _ in false }
    var binder = KernelBinder(
      graph: graph, batch: batch, lanes: 1, convolutionPolicy: options.convolutions,
      regions: graph.values.map { _ in nil }, isConstant: nothing, memory: ScratchRequests())
    for (index, node) in graph.nodes.enumerated() {
      binder.memory.node = index
      binder.bind(node)
    }
    return binder.memory.requests.map { KernelScratch(count: $0.count, nodes: $0.nodes) }
  }

  private static func bind(_ binder: inout KernelBinder, _ storage: StoragePlan) {
    for (index, node) in binder.graph.nodes.enumerated() {
      binder.memory.node = index
      binder.memory.isConstant = node.results.allSatisfy { binder.isConstant[$0.index] }
      if storage.isAlias(node) { continue }
      binder.bind(node)
    }
    binder.memory.node = binder.graph.nodes.count
    binder.memory.isConstant = false
    copyStores(&binder)
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

  /// What running takes besides the shared state, in bytes.
  public var scratchBytes: Int { scratchCount * MemoryLayout<Float>.stride }
  public var persistentBytes: Int { persistent.count * MemoryLayout<Float>.stride }

  /// The name of the algorithm that computes a convolution; nil for nodes that are none.
  public func convolutionAlgorithm(ofNode node: Int) -> String? {
    for bound in calls + prologue where bound.node == node {
      if case .convolution(let convolution, _, _, _, _, _) = bound.call {
        return unsafe String(cString: ck_conv_algorithm_name(convolution.algorithm))
      }
    }
    return nil
  }

  /// The region of a data input or an output.
  func region(ofInput name: String) -> (region: Region, type: TensorType)? {
    graph.input(named: name).flatMap { input in
      regions[input.value.index].map { ($0, graph.type(of: input.value)) }
    }
  }

  func region(ofOutput name: String) -> (region: Region, type: TensorType)? {
    graph.outputs.first { $0.name == name }.flatMap { output in
      regions[output.value.index].map { ($0, graph.type(of: output.value)) }
    }
  }

  /// How many calls must have run before the output holds.
  func callsUntil(output name: String) -> Int { readyAfter[name] ?? calls.count }
}
