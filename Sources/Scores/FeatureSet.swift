/// Vectors of features, one an image.
public struct FeatureSet: Sendable {
  /// How many numbers a vector has.
  public let dimensions: Int
  /// One vector after another.
  public let values: [Float]

  /// - Precondition: There is a whole number of vectors, of at least one number each.
  public init(_ values: [Float], dimensions: Int) {
    precondition(dimensions > 0 && values.count % dimensions == 0, "a whole number of vectors")
    self.values = values
    self.dimensions = dimensions
  }

  public var count: Int { values.count / dimensions }

  public func vector(_ index: Int) -> ArraySlice<Float> {
    values[index * dimensions..<(index + 1) * dimensions]
  }

  /// The squared Euclidean distance of two vectors, in double.
  func squaredDistance(_ index: Int, to other: FeatureSet, _ otherIndex: Int) -> Double {
    let (start, otherStart) = (index * dimensions, otherIndex * dimensions)
    let (a, b) = (values.span, other.values.span)
    var sum = 0.0
    for place in 0..<dimensions {
      let difference = Double(a[start + place]) - Double(b[otherStart + place])
      sum += difference * difference
    }
    return sum
  }

  func dot(_ index: Int, with other: FeatureSet, _ otherIndex: Int) -> Double {
    let (start, otherStart) = (index * dimensions, otherIndex * dimensions)
    var sum = 0.0
    for place in 0..<dimensions {
      sum += Double(values[start + place]) * Double(other.values[otherStart + place])
    }
    return sum
  }
}
