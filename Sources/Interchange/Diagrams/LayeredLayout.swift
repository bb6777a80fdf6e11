/// Places for the boxes and the links of a directed acyclic graph: boxes in layers, every link downward.
///
/// Layers come from the longest path; a link that passes layers runs in a lane of its own through each, which
/// all links of one output share; boxes and lanes are ordered by the mean place of their neighbours, and then
/// moved as near above one another as their widths allow.
/// Source: Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures"
/// (IEEE SMC 1981).
struct LayeredLayout {
  struct Point: Hashable {
    var x: Double
    var y: Double
  }

  struct Box {
    var width: Double
    var height: Double
    /// How many outputs leave it at its bottom.
    var outputs: Int
  }

  /// A use of one box's output by another box.
  struct Link {
    var source: Int
    var output: Int
    var target: Int
  }

  /// A piece of a link in the gap between two layers.
  struct Segment {
    var start: Point
    var end: Point
    /// Whether it ends at a box.
    var arrives: Bool
  }

  /// A piece of a link straight down through a layer.
  struct Lane {
    var x: Double
    var top: Double
    var bottom: Double
  }

  /// The centre of each box's top edge.
  private(set) var places: [Point] = []
  private(set) var segments: [Segment] = []
  private(set) var lanes: [Lane] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  static let columnGap = 24.0
  static let rowGap = 56.0
  private static let laneWidth = 10.0
  private static let outputSpacing = 18.0
  private static let sweeps = 12

  /// What a layer holds: a box, or a lane.
  private struct Vertex {
    var width: Double
    var layer: Int
    var box: Int?
    var above: [Int] = []
    var below: [Int] = []
    var x = 0.0
  }

  private let boxes: [Box]
  /// The boxes under their own numbers, and then the lanes.
  private var vertices: [Vertex] = []
  /// The vertices of each layer from left to right.
  private var layers: [[Int]] = []
  /// The upper and lower edge of each layer.
  private var tops: [Double] = []
  private var bottoms: [Double] = []

  /// - Parameter links: Each from a box to one with a higher number.
  init(_ boxes: [Box], _ links: [Link]) {
    self.boxes = boxes
    let layerOf = Self.assignLayers(count: boxes.count, links)
    vertices = boxes.indices.map { Vertex(width: boxes[$0].width, layer: layerOf[$0], box: $0) }
    // Where each link leaves the vertex above its target: a box's output, or a lane.
    let origins = addLanes(links)
    layers = Array(repeating: [], count: (layerOf.max() ?? -1) + 1)
    for index in vertices.indices { layers[vertices[index].layer].append(index) }
    reduceCrossings()
    assignColumns()
    draw(links, origins)
  }

  /// The number of links on the longest path to each box; a box without links above it stands just above
  /// the first that needs it.
  private static func assignLayers(count: Int, _ links: [Link]) -> [Int] {
    var layer = Array(repeating: 0, count: count)
    var hasSource = Array(repeating: false, count: count)
    for link in links.sorted(by: { ($0.target, $0.source) < ($1.target, $1.source) }) {
      layer[link.target] = max(layer[link.target], layer[link.source] + 1)
      hasSource[link.target] = true
    }
    var firstUse: [Int: Int] = [:]
    for link in links { firstUse[link.source] = min(firstUse[link.source] ?? .max, layer[link.target]) }
    for box in 0..<count where !hasSource[box] { layer[box] = max(0, (firstUse[box] ?? 1) - 1) }
    return layer
  }

  /// - Returns: For each link, the vertex from which it goes to its target.
  private mutating func addLanes(_ links: [Link]) -> [Int] {
    var laneOf: [[Int]: Int] = [:]
    return links.map { link in
      var last = link.source
      let target = vertices[link.target].layer
      for layer in vertices[link.source].layer + 1..<max(target, vertices[link.source].layer + 1) {
        let key = [link.source, link.output, layer]
        if let lane = laneOf[key] {
          last = lane
          continue
        }
        vertices.append(Vertex(width: Self.laneWidth, layer: layer))
        laneOf[key] = vertices.count - 1
        connect(last, vertices.count - 1)
        last = vertices.count - 1
      }
      connect(last, link.target)
      return last
    }
  }

  private mutating func connect(_ upper: Int, _ lower: Int) {
    vertices[upper].below.append(lower)
    vertices[lower].above.append(upper)
  }

  // MARK: Order

  private mutating func reduceCrossings() {
    var rank = Array(repeating: 0.0, count: vertices.count)
    func number(_ layer: [Int]) {
      for (place, vertex) in layer.enumerated() { rank[vertex] = Double(place) / Double(max(layer.count, 1)) }
    }
    for layer in layers { number(layer) }
    for sweep in 0..<Self.sweeps {
      let isDownward = sweep % 2 == 0
      for index in isDownward ? Array(layers.indices) : layers.indices.reversed() {
        let keys = layers[index].map { vertex in
          let neighbours = isDownward ? vertices[vertex].above : vertices[vertex].below
          return neighbours.isEmpty
            ? rank[vertex] : neighbours.reduce(0) { $0 + rank[$1] } / Double(neighbours.count)
        }
        let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        layers[index] = order.map { layers[index][$0] }
        number(layers[index])
      }
    }
  }

  // MARK: Columns

  private mutating func assignColumns() {
    for sweep in 0..<Self.sweeps {
      let isDownward = sweep % 2 == 0
      for layer in isDownward ? layers : layers.reversed() {
        let wishes = layer.map { vertex in
          let neighbours = vertices[vertex].above + vertices[vertex].below
          return neighbours.isEmpty
            ? vertices[vertex].x
            : neighbours.reduce(0) { $0 + vertices[$1].x } / Double(neighbours.count)
        }
        let columns = placeInOrder(
          wishes, widths: layer.map { vertices[$0].width },
          // A lane that bends hurts more than a box that is not in the middle.
          weights: layer.map { vertices[$0].box == nil ? 4 : 1 }, gap: Self.columnGap)
        for (vertex, x) in zip(layer, columns) { vertices[vertex].x = x }
      }
    }
    let left = vertices.map { $0.x - $0.width / 2 }.min() ?? 0
    for index in vertices.indices { vertices[index].x -= left }
    width = vertices.map { $0.x + $0.width / 2 }.max() ?? 0
  }

  // MARK: Drawing

  private mutating func draw(_ links: [Link], _ origins: [Int]) {
    for layer in layers {
      tops.append(height)
      height += layer.compactMap { vertices[$0].box.map { boxes[$0].height } }.max() ?? 0
      bottoms.append(height)
      height += Self.rowGap
    }
    height = bottoms.last ?? 0
    places = boxes.indices.map { Point(x: vertices[$0].x, y: tops[vertices[$0].layer]) }
    for vertex in vertices where vertex.box == nil {
      lanes.append(Lane(x: vertex.x, top: tops[vertex.layer], bottom: bottoms[vertex.layer]))
    }
    drawArrivals(links, origins)
    drawLaneBeginnings(links, origins)
  }

  /// Where a link to the next layer begins: below a lane, or at the output of a box, which may end above its
  /// layer's bottom.
  private func start(of vertex: Int, output: Int) -> Point {
    guard let box = vertices[vertex].box else {
      return Point(x: vertices[vertex].x, y: bottoms[vertices[vertex].layer])
    }
    return outputPlace(output, of: box)
  }

  /// Where an output leaves its box.
  func outputPlace(_ output: Int, of box: Int) -> Point {
    let shift = (Double(output) - Double(boxes[box].outputs - 1) / 2) * Self.outputSpacing
    return Point(x: places[box].x + shift, y: places[box].y + boxes[box].height)
  }

  /// Links reach a box side by side, in the order of where they come from.
  private mutating func drawArrivals(_ links: [Link], _ origins: [Int]) {
    var starts: [Int: [Point]] = [:]
    for (link, origin) in zip(links, origins) {
      starts[link.target, default: []].append(start(of: origin, output: link.output))
    }
    for (box, points) in starts.sorted(by: { $0.key < $1.key }) {
      let room = boxes[box].width * 0.8
      for (place, point) in points.sorted(by: { ($0.x, $0.y) < ($1.x, $1.y) }).enumerated() {
        let share = (Double(place) + 0.5) / Double(points.count) - 0.5
        let end = Point(x: places[box].x + share * room, y: places[box].y)
        segments.append(Segment(start: point, end: end, arrives: true))
      }
    }
  }

  /// The pieces that end at a lane, each once.
  private mutating func drawLaneBeginnings(_ links: [Link], _ origins: [Int]) {
    var drawn: Set<Int> = []
    for (link, origin) in zip(links, origins) {
      var lane = origin
      while vertices[lane].box == nil, drawn.insert(lane).inserted {
        let upper = vertices[lane].above[0]
        segments.append(
          Segment(
            start: start(of: upper, output: link.output),
            end: Point(x: vertices[lane].x, y: tops[vertices[lane].layer]), arrives: false))
        lane = upper
      }
    }
  }
}

/// Centres on a line, in the given order and at least `gap` between the edges of neighbours, that are as near
/// to where they wish to be as they can be: the weighted squares of the distances sum to the least.
///
/// Without the widths that is isotonic regression, which pooling neighbours in the wrong order solves.
/// Source: Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information" (1955).
func placeInOrder(_ wishes: [Double], widths: [Double], weights: [Double], gap: Double) -> [Double] {
  // Offsets take the widths out of the problem: what remains must only ascend.
  var offsets: [Double] = []
  for index in wishes.indices {
    offsets.append(index == 0 ? 0 : offsets[index - 1] + (widths[index - 1] + widths[index]) / 2 + gap)
  }
  var pools: [(mean: Double, weight: Double, count: Int)] = []
  for index in wishes.indices {
    pools.append((wishes[index] - offsets[index], weights[index], 1))
    while pools.count > 1, pools[pools.count - 2].mean > pools[pools.count - 1].mean {
      let (right, left) = (pools.removeLast(), pools.removeLast())
      let weight = left.weight + right.weight
      let mean = (left.mean * left.weight + right.mean * right.weight) / weight
      pools.append((mean, weight, left.count + right.count))
    }
  }
  let places = pools.flatMap { Array(repeating: $0.mean, count: $0.count) }
  return zip(places, offsets).map { $0 + $1 }
}
