import GraphIR

/// How much memory a graph takes while its nodes run in some order: what the memory plan will come to.
///
/// A reshape shares its operand's memory, an element-wise op writes over an operand that nobody reads
/// afterwards, and what replaces an input's content lies where that input does.
struct LiveMemory {
  /// A piece of memory that values share.
  private typealias Storage = Int

  private let graph: Graph
  /// By the value's index; nil for what takes no memory of a run.
  private var storageOf: [Storage?]
  /// In floats, by storage.
  private var sizes: [Int] = []
  /// How many reads of each storage are to come.
  private var reads: [Int] = []
  /// What kernels ask for: the size, and how many of its nodes are to run of how many.
  private var scratch: [(count: Int, remaining: Int, total: Int)] = []
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
    self.graph = graph
    self.scratch = scratch.map { ($0.count, $0.nodes.count, $0.nodes.count) }
    scratchOf = graph.nodes.map { _ in [] }
    for (index, request) in scratch.enumerated() {
      for node in request.nodes { scratchOf[node].append(index) }
    }
    storageOf = Array(repeating: nil, count: graph.values.count)
    for input in graph.inputs where !input.outlivesRun {
      add(input.value, batch, isOverwritable: false)
      alive += sizes[sizes.count - 1]
    }
    for node in graph.nodes {
      if graph.movesNothing(node) {
        storageOf[node.results[0].index] = storageOf[node.operands[0].index]
        continue
      }
      for result in node.results where inPlace[result] == nil { add(result, batch, isOverwritable: true) }
    }
    reads = Array(repeating: 0, count: sizes.count)
    for node in graph.nodes { for storage in storages(node.operands) { reads[storage] += 1 } }
    // What is read after the run is never freed.
    for value in graph.outputs.map(\.value) + graph.stores.map(\.value) {
      if let storage = storageOf[value.index] { reads[storage] += 1 }
    }
    peak = alive
  }

  private mutating func add(_ value: ValueID, _ batch: Int, isOverwritable: Bool) {
    storageOf[value.index] = sizes.count
    sizes.append(graph.type(of: value).wordCount(batch: batch))
    self.isOverwritable.append(isOverwritable)
  }

  /// Each storage once.
  private func storages(_ values: [ValueID]) -> [Storage] {
    var storages: [Storage] = []
    for value in values {
      if let storage = storageOf[value.index], !storages.contains(storage) { storages.append(storage) }
    }
    return storages
  }

  /// What running a node now adds to the live memory while it runs, and once it has.
  func change(by index: Int) -> (during: Int, after: Int) {
    let node = graph.nodes[index]
    var during = 0
    var after = freed(by: node)
    if !graph.movesNothing(node) {
      for storage in storages(node.results) {
        during += sizes[storage]
        if reads[storage] > 0 { after += sizes[storage] }
      }
      for storage in overwritten(by: node) { during -= sizes[storage] }
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

  private func freed(by node: Node) -> Int {
    storages(node.operands).reduce(0) { reads[$1] == 1 ? $0 - sizes[$1] : $0 }
  }

  /// The storages that the results take over.
  private func overwritten(by node: Node) -> [Storage] {
    var overwritten: [Storage] = []
    for (number, result) in node.results.enumerated() {
      guard let storage = storageOf[result.index] else { continue }
      let operand = node.overwritableValues(result: number).compactMap { storageOf[$0.index] }.first {
        isOverwritable[$0] && reads[$0] == 1 && sizes[$0] == sizes[storage] && !overwritten.contains($0)
      }
      if let operand { overwritten.append(operand) }
    }
    return overwritten
  }

  /// Runs a node whose operands have been computed.
  mutating func run(_ index: Int) {
    let change = change(by: index)
    peak = max(peak, alive + change.during)
    alive += change.after
    for storage in storages(graph.nodes[index].operands) { reads[storage] -= 1 }
    for request in scratchOf[index] { scratch[request].remaining -= 1 }
  }
}
