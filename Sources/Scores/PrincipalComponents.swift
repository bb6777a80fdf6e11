/// The directions in which vectors vary most: what is left of a vector without them tells how unlike the others
/// it is. The plainest of baselines for anomalies.
public struct PrincipalComponents: Sendable {
  private let mean: [Double]
  /// Unit vectors, by falling variance.
  private let components: [[Double]]

  /// - Precondition: There are two vectors or more, and no more components than dimensions.
  public init(_ set: FeatureSet, count: Int) {
    precondition(count <= set.dimensions, "no more components than dimensions")
    let moments = Moments(set)
    mean = moments.mean
    let eigen = moments.covariance.eigen()
    let order = (0..<set.dimensions).sorted { (eigen.values[$0], $1) > (eigen.values[$1], $0) }
    components = order.prefix(count).map { column in
      (0..<set.dimensions).map { eigen.vectors[$0, column] }
    }
  }

  /// The length of what the components do not explain.
  public func residual(of vector: ArraySlice<Float>) -> Double {
    precondition(vector.count == mean.count, "a vector of the set's dimensions")
    let centred = zip(vector, mean).map { Double($0) - $1 }
    var rest = centred.reduce(0) { $0 + $1 * $1 }
    for component in components {
      let part = zip(centred, component).reduce(0) { $0 + $1.0 * $1.1 }
      rest -= part * part
    }
    return max(rest, 0).squareRoot()
  }
}
