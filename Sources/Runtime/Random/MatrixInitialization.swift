import GraphIR

/// Beginnings that need a matrix as a whole, computed in Float64.
extension TensorStore {
  /// Replaces a tensor by a random matrix of its first axis and all the rest whose rows, or columns where they
  /// are fewer, are orthogonal and of length `gain`.
  ///
  /// Normal numbers through Gram and Schmidt's method, twice, which gives the factor Q whose R has a positive
  /// diagonal. Source: PyTorch `nn/init.py`, `orthogonal_`.
  public func fillOrthogonal(_ name: String, from source: RandomSource, gain: Double) {
    let slot = existingSlot(named: name)
    let rows = slot.shape[0]
    let columns = slot.count / rows
    let (count, length) = (min(rows, columns), max(rows, columns))
    let numbers = source.normals(slot.count)
    var vectors = (0..<count).map { vector in
      (0..<length).map { Double(numbers[vector * length + $0]) }
    }
    for vector in 0..<count {
      for _ in 0..<2 {
        for earlier in 0..<vector { subtract(vectors[earlier], from: &vectors[vector]) }
      }
      scaleToUnit(&vectors[vector])
    }
    var values = [Float](repeating: 0, count: slot.count)
    for vector in 0..<count {
      for place in 0..<length {
        let index = rows <= columns ? vector * columns + place : place * columns + vector
        values[index] = Float(gain * vectors[vector][place])
      }
    }
    write(values, to: name)
  }

  /// Replaces two vectors by the singular vectors that 16 steps of power iteration make of them for the matrix of
  /// a tensor's `outputAxis`, 0 or 1, and all the rest: the left one first, then the right one.
  /// Source: PyTorch `torch.nn.utils.parametrizations.spectral_norm`, at its construction.
  public func findSingularVectors(of weight: String, left: String, right: String, outputAxis: Int) {
    let slot = existingSlot(named: weight)
    guard let stored = values(of: weight), let first = values(of: left), let second = values(of: right) else {
      preconditionFailure("no tensors \(left) and \(right)")
    }
    let rows = slot.shape[outputAxis]
    let columns = slot.count / rows
    let inner = slot.shape[2...].reduce(1, *)
    /// Where the matrix's entry lies.
    func place(_ row: Int, _ column: Int) -> Int {
      outputAxis == 0 ? row * columns + column : (column / inner * rows + row) * inner + column % inner
    }
    var (u, v) = (first.map(Double.init), second.map(Double.init))
    scaleToUnit(&v)
    for _ in 0..<16 {
      for row in 0..<rows {
        var sum = 0.0
        for column in 0..<columns { sum += Double(stored[place(row, column)]) * v[column] }
        u[row] = sum
      }
      scaleToUnit(&u)
      v = Array(repeating: 0, count: columns)
      for row in 0..<rows {
        for column in 0..<columns { v[column] += Double(stored[place(row, column)]) * u[row] }
      }
      scaleToUnit(&v)
    }
    write(u.map(Float.init), to: left)
    write(v.map(Float.init), to: right)
  }
}

/// Takes a vector's part along a unit vector away.
private func subtract(_ unit: [Double], from vector: inout [Double]) {
  var product = 0.0
  for index in unit.indices { product += unit[index] * vector[index] }
  for index in unit.indices { vector[index] -= product * unit[index] }
}

/// Divides by the length, which is at least 1e-12.
private func scaleToUnit(_ vector: inout [Double]) {
  var sum = 0.0
  for value in vector { sum += value * value }
  let length = max(sum.squareRoot(), 1e-12)
  for index in vector.indices { vector[index] /= length }
}
