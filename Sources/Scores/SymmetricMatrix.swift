import Glibc

/// A square matrix, row by row, of which only what lies on and below the diagonal counts.
struct SymmetricMatrix {
  let size: Int
  var values: [Double]

  init(size: Int) {
    self.size = size
    values = Array(repeating: 0, count: size * size)
  }

  init(size: Int, _ values: [Double]) {
    precondition(values.count == size * size, "a square matrix")
    self.size = size
    self.values = values
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  /// Eigenvalues, and eigenvectors as the columns of a matrix.
  ///
  /// Householder's reduction to a tridiagonal matrix, then implicit QL steps. Source: Martin, Reinsch and
  /// Wilkinson, "Householder's tridiagonalization of a symmetric matrix" (1968); Dubrulle, Martin and Wilkinson,
  /// "The implicit QL algorithm" (1968).
  func eigen() -> (values: [Double], vectors: SymmetricMatrix) {
    var vectors = self
    var diagonal = [Double](repeating: 0, count: size)
    var beside = [Double](repeating: 0, count: size)
    Self.tridiagonalize(&vectors, &diagonal, &beside)
    Self.diagonalize(&vectors, &diagonal, &beside)
    return (diagonal, vectors)
  }

  private static func tridiagonalize(
    _ a: inout SymmetricMatrix, _ diagonal: inout [Double], _ beside: inout [Double]
  ) {
    let n = a.size
    for i in stride(from: n - 1, to: 0, by: -1) {
      let last = i - 1
      var h = 0.0
      if last > 0 {
        var scale = 0.0
        for k in 0...last { scale += abs(a[i, k]) }
        if scale == 0 {
          beside[i] = a[i, last]
        } else {
          for k in 0...last {
            a[i, k] /= scale
            h += a[i, k] * a[i, k]
          }
          let f = a[i, last]
          let g = f >= 0 ? -h.squareRoot() : h.squareRoot()
          beside[i] = scale * g
          h -= f * g
          a[i, last] = f - g
          var sum = 0.0
          for j in 0...last {
            a[j, i] = a[i, j] / h
            var product = 0.0
            for k in 0...j { product += a[j, k] * a[i, k] }
            if j < last { for k in j + 1...last { product += a[k, j] * a[i, k] } }
            beside[j] = product / h
            sum += beside[j] * a[i, j]
          }
          let share = sum / (h + h)
          for j in 0...last {
            let f = a[i, j]
            let g = beside[j] - share * f
            beside[j] = g
            for k in 0...j { a[j, k] -= f * beside[k] + g * a[i, k] }
          }
        }
      } else {
        beside[i] = a[i, last]
      }
      diagonal[i] = h
    }
    diagonal[0] = 0
    beside[0] = 0
    for i in 0..<n {
      if diagonal[i] != 0 {
        for j in 0..<i {
          var product = 0.0
          for k in 0..<i { product += a[i, k] * a[k, j] }
          for k in 0..<i { a[k, j] -= product * a[k, i] }
        }
      }
      diagonal[i] = a[i, i]
      a[i, i] = 1
      for j in 0..<i {
        a[j, i] = 0
        a[i, j] = 0
      }
    }
  }

  private static func diagonalize(
    _ z: inout SymmetricMatrix, _ d: inout [Double], _ e: inout [Double]
  ) {
    let n = z.size
    for i in 1..<max(n, 1) { e[i - 1] = e[i] }
    if n > 0 { e[n - 1] = 0 }
    for l in 0..<n {
      // Thirty steps find any eigenvalue of a matrix of numbers; one with NaN has none.
      for _ in 0..<60 {
        var m = l
        while m < n - 1 {
          let near = abs(d[m]) + abs(d[m + 1])
          if abs(e[m]) + near == near { break }
          m += 1
        }
        if m == l { break }
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = hypot(g, 1)
        g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var stopped = false
        for i in stride(from: m - 1, through: l, by: -1) {
          let f = s * e[i]
          let b = c * e[i]
          r = hypot(f, g)
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            stopped = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          for k in 0..<n {
            let f = z[k, i + 1]
            z[k, i + 1] = s * z[k, i] + c * f
            z[k, i] = c * z[k, i] - s * f
          }
        }
        if stopped { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
  }
}
