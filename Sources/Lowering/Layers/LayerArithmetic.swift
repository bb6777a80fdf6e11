import Diagnostics
import GraphIR

/// What several layers read and compute with.
extension LayerContext {
  /// An attribute that its schema requires or has a default for.
  func number(_ name: String) -> Double {
    guard let value = layer.kind.number(name) else {
      preconditionFailure("`\(layer.kind.name.value)` without its `\(name)`")
    }
    return value
  }

  /// An attribute that its schema requires or has a default for.
  func integer(_ name: String) -> Int {
    guard let value = layer.kind.int(name) else {
      preconditionFailure("`\(layer.kind.name.value)` without its `\(name)`")
    }
    return value
  }

  /// A tensor that lacks some axes of `shape`, repeated along them.
  mutating func spread(
    _ value: ValueID, to shape: [Dimension], along axes: [Int]
  ) throws(TypeRuleViolation) -> ValueID {
    if axes.isEmpty { return value }
    return try emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), value)
  }

  /// The product with a tensor that lacks some axes.
  mutating func scale(
    _ value: ValueID, by factor: ValueID, along axes: [Int]
  ) throws(TypeRuleViolation) -> ValueID {
    try emit(Binary(.multiply), value, spread(factor, to: type(of: value).shape, along: axes))
  }

  /// The sum with a tensor that lacks some axes.
  mutating func shift(
    _ value: ValueID, by offset: ValueID, along axes: [Int]
  ) throws(TypeRuleViolation) -> ValueID {
    try emit(Binary(.add), value, spread(offset, to: type(of: value).shape, along: axes))
  }

  /// (value − mean) / √(variance + eps) over groups of the channels of each image, the variance biased.
  mutating func normalize(
    _ value: ValueID, groups: Int, eps: Double
  ) throws(TypeRuleViolation) -> ValueID {
    try emit(GroupNorm(groups: groups, eps: eps), value)
  }

  /// Every axis of a tensor but its channels'.
  func allButChannels(_ value: ValueID) -> [Int] {
    type(of: value).shape.indices.filter { $0 != 1 }
  }

  /// The product of vectors `[N, in]` with a matrix `[out, in]`.
  mutating func multiply(
    _ vectors: ValueID, by matrix: ValueID
  ) throws(TypeRuleViolation) -> ValueID {
    try emit(Matmul(transposeRight: true), vectors, matrix)
  }

  /// Throws unless an input has so many axes, the batch among them.
  func checkRank(_ rank: Int, ofInput index: Int = 0) throws(TypeRuleViolation) {
    let type = type(of: inputs[index])
    guard type.rank != rank else { return }
    throw TypeRuleViolation(
      .rankMismatch,
      ["op": layer.kind.name.value, "expected": "\(rank)", "actual": type.description], operand: index)
  }

  /// The channels, height and width of an input that must be images.
  func imageExtents(ofInput index: Int = 0) throws(TypeRuleViolation) -> (channels: Int, size: Size2) {
    try checkRank(4, ofInput: index)
    let extents = type(of: inputs[index]).extents(batch: 1)
    return (extents[1], Size2(extents[2], extents[3]))
  }

  /// A one at each label's class: the input `index`, `[N]`, as `[N, classes]`.
  mutating func oneHot(
    input index: Int, classes: Int
  ) throws(TypeRuleViolation) -> ValueID {
    try checkRank(1, ofInput: index)
    return try emit(OneHot(classes: classes), inputs[index])
  }

  /// The seed of the layer's random numbers, and the number of this application, which outlives an
  /// interruption.
  mutating func randomStream() throws(TypeRuleViolation) -> (seed: Int, step: ValueID) {
    (namedSeed(seed, path), try count("random.\(path).batches", role: .random))
  }
}
