import Diagnostics

/// Linear interpolation along the rows or the columns of an image, or the adjoint of that.
///
/// input `[N, C, H, W]` → `size` rows (axis 2) or columns (axis 3) in place of its own. Of the result's pixel o
/// the place in the input is (o + ½)·in/out − ½, at least 0, or o·(in − 1)/(out − 1) with `align_corners`; beyond
/// the last pixel is the last pixel. The adjoint takes a cotangent of the result back to an input of `size`.
/// Source: PyTorch `nn.Upsample`, mode `bilinear`, which is this along both axes.
public struct Interpolate: OpDefinition {
  public var axis = 2
  public var size = 1
  public var alignsCorners = false
  public var isAdjoint = false

  public init() {}
  public init(axis: Int, size: Int, alignsCorners: Bool = false, isAdjoint: Bool = false) {
    self.axis = axis
    self.size = size
    self.alignsCorners = alignsCorners
    self.isAdjoint = isAdjoint
  }

  public static let signature = OpSignature(operands: ["input"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [
    .init("axis", \.axis), .init("size", \.size), .init("align_corners", \.alignsCorners),
    .init("adjoint", \.isAdjoint),
  ]
  public var op: Op { .interpolate(self) }
  public var mnemonic: String { "interpolate" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    _ = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    guard axis == 2 || axis == 3 else {
      throw TypeRuleViolation(
        .axisOutOfRange, ["op": mnemonic, "axis": "\(axis)", "shape": operands[0].description], operand: 0)
    }
    try Size2(size).checkRange(from: 1, "size", of: mnemonic)
    var shape = operands[0].shape
    shape[axis] = .fixed(size)
    return [TensorType(shape)]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let extent = context.type(of: context.operand(0)).shape[axis].extent(batch: 1)
    let adjoint = Interpolate(axis: axis, size: extent, alignsCorners: alignsCorners, isAdjoint: !isAdjoint)
    context.contribute(context.emit(adjoint, cotangent), to: 0)
  }

  public var layouts: OpLayouts { .images }

  /// Where the interpolated pixel `index` of `large` lies among the `small` given ones: between `first` and
  /// `second`, with the share of the second.
  static func place(
    of index: Int, from small: Int, to large: Int, alignsCorners: Bool
  ) -> (first: Int, second: Int, share: Double) {
    let position: Double
    if alignsCorners {
      position = large > 1 ? Double(index) * Double(small - 1) / Double(large - 1) : 0
    } else {
      position = max((Double(index) + 0.5) * Double(small) / Double(large) - 0.5, 0)
    }
    let first = min(Int(position), small - 1)
    return (first, min(first + 1, small - 1), position - Double(first))
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var output = ReferenceTensor(shape: results[0])
    let (from, to) = isAdjoint ? (results[0], x[0].shape) : (x[0].shape, results[0])
    let inner = from[(axis + 1)...].reduce(1, *)
    for outer in 0..<from[..<axis].reduce(1, *) {
      for index in 0..<to[axis] {
        let (first, second, share) = Self.place(
          of: index, from: from[axis], to: to[axis], alignsCorners: alignsCorners)
        for (source, weight) in [(first, 1 - share), (second, share)] {
          for column in 0..<inner {
            let near = (outer * from[axis] + source) * inner + column
            let far = (outer * to[axis] + index) * inner + column
            if isAdjoint {
              output.values[near] += weight * x[0].values[far]
            } else {
              output.values[far] += weight * x[0].values[near]
            }
          }
        }
      }
    }
    return [output]
  }

  public static let samples = [
    OpSample(Interpolate(axis: 2, size: 6), [[2, 3, 3, 4]]),
    OpSample(Interpolate(axis: 3, size: 8), [[2, 3, 3, 4]]),
    OpSample(Interpolate(axis: 3, size: 7, alignsCorners: true), [[2, 17, 2, 3]]),
    OpSample(Interpolate(axis: 2, size: 1, alignsCorners: true), [[1, 2, 3, 2]]),
    OpSample(Interpolate(axis: 2, size: 3, isAdjoint: true), [[2, 3, 6, 4]]),
    OpSample(Interpolate(axis: 3, size: 3, alignsCorners: true, isAdjoint: true), [[2, 3, 2, 7]]),
  ]
}
