/// New contents of inputs that can be computed where the old ones lie.
///
/// An input may be replaced several times in a run: running statistics by every batch that passes. Each
/// version can take its predecessor's place if nobody reads the predecessor afterwards.
public struct InPlaceUpdates: Sendable {
  /// The input whose place a value takes.
  public private(set) var places: [ValueID: ValueID] = [:]
  /// The version, a value or the input, that it replaces there.
  public private(set) var replaced: [ValueID: ValueID] = [:]

  public init(_ graph: Graph) {
    let defining = graph.definingNodes()
    let lastReads = graph.lastReads()
    // Of nodes that are looked at, once each: an optimiser's has hundreds of operands, and a result for each store.
    var overwritable: [Int: [[ValueID]]] = [:]
    for store in graph.stores where places[store.value] == nil {
      // The last version first, as far back as each can take its predecessor's place.
      var versions: [ValueID] = []
      var count = 0
      var value = store.value
      while let place = defining[value.index] {
        versions.append(value)
        let node = graph.nodes[place]
        let candidates = overwritable[place] ?? node.overwritableValues()
        overwritable[place] = candidates
        let predecessor = node.results.firstIndex(of: value).flatMap {
          Self.predecessor(of: value, among: candidates[$0], target: store.target, graph)
        }
        // The first version to lie there may read the old content in place; nobody else does after it.
        let lastRead = lastReads[store.target.index]
        if lastRead < place || lastRead == place && predecessor == store.target { count = versions.count }
        guard let predecessor, lastReads[predecessor.index] == place, places[predecessor] == nil else {
          break
        }
        value = predecessor
      }
      for (index, version) in versions.prefix(count).enumerated() {
        places[version] = store.target
        replaced[version] = index + 1 < count ? versions[index + 1] : store.target
      }
    }
  }

  /// The operand that the value is a new version of: the target itself if it may be.
  private static func predecessor(
    of value: ValueID, among operands: [ValueID], target: ValueID, _ graph: Graph
  ) -> ValueID? {
    let candidates = operands.filter { graph.type(of: $0) == graph.type(of: value) }
    return candidates.contains(target) ? target : candidates.first
  }
}

extension Graph {
  /// The index of the last node that reads each value, by the value's index: −1 where none does, and one
  /// past the last node for what is read after the run.
  public func lastReads() -> [Int] {
    var lastReads = [Int](repeating: -1, count: values.count)
    for (index, node) in nodes.enumerated() {
      for operand in node.operands { lastReads[operand.index] = index }
    }
    for output in outputs { lastReads[output.value.index] = nodes.count }
    for store in stores { lastReads[store.value.index] = nodes.count }
    return lastReads
  }
}
