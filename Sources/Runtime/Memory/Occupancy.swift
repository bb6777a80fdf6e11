/// Where an arena is taken, and when: rectangles of addresses by steps, and the lowest free one of a size.
///
/// A segment tree over the steps. A node keeps the addresses that are taken somewhere in its steps, and those that are
/// taken throughout them; a question about a range of steps looks at O(log steps) nodes. What lies side by side is one
/// span, so that a well-packed arena has few of them.
struct Occupancy {
  private let nodes: Nodes
  /// By the tree's node.
  private var takenSomewhere: [Spans]
  private var takenThroughout: [Spans]

  /// - Parameter steps: How many steps there are; they count from 0.
  init(steps: Int) {
    var leaves = 1
    while leaves < steps { leaves *= 2 }
    nodes = Nodes(leaves: leaves)
    takenSomewhere = Array(repeating: Spans(), count: 2 * leaves)
    takenThroughout = takenSomewhere
  }

  /// The lowest address at which so many are free throughout the steps.
  func lowestGap(of size: Int, during steps: ClosedRange<Int>) -> Int {
    var address = 0
    var isFree = false
    while !isFree {
      isFree = true
      func passOver(_ spans: borrowing Spans) {
        guard let end = spans.end(inTheWayOf: size, at: address) else { return }
        address = end
        isFree = false
      }
      nodes.forEachCover(of: steps) { passOver(takenSomewhere[$0]) }
      // What is taken throughout the steps of a node above is not written down in those below it.
      nodes.forEachAncestor(of: steps) { passOver(takenThroughout[$0]) }
    }
    return address
  }

  mutating func take(_ addresses: Range<Int>, during steps: ClosedRange<Int>) {
    if addresses.isEmpty { return }
    nodes.forEachCover(of: steps) {
      takenSomewhere[$0].insert(addresses)
      takenThroughout[$0].insert(addresses)
    }
    nodes.forEachAncestor(of: steps) { takenSomewhere[$0].insert(addresses) }
  }
}

/// The tree's nodes that a range of steps concerns.
private struct Nodes {
  /// A power of two. The root is 1, the children of `n` are `2n` and `2n + 1`.
  let leaves: Int

  /// The fewest nodes whose steps together are these.
  func forEachCover(of steps: ClosedRange<Int>, _ body: (Int) -> Void) {
    var low = steps.lowerBound + leaves
    var high = steps.upperBound + leaves + 1
    while low < high {
      if low % 2 == 1 {
        body(low)
        low += 1
      }
      if high % 2 == 1 {
        high -= 1
        body(high)
      }
      low /= 2
      high /= 2
    }
  }

  /// The nodes that hold the first or the last of the steps: among them are all that hold some of the steps, but not
  /// only those.
  func forEachAncestor(of steps: ClosedRange<Int>, _ body: (Int) -> Void) {
    var low = steps.lowerBound + leaves
    var high = steps.upperBound + leaves
    while low > 0 {
      body(low)
      if high != low { body(high) }
      low /= 2
      high /= 2
    }
  }
}

/// A set of addresses: ascending spans with gaps between them.
private struct Spans {
  private var starts: [Int] = []
  private var ends: [Int] = []

  /// The end of the first span that lies in the way of so many addresses, nil where all of them are free.
  func end(inTheWayOf size: Int, at address: Int) -> Int? {
    let index = Self.firstIndex(in: ends) { $0 > address }
    return index < starts.count && starts[index] < address + size ? ends[index] : nil
  }

  mutating func insert(_ addresses: Range<Int>) {
    let low = Self.firstIndex(in: ends) { $0 >= addresses.lowerBound }
    let high = Self.firstIndex(in: starts) { $0 > addresses.upperBound }
    guard low < high else {
      starts.insert(addresses.lowerBound, at: low)
      ends.insert(addresses.upperBound, at: low)
      return
    }
    starts[low] = min(starts[low], addresses.lowerBound)
    ends[low] = max(ends[high - 1], addresses.upperBound)
    starts.removeSubrange(low + 1..<high)
    ends.removeSubrange(low + 1..<high)
  }

  /// The index of the first of ascending numbers with a property that all after it have, too.
  private static func firstIndex(in numbers: [Int], where hasProperty: (Int) -> Bool) -> Int {
    let numbers = numbers.span
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if hasProperty(numbers[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
