import GraphIR

/// How much memory a graph takes while its nodes run in some order: what the memory plan will come to.
///
/// A reshape shares its operand's memory, an element-wise op writes over an operand that nobody reads
/// afterwards, and what replaces an input's content lies where that input does.
struct LiveMemory {
  /// A piece of memory that values share.
  private typealias Storage = Int

  /// By the node's index: the storages that it reads, each once.
  private var operands = RaggedArray<Storage>()
  /// By the node's index: the storages that it makes; none where the result is the operand under another name.
  private var results = RaggedArray<Storage>()
  /// By the node's index: which of `overwritable` are its results'.
  private var writes = RaggedArray<Int>()
  /// For each result that takes memory: the storages of equal size that it may be written over.
  private var overwritable = RaggedArray<Storage>()
  /// By storage: the nodes that read it.
  private var readers = RaggedArray<Int>()
  /// By the value's index; nil for what takes no memory of a run.
  private var storageOf: [Storage?]
  /// In floats, by storage.
  private var sizes: [Int] = []
  /// How many reads of each storage are to come.
  private var reads: [Int] = []
  /// What kernels ask for: the size, and how many of its nodes are to run of how many.
  private var scratch: [(count: Int, remaining: Int, total: Int)] = []
  /// By the request: its nodes.
  private let scratchNodes: RaggedArray<Int>
  /// By the node's index: its requests.
  private let scratchOf: RaggedArray<Int>
  /// Whether it may be written over at all.
  private var isOverwritable: [Bool] = []
  /// In floats, before the next node.
  private(set) var alive = 0
  /// The most so far.
  private(set) var peak = 0

  /// - Parameters:
  ///   - inPlace: The graph's.
  ///   - batch: What `N` stands for.
  ///   - scratch: What the executor's kernels ask for besides the values.
  init(_ graph: Graph, _ inPlace: InPlaceUpdates, batch: Int, scratch: [KernelScratch]) {
    scratchNodes = RaggedArray(scratch.map(\.nodes))
    self.scratch = scratch.map { ($0.count, $0.nodes.count, $0.nodes.count) }
    scratchOf = scratchNodes.inverted(count: graph.nodes.count)
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
      for result in node.results where inPlace.places[result] == nil {
        add(result, graph, batch, isOverwritable: true)
      }
    }
    reads = Array(repeating: 0, count: sizes.count)
    for node in graph.nodes { addUses(of: node, in: graph) }
    readers = operands.inverted(count: sizes.count)
    for storage in sizes.indices { reads[storage] = readers.count(of: storage) }
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

  private mutating func addUses(of node: Node, in graph: Graph) {
    operands.append(storages(node.operands))
    if graph.movesNothing(node) {
      results.append([])
      writes.append([])
      return
    }
    results.append(storages(node.results))
    var written: [Int] = []
    for (result, values) in zip(node.results, node.overwritableValues()) {
      guard let storage = storageOf[result.index] else { continue }
      let operands = values.compactMap { storageOf[$0.index] }.filter {
        isOverwritable[$0] && sizes[$0] == sizes[storage]
      }
      if operands.isEmpty { continue }
      written.append(overwritable.count)
      overwritable.append(operands)
    }
    writes.append(written)
  }

  /// Each storage once.
  private func storages(_ values: [ValueID]) -> [Storage] {
    var storages: [Storage] = []
    // One that updates a whole network has thousands.
    var seen: Set<Storage> = []
    let isLong = values.count > 16
    for value in values {
      guard let storage = storageOf[value.index] else { continue }
      if isLong ? !seen.insert(storage).inserted : storages.contains(storage) { continue }
      storages.append(storage)
    }
    return storages
  }

  /// What running a node now adds to the live memory while it runs, and once it has.
  func change(by index: Int) -> (during: Int, after: Int) {
    var during = 0
    var after = 0
    for position in operands.positions(of: index) where reads[operands[position]] == 1 {
      after -= sizes[operands[position]]
    }
    for position in results.positions(of: index) {
      let storage = results[position]
      during += sizes[storage]
      if reads[storage] > 0 { after += sizes[storage] }
    }
    // The storages that the results take over.
    var overwritten: Set<Storage> = []
    let hasSeveral = writes.count(of: index) > 1
    for write in writes.positions(of: index) {
      let taken = overwritable.positions(of: writes[write]).first {
        reads[overwritable[$0]] == 1 && !(hasSeveral && overwritten.contains(overwritable[$0]))
      }
      guard let storage = taken.map({ overwritable[$0] }) else { continue }
      if hasSeveral { overwritten.insert(storage) }
      during -= sizes[storage]
    }
    for position in scratchOf.positions(of: index) {
      let request = scratch[scratchOf[position]]
      if request.remaining == request.total {
        during += request.count
        after += request.count
      }
      if request.remaining == 1 { after -= request.count }
    }
    return (during, after)
  }

  /// Runs a node whose operands have been computed.
  mutating func run(_ index: Int) { run(index) { _ in } }

  /// Runs a node whose operands have been computed, and calls `touch` with the nodes whose change may be another
  /// one now.
  mutating func run(_ index: Int, touch: (Int) -> Void) {
    let change = change(by: index)
    peak = max(peak, alive + change.during)
    alive += change.after
    for position in operands.positions(of: index) {
      let storage = operands[position]
      reads[storage] -= 1
      if reads[storage] == 1 { for reader in readers.positions(of: storage) { touch(readers[reader]) } }
    }
    for position in scratchOf.positions(of: index) {
      let request = scratchOf[position]
      if scratch[request].remaining == scratch[request].total || scratch[request].remaining == 2 {
        for node in scratchNodes.positions(of: request) { touch(scratchNodes[node]) }
      }
      scratch[request].remaining -= 1
    }
  }
}
