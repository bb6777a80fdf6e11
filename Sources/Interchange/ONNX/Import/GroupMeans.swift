/// Finds the means over groups of images of which a minibatch standard deviation consists, as graphc's export writes
/// them: the size of the groups is worked out from that of the batch while the network runs, which no node by itself
/// shows.
struct GroupMeans {
  /// A mean over groups: the nodes before its last only serve this one.
  struct Match {
    var input: String
    /// The most images a group.
    var group: Int
    /// What an image is, as the file says it.
    var extents: [Int]
  }

  /// By the place of the last node of each.
  private(set) var matches: [Int: Match] = [:]
  /// The nodes that lead there.
  private(set) var parts: Set<Int> = []

  private let nodes: [ONNXNode]
  private let producers: [String: Int]
  private let constants: [String: [Int64]]

  init(in graph: ONNXGraph) {
    nodes = graph.nodes
    var producers: [String: Int] = [:]
    var readers: [String: Set<Int>] = [:]
    for (place, node) in nodes.enumerated() {
      for output in node.outputs { producers[output] = place }
      for input in node.inputs { readers[input, default: []].insert(place) }
    }
    self.producers = producers
    constants = Dictionary(
      graph.initializers.compactMap { tensor in tensor.integers.map { (tensor.name, $0) } },
      uniquingKeysWith: { first, _ in first })
    let results = Set(graph.outputs.map(\.name))
    for (place, node) in nodes.enumerated() where node.domain.isEmpty && node.operation == "Tile" {
      guard let (match, inner) = match(endingAt: place) else { continue }
      // What somebody else reads as well must be made.
      let isInner = inner.allSatisfy { part in
        nodes[part].outputs.allSatisfy { output in
          !results.contains(output) && (readers[output] ?? []).isSubset(of: inner.union([place]))
        }
      }
      guard isInner else { continue }
      matches[place] = match
      parts.formUnion(inner)
    }
  }

  /// `Tile(ReduceMean(Reshape(x, [group, batch / group, …])), [group, 1, …])`, where the group is the largest of
  /// 1, 2, … that divides the batch.
  private func match(endingAt tile: Int) -> (Match, inner: Set<Int>)? {
    var inner: Set<Int> = []
    /// The place and inputs of the node of an operation that makes a value.
    func node(_ value: String?, _ operation: String, inputs: Int) -> (place: Int, inputs: [String])? {
      guard let value, let place = producers[value], nodes[place].operation == operation,
        nodes[place].domain.isEmpty, nodes[place].inputs.count == inputs
      else { return nil }
      inner.insert(place)
      return (place, nodes[place].inputs)
    }
    func integer(_ name: String, of place: Int) -> Int64? {
      guard case .integer(let value)? = nodes[place].attributes.first(where: { $0.name == name })?.value
      else {
        return nil
      }
      return value
    }
    func integers(_ name: String, of place: Int) -> [Int64]? {
      guard case .integers(let values)? = nodes[place].attributes.first(where: { $0.name == name })?.value
      else { return nil }
      return values
    }
    guard nodes[tile].inputs.count == 2, let mean = node(nodes[tile].inputs[0], "ReduceMean", inputs: 1),
      integers("axes", of: mean.place) == [0], integer("keepdims", of: mean.place) == 0,
      let grouped = node(mean.inputs[0], "Reshape", inputs: 2),
      let target = node(grouped.inputs[1], "Concat", inputs: 3),
      let group = node(target.inputs[0], "ReduceMax", inputs: 1),
      let fitting = node(group.inputs[0], "Where", inputs: 3),
      let divides = node(fitting.inputs[0], "Equal", inputs: 2),
      let rest = node(divides.inputs[0], "Mod", inputs: 2),
      let batch = node(rest.inputs[0], "Shape", inputs: 1),
      let count = node(target.inputs[1], "Div", inputs: 2),
      let repeats = node(nodes[tile].inputs[1], "Concat", inputs: 2)
    else { return nil }
    guard batch.inputs[0] == grouped.inputs[0], integer("start", of: batch.place) == 0,
      integer("end", of: batch.place) == 1,
      let sizes = constants[rest.inputs[1]], sizes.last != nil, sizes == Array(1...Int64(sizes.count)),
      constants[divides.inputs[1]] == [0], constants[fitting.inputs[1]] == sizes,
      constants[fitting.inputs[2]] == [0],
      count.inputs == [rest.inputs[0], target.inputs[0]], repeats.inputs[0] == target.inputs[0],
      let ones = constants[repeats.inputs[1]], ones.allSatisfy({ $0 == 1 }),
      let extents = constants[target.inputs[2]], extents.count == ones.count
    else { return nil }
    return (Match(input: grouped.inputs[0], group: sizes.count, extents: extents.map { Int($0) }), inner)
  }
}
