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
    // By the node: one that updates all parameters of a network is asked for each of them.
    var overwritable: [Int: [[ValueID]]] = [:]
    var resultPlaces: [Int: [ValueID: Int]] = [:]
    for store in graph.stores where places[store.value] == nil {
      // The last version first, as far back as each can take its predecessor's place.
      var versions: [ValueID] = []
      var count = 0
      var value = store.value
      while let place = defining[value.index] {
        versions.append(value)
        if overwritable[place] == nil {
          let node = graph.nodes[place]
          overwritable[place] = node.overwritableValues()
          resultPlaces[place] = Dictionary(zip(node.results, node.results.indices)) { first, _ in first }
        }
        // The operand that the value is a new version of: the target itself if it may be.
        let candidates = resultPlaces[place]?[value].flatMap { overwritable[place]?[$0] } ?? []
        let fitting = candidates.filter { graph.type(of: $0) == graph.type(of: value) }
        let predecessor = fitting.contains(store.target) ? store.target : fitting.first
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
}

extension Graph {
  /// The index of the last node that reads each value, by the value's index: −1 where none does, and one
  /// past the last node for what is read after the run.
  public func lastReads() -> [Int] {
    var lastReads = [Int](repeating: -1, count: values.count)
    let nodes = nodes.span
    for index in nodes.indices { for operand in nodes[index].operands { lastReads[operand.index] = index } }
    for output in outputs { lastReads[output.value.index] = nodes.count }
    for store in stores { lastReads[store.value.index] = nodes.count }
    return lastReads
  }
}
