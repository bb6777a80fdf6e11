/// Rows of different lengths, one behind the other in memory.
struct RaggedArray<Element> {
  private var elements: [Element] = []
  /// Where each row begins, and where the last one ends.
  private var starts = [0]

  init() {}

  init(_ rows: [[Element]]) {
    for row in rows { append(row) }
  }

  /// How many rows there are.
  var count: Int { starts.count - 1 }

  func count(of row: Int) -> Int { starts[row + 1] - starts[row] }

  mutating func append(_ row: [Element]) {
    elements += row
    starts.append(elements.count)
  }

  /// The positions of a row's elements.
  func positions(of row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  subscript(position: Int) -> Element { elements[position] }
}

extension RaggedArray where Element == Int {
  /// For each number below `count`, the rows that hold it, in ascending order.
  func inverted(count: Int) -> RaggedArray<Int> {
    var inverted = RaggedArray<Int>()
    inverted.starts = Array(repeating: 0, count: count + 1)
    for element in elements { inverted.starts[element + 1] += 1 }
    for index in 0..<count { inverted.starts[index + 1] += inverted.starts[index] }
    inverted.elements = Array(repeating: 0, count: elements.count)
    var next = inverted.starts
    for row in 0..<self.count {
      for position in positions(of: row) {
        let element = elements[position]
        inverted.elements[next[element]] = row
        next[element] += 1
      }
    }
    return inverted
  }
}
