import GraphIR

/// Decides which values share a place, and then where every place lies.
///
/// - What replaces an input's content is computed where that input lies, if nobody reads the old content
///   afterwards.
/// - A reshape that moves nothing is its operand.
/// - An element-wise op, or an optimiser, writes over an operand that nobody reads afterwards.
struct StoragePlan: Sendable {
  /// A piece of memory that one or more values take turns in.
  private struct Storage: Sendable {
    var count: Int
    var first: Int
    /// The last node that reads it.
    var last: Int
    var space: Region.Space
    /// The offset, for the state.
    var offset = 0
    /// Whether a result may be written over it.
    var isReusable: Bool
  }

  struct Layout: Sendable {
    var regions: [Region?]
    var requestRegions: [Region]
    var scratchCount: Int
    var scratchLowerBound: Int
    var persistentCount: Int
  }

  let graph: Graph
  let batch: Int
  /// By value index.
  private(set) var isConstant: [Bool]
  private var storages: [Storage] = []
  private var storageOf: [Int?]
  private var aliases: Set<Int> = []
  /// The last node that reads each value, by its index; one past the last for what is read after the run.
  private var lastReads: [Int]

  init(_ graph: Graph, batch: Int, state: TensorStore.Places, reusesMemory: Bool) {
    self.graph = graph
    self.batch = batch
    storageOf = Array(repeating: nil, count: graph.values.count)
    isConstant = Array(repeating: false, count: graph.values.count)
    lastReads = graph.lastReads()
    findConstants()
    placeInputs(state)
    let stored = reusesMemory ? InPlaceUpdates(graph).places : [:]
    for (index, node) in graph.nodes.enumerated() {
      placeResults(of: node, at: index, stored: stored, reusesMemory: reusesMemory)
    }
  }

  /// Whether the node has nothing to do, since its result lies where its operand does.
  func isAlias(_ node: Node) -> Bool { node.results.count == 1 && aliases.contains(node.results[0].index) }

  // MARK: Sharing

  /// A step that no lifetime outlasts; the plan of the memory still counts one further.
  private static let forever = Int.max - 1

  private mutating func findConstants() {
    guard graph.stores.isEmpty else { return }
    for input in graph.inputs where input.kind != .data { isConstant[input.value.index] = true }
    for node in graph.nodes {
      if case .constant = node.op { continue }
      guard node.operands.allSatisfy({ isConstant[$0.index] }), !node.operands.isEmpty else { continue }
      for result in node.results { isConstant[result.index] = true }
    }
    // What is computed once and read by every run must last from one to the next.
    for node in graph.nodes where !node.results.allSatisfy({ isConstant[$0.index] }) {
      for operand in node.operands where isConstant[operand.index] { lastReads[operand.index] = Self.forever }
    }
    for output in graph.outputs where isConstant[output.value.index] {
      lastReads[output.value.index] = Self.forever
    }
  }

  private mutating func placeInputs(_ state: TensorStore.Places) {
    for input in graph.inputs {
      let count = graph.type(of: input.value).wordCount(batch: batch)
      let index = input.value.index
      switch input.kind {
      case .data:
        storages.append(
          Storage(
            count: count, first: 0, last: max(lastReads[index], 0), space: .scratch, isReusable: false))
      case .parameter, .statistic, .state:
        guard let region = state.region(named: input.name) else {
          preconditionFailure("the tensor store lacks \(input.name)")
        }
        storages.append(
          Storage(
            count: count, first: 0, last: graph.nodes.count, space: .state, offset: region.offset,
            isReusable: false))
      }
      storageOf[index] = storages.count - 1
    }
  }

  private mutating func placeResults(
    of node: Node, at index: Int, stored: [ValueID: ValueID], reusesMemory: Bool
  ) {
    if reusesMemory, node.results.count == 1, stored[node.results[0]] == nil,
      graph.movesNothing(node), let storage = storageOf[node.operands[0].index],
      storages[storage].space != .state
    {
      share(node.results[0], storage)
      aliases.insert(node.results[0].index)
      return
    }
    var overwritten: Set<Int> = []
    for (position, result) in node.results.enumerated() {
      let type = graph.type(of: result)
      let count = type.wordCount(batch: batch)
      if let target = stored[result], let storage = storageOf[target.index] {
        storageOf[result.index] = storage
        continue
      }
      let space: Region.Space = isConstant[result.index] ? .persistent : .scratch
      if reusesMemory, let storage = reusableStorage(of: node, at: index, forResult: position),
        storages[storage].space == space, !overwritten.contains(storage)
      {
        overwritten.insert(storage)
        share(result, storage)
        continue
      }
      storages.append(
        Storage(
          count: count, first: index, last: max(lastReads[result.index], index), space: space,
          isReusable: true))
      storageOf[result.index] = storages.count - 1
    }
    if !reusesMemory {
      for result in node.results {
        if let storage = storageOf[result.index], storages[storage].space != .state {
          storages[storage].first = 0
          storages[storage].last = Self.forever
        }
      }
    }
  }

  private mutating func share(_ value: ValueID, _ storage: Int) {
    storageOf[value.index] = storage
    storages[storage].last = max(storages[storage].last, lastReads[value.index])
  }

  /// The place of an operand that a result may be written over.
  private func reusableStorage(of node: Node, at index: Int, forResult number: Int) -> Int? {
    let type = graph.type(of: node.results[number])
    let candidates = node.overwritableValues(result: number)
    for operand in candidates where graph.type(of: operand).layout == type.layout {
      guard let storage = storageOf[operand.index], storages[storage].isReusable,
        storages[storage].last == index, storages[storage].count == type.wordCount(batch: batch),
        // Nor may the node read the place under another name.
        node.operands.allSatisfy({ storageOf[$0.index] != storage || candidates.contains($0) })
      else { continue }
      return storage
    }
    return nil
  }

  // MARK: Places

  /// Regions with the right sizes and spaces, but no places.
  func provisionalRegions() -> [Region?] {
    storageOf.enumerated().map { index, storage in
      storage.map {
        Region(
          space: storages[$0].space, offset: $0,
          count: graph.values[index].type.wordCount(batch: batch))
      }
    }
  }

  func place(_ requests: [ScratchRequests.Request]) -> Layout {
    func plan(_ space: Region.Space) -> (MemoryPlan, storages: [Int], requests: [Int]) {
      let chosen = storages.indices.filter { storages[$0].space == space }
      let asked = requests.indices.filter { requests[$0].isConstant == (space == .persistent) }
      let lifetimes =
        chosen.map {
          MemoryPlan.Request(count: storages[$0].count, steps: storages[$0].first...storages[$0].last)
        }
        + asked.map {
          let nodes = requests[$0].nodes
          // Prepared weights that stand still are read by every run.
          return MemoryPlan.Request(
            count: requests[$0].count,
            steps: nodes[0]...(requests[$0].isConstant ? Self.forever : nodes[nodes.count - 1]))
        }
      return (MemoryPlan(lifetimes), chosen, asked)
    }
    var offsets = storages.map(\.offset)
    var requestRegions = requests.map { Region(space: .scratch, offset: 0, count: $0.count) }
    var counts: [Region.Space: Int] = [:]
    var lowerBound = 0
    for space in [Region.Space.scratch, .persistent] {
      let (memory, chosen, asked) = plan(space)
      for (position, storage) in chosen.enumerated() { offsets[storage] = memory.offsets[position] }
      for (position, request) in asked.enumerated() {
        requestRegions[request] = Region(
          space: space, offset: memory.offsets[chosen.count + position], count: requests[request].count)
      }
      counts[space] = memory.count
      if space == .scratch { lowerBound = memory.lowerBound }
    }
    let regions = storageOf.enumerated().map { index, storage in
      storage.map {
        Region(
          space: storages[$0].space, offset: offsets[$0],
          count: graph.values[index].type.wordCount(batch: batch))
      }
    }
    return Layout(
      regions: regions, requestRegions: requestRegions, scratchCount: counts[.scratch] ?? 0,
      scratchLowerBound: lowerBound, persistentCount: counts[.persistent] ?? 0)
  }
}
