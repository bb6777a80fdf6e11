import Glibc

/// Reductions, rearrangements and matrix products.
enum ReferenceShape {
  /// Calls `body(index, coordinates)` for every element of a shape in row-major order.
  private static func forEach(_ shape: [Int], _ body: (Int, [Int]) -> Void) {
    let count = shape.reduce(1, *)
    var coordinates = Array(repeating: 0, count: shape.count)
    for index in 0..<count {
      body(index, coordinates)
      var axis = shape.count - 1
      while axis >= 0 {
        coordinates[axis] += 1
        if coordinates[axis] < shape[axis] { break }
        coordinates[axis] = 0
        axis -= 1
      }
    }
  }

  private static func index(_ coordinates: [Int], _ strides: [Int]) -> Int {
    var index = 0
    for axis in strides.indices { index += coordinates[axis] * strides[axis] }
    return index
  }

  /// The strides of a tensor that lacks `axes`, as seen from the shape that has them.
  private static func stridesWithout(_ axes: [Int], _ reduced: ReferenceTensor, rank: Int) -> [Int] {
    var strides = reduced.strides
    for axis in axes { strides.insert(0, at: axis) }
    return strides
  }

  static func reduce(_ op: Reduce, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = stridesWithout(op.axes, output, rank: input.shape.count)
    forEach(input.shape) { position, coordinates in
      output.values[index(coordinates, strides)] += input.values[position]
    }
    let count = op.axes.reduce(1) { $0 * input.shape[$1] }
    return op.mean ? output.map { $0 / Double(count) } : output
  }

  static func broadcast(_ op: Broadcast, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = stridesWithout(op.axes, input, rank: result.count)
    let count = op.mean ? Double(op.axes.reduce(1) { $0 * result[$1] }) : 1
    forEach(result) { position, coordinates in
      output.values[position] = input.values[index(coordinates, strides)] / count
    }
    return output
  }

  static func concat(_ op: Concat, _ inputs: [ReferenceTensor], result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = output.strides
    var start = 0
    for input in inputs {
      forEach(input.shape) { position, coordinates in
        output.values[index(coordinates, strides) + start * strides[op.axis]] = input.values[position]
      }
      start += input.shape[op.axis]
    }
    return output
  }

  static func slice(_ op: Slice, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = input.strides
    forEach(result) { position, coordinates in
      output.values[position] = input.values[index(coordinates, strides) + op.start * strides[op.axis]]
    }
    return output
  }

  static func pad(_ op: Pad, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = output.strides
    forEach(input.shape) { position, coordinates in
      output.values[index(coordinates, strides) + op.before * strides[op.axis]] = input.values[position]
    }
    return output
  }

  static func upsample(_ op: UpsampleNearest, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = input.strides
    forEach(result) { position, at in
      let source = [at[0], at[1], at[2] / op.scale.height, at[3] / op.scale.width]
      output.values[position] = input.values[index(source, strides)]
    }
    return output
  }

  static func matmul(
    _ op: Matmul, _ left: ReferenceTensor, _ right: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let (a, b, c) = (
      Array(left.shape.suffix(2)), Array(right.shape.suffix(2)), Array(result.suffix(2))
    )
    let inner = op.transposeLeft ? a[0] : a[1]
    for product in 0..<result.dropLast(2).reduce(1, *) {
      let (leftStart, rightStart, start) = (
        product * a[0] * a[1], product * b[0] * b[1], product * c[0] * c[1]
      )
      for row in 0..<c[0] {
        for k in 0..<inner {
          let factor = left.values[leftStart + (op.transposeLeft ? k * a[1] + row : row * a[1] + k)]
          for column in 0..<c[1] {
            let other = op.transposeRight ? column * b[1] + k : k * b[1] + column
            output.values[start + row * c[1] + column] += factor * right.values[rightStart + other]
          }
        }
      }
    }
    return output
  }

  static func permute(_ op: Permute, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    let strides = op.order.map { input.strides[$0] }
    forEach(result) { position, coordinates in
      output.values[position] = input.values[index(coordinates, strides)]
    }
    return output
  }

  /// Along the last axis.
  static func softmax(_ input: ReferenceTensor, isLog: Bool) -> ReferenceTensor {
    var output = input
    let columns = input.shape[input.shape.count - 1]
    for start in stride(from: 0, to: input.values.count, by: columns) {
      let row = input.values[start..<start + columns]
      let largest = row.reduce(-Double.infinity, max)
      let sum = row.reduce(0) { $0 + Glibc.exp($1 - largest) }
      for (place, value) in row.enumerated() {
        output.values[start + place] =
          isLog ? value - largest - Glibc.log(sum) : Glibc.exp(value - largest) / sum
      }
    }
    return output
  }
}
