import GraphIR

/// How much memory the values of a graph take while its nodes run in some order: what the memory plan will
/// come to, but for what kernels ask for besides.
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
  /// Whether it may be written over at all.
  private var isOverwritable: [Bool] = []
  /// In floats, before the next node.
  private(set) var alive = 0
  /// The most so far.
  private(set) var peak = 0

  /// - Parameter batch: What `N` stands for.
  init(_ graph: Graph, batch: Int) {
    let inPlace = InPlaceUpdates(graph).places
    self.graph = graph
    storageOf = Array(repeating: nil, count: graph.values.count)
    for input in graph.inputs where !input.outlivesRun {
      add(input.value, batch, isOverwritable: false)
      alive += sizes[sizes.count - 1]
    }
    for node in graph.nodes {
      if node.op.isOtherName {
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
    sizes.append(graph.type(of: value).elementCount(batch: batch))
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
  func change(by node: Node) -> (during: Int, after: Int) {
    if node.op.isOtherName { return (0, freed(by: node)) }
    var during = 0
    var after = 0
    for storage in storages(node.results) {
      during += sizes[storage]
      if reads[storage] > 0 { after += sizes[storage] }
    }
    for storage in overwritten(by: node) { during -= sizes[storage] }
    return (during, after + freed(by: node))
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
  mutating func run(_ node: Node) {
    let change = change(by: node)
    peak = max(peak, alive + change.during)
    alive += change.after
    for storage in storages(node.operands) { reads[storage] -= 1 }
  }
}

extension Op {
  /// Whether the result is the operand under another name.
  fileprivate var isOtherName: Bool {
    switch self {
    case .reshape, .detach: true
    default: false
    }
  }
}
