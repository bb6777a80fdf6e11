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
  public convenience init(
    _ graph: Graph, batch: Int, store: TensorStore, lanes: Int, options: Options = Options()
  ) {
    self.init(
      PlacedGraph(graph, batch: batch, state: store.places, lanes: lanes, options: options), store: store)
  }

  /// Chooses the kernels of a graph whose values have their places.
  ///
  /// - Parameter store: The one that the places are of.
  public init(_ placed: PlacedGraph, store: TensorStore) {
    graph = placed.graph
    batch = placed.batch
    lanes = placed.lanes
    self.store = store
    let binder = placed.bound()

    calls = binder.calls
    prologue = binder.prologue
    programs = binder.programs
    optimizers = binder.optimizers
    regions = placed.layout.regions
    scratchCount = placed.layout.scratchCount
    scratchLowerBound = placed.layout.scratchLowerBound
    persistent = Arena(count: placed.layout.persistentCount)

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
