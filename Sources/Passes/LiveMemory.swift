import GraphIR

/// How much memory a graph takes while its nodes run in some order: what the memory plan will come to.
///
/// A reshape shares its operand's memory, an element-wise op writes over an operand that nobody reads
/// afterwards, and what replaces an input's content lies where that input does.
struct LiveMemory {
  /// A piece of memory that values share.
  private typealias Storage = Int

  /// What a node reads and makes, each storage once.
  private struct Uses {
    var operands: [Storage] = []
    /// Nothing where the result is the operand under another name.
    var results: [Storage] = []
    /// For each result that takes memory: what of equal size it may be written over.
    var overwritable: [[Storage]] = []
  }

  /// By the node's index.
  private var uses: [Uses] = []
  /// By storage: the nodes that read it.
  private var readers: [[Int]] = []
  /// By the value's index; nil for what takes no memory of a run.
  private var storageOf: [Storage?]
  /// In floats, by storage.
  private var sizes: [Int] = []
  /// How many reads of each storage are to come.
  private var reads: [Int] = []
  /// What kernels ask for: the size, and how many of its nodes are to run of how many.
  private var scratch: [(count: Int, remaining: Int, total: Int)] = []
  private let scratchNodes: [[Int]]
  /// By the node's index.
  private var scratchOf: [[Int]]
  /// Whether it may be written over at all.
  private var isOverwritable: [Bool] = []
  /// In floats, before the next node.
  private(set) var alive = 0
  /// The most so far.
  private(set) var peak = 0

  /// - Parameters:
  ///   - batch: What `N` stands for.
  ///   - scratch: What the executor's kernels ask for besides the values.
  init(_ graph: Graph, batch: Int, scratch: [KernelScratch]) {
    let inPlace = InPlaceUpdates(graph).places
    scratchNodes = scratch.map(\.nodes)
    self.scratch = scratch.map { ($0.count, $0.nodes.count, $0.nodes.count) }
    scratchOf = graph.nodes.map { _ in [] }
    for (index, request) in scratch.enumerated() {
      for node in request.nodes { scratchOf[node].append(index) }
    }
    storageOf = Array(repeating: nil, count: graph.values.count)
    for input in graph.inputs where !input.outlivesRun {
      add(input.value, graph, batch, isOverwritable: false)
      alive += sizes[sizes.count - 1]
    }
    for node in graph.nodes {
      if graph.movesNothing(node) {
        storageOf[node.results[0].index] = storageOf[node.operands[0].index]
        continue
      }
      for result in node.results where inPlace[result] == nil {
        add(result, graph, batch, isOverwritable: true)
      }
    }
    reads = Array(repeating: 0, count: sizes.count)
    readers = Array(repeating: [], count: sizes.count)
    for (index, node) in graph.nodes.enumerated() {
      uses.append(uses(of: node, in: graph))
      for storage in uses[index].operands {
        reads[storage] += 1
        readers[storage].append(index)
      }
    }
    // What is read after the run is never freed.
    for value in graph.outputs.map(\.value) + graph.stores.map(\.value) {
      if let storage = storageOf[value.index] { reads[storage] += 1 }
    }
    peak = alive
  }

  private mutating func add(_ value: ValueID, _ graph: Graph, _ batch: Int, isOverwritable: Bool) {
    storageOf[value.index] = sizes.count
    sizes.append(graph.type(of: value).wordCount(batch: batch))
    self.isOverwritable.append(isOverwritable)
  }

  private func uses(of node: Node, in graph: Graph) -> Uses {
    var uses = Uses()
    uses.operands = storages(node.operands)
    if graph.movesNothing(node) { return uses }
    uses.results = storages(node.results)
    for (result, values) in zip(node.results, node.overwritableValues()) {
      guard let storage = storageOf[result.index] else { continue }
      let operands = values.compactMap { storageOf[$0.index] }.filter {
        isOverwritable[$0] && sizes[$0] == sizes[storage]
      }
      if !operands.isEmpty { uses.overwritable.append(operands) }
    }
    return uses
  }

  /// Each storage once.
  private func storages(_ values: [ValueID]) -> [Storage] {
    var seen: Set<Storage> = []
    return values.compactMap { storageOf[$0.index] }.filter { seen.insert($0).inserted }
  }

  /// What running a node now adds to the live memory while it runs, and once it has.
  func change(by index: Int) -> (during: Int, after: Int) {
    let uses = uses[index]
    var during = 0
    var after = uses.operands.reduce(0) { reads[$1] == 1 ? $0 - sizes[$1] : $0 }
    for storage in uses.results {
      during += sizes[storage]
      if reads[storage] > 0 { after += sizes[storage] }
    }
    // The storages that the results take over.
    var overwritten: Set<Storage> = []
    for operands in uses.overwritable {
      if let operand = operands.first(where: { reads[$0] == 1 && !overwritten.contains($0) }) {
        overwritten.insert(operand)
        during -= sizes[operand]
      }
    }
    for request in scratchOf[index].map({ scratch[$0] }) {
      if request.remaining == request.total {
        during += request.count
        after += request.count
      }
      if request.remaining == 1 { after -= request.count }
    }
    return (during, after)
  }

  /// Runs a node whose operands have been computed.
  ///
  /// - Returns: The nodes whose change may be another one now.
  @discardableResult mutating func run(_ index: Int) -> [Int] {
    let change = change(by: index)
    peak = max(peak, alive + change.during)
    alive += change.after
    var touched: [Int] = []
    for storage in uses[index].operands {
      reads[storage] -= 1
      if reads[storage] == 1 { touched += readers[storage] }
    }
    for request in scratchOf[index] {
      if scratch[request].remaining == scratch[request].total || scratch[request].remaining == 2 {
        touched += scratchNodes[request]
      }
      scratch[request].remaining -= 1
    }
    return touched
  }
}
