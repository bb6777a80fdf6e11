/// The mean of vectors, and how they vary together.
struct Moments {
  var mean: [Double]
  /// With n − 1 in the denominator.
  var covariance: SymmetricMatrix

  init(mean: [Double], covariance: SymmetricMatrix) {
    self.mean = mean
    self.covariance = covariance
  }

  /// - Precondition: There are two vectors or more.
  init(_ set: FeatureSet) {
    precondition(set.count > 1, "one vector does not vary")
    let d = set.dimensions
    var mean = [Double](repeating: 0, count: d)
    for index in 0..<set.count {
      for (place, value) in set.vector(index).enumerated() { mean[place] += Double(value) }
    }
    for place in 0..<d { mean[place] /= Double(set.count) }
    var covariance = SymmetricMatrix(size: d)
    var centred = [Double](repeating: 0, count: d)
    for index in 0..<set.count {
      for (place, value) in set.vector(index).enumerated() { centred[place] = Double(value) - mean[place] }
      for row in 0..<d {
        let factor = centred[row]
        if factor == 0 { continue }
        for column in 0...row { covariance.values[row * d + column] += factor * centred[column] }
      }
    }
    for row in 0..<d {
      for column in 0...row {
        covariance[row, column] /= Double(set.count - 1)
        covariance[column, row] = covariance[row, column]
      }
    }
    self.mean = mean
    self.covariance = covariance
  }
}

/// The Fréchet distance of the normal distributions that have the means and covariances of two sets:
/// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂) − 2 tr((Σ₁Σ₂)^½).
///
/// It grows with fewer vectors: only distances of equally many can be compared. Source: Heusel and others,
/// "GANs Trained by a Two Time-Scale Update Rule" (2017), where the features are an Inception network's.
public func frechetDistance(_ a: FeatureSet, _ b: FeatureSet) -> Double {
  precondition(a.dimensions == b.dimensions, "features of one kind")
  return frechetDistance(Moments(a), Moments(b))
}

func frechetDistance(_ a: Moments, _ b: Moments) -> Double {
  let d = a.mean.count
  var distance = 0.0
  for place in 0..<d {
    let difference = a.mean[place] - b.mean[place]
    distance += difference * difference + a.covariance[place, place] + b.covariance[place, place]
  }
  // The product is not symmetric, but has the eigenvalues of R Σ₂ R, R being the root of Σ₁.
  let root = a.covariance.squareRoot()
  let product = root.multiplied(by: b.covariance).multiplied(by: root)
  let roots = product.symmetrized().eigen().values.map { max($0, 0).squareRoot() }
  return max(distance - 2 * roots.reduce(0, +), 0)
}

extension SymmetricMatrix {
  /// The matrix whose square this is, where eigenvalues below zero are rounding.
  fileprivate func squareRoot() -> SymmetricMatrix {
    let (values, vectors) = eigen()
    var result = SymmetricMatrix(size: size)
    let roots = values.map { max($0, 0).squareRoot() }
    for row in 0..<size {
      for column in 0...row {
        var sum = 0.0
        for k in 0..<size { sum += vectors[row, k] * roots[k] * vectors[column, k] }
        result[row, column] = sum
        result[column, row] = sum
      }
    }
    return result
  }

  fileprivate func multiplied(by other: SymmetricMatrix) -> SymmetricMatrix {
    var result = SymmetricMatrix(size: size)
    for row in 0..<size {
      for k in 0..<size {
        let factor = self[row, k]
        if factor == 0 { continue }
        for column in 0..<size {
          result.values[row * size + column] += factor * other.values[k * size + column]
        }
      }
    }
    return result
  }

  fileprivate func symmetrized() -> SymmetricMatrix {
    var result = self
    for row in 0..<size {
      for column in 0..<row {
        let mean = (self[row, column] + self[column, row]) / 2
        result[row, column] = mean
        result[column, row] = mean
      }
    }
    return result
  }
}
