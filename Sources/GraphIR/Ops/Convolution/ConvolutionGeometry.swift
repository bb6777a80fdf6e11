import Diagnostics

/// What the three convolution ops share: how far the kernel moves, reaches and is filled up.
///
/// Everything is told for the convolution that maps a *large* image to a *small* one:
/// small = ⌊(large + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
/// Source: PyTorch `nn/modules/conv.py`.
public struct ConvolutionGeometry: Hashable, Sendable {
  public var stride: Size2 = 1
  public var padding: Size2 = 0
  public var dilation: Size2 = 1
  public var groups: Int = 1

  public init(stride: Size2 = 1, padding: Size2 = 0, dilation: Size2 = 1, groups: Int = 1) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The extent of the small image along one axis; zero or less when the kernel does not fit.
  public static func small(large: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) -> Int {
    let room = large + 2 * padding - dilation * (kernel - 1) - 1
    return room < 0 ? 0 : room / stride + 1
  }

  /// The extent of the smallest large image that gives this small one.
  public static func large(small: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) -> Int {
    (small - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
  }

  public func small(large: Size2, kernel: Size2) -> Size2 {
    Size2(
      Self.small(
        large: large.height, kernel: kernel.height, stride: stride.height, padding: padding.height,
        dilation: dilation.height),
      Self.small(
        large: large.width, kernel: kernel.width, stride: stride.width, padding: padding.width,
        dilation: dilation.width))
  }

  public func large(small: Size2, kernel: Size2) -> Size2 {
    Size2(
      Self.large(
        small: small.height, kernel: kernel.height, stride: stride.height, padding: padding.height,
        dilation: dilation.height),
      Self.large(
        small: small.width, kernel: kernel.width, stride: stride.width, padding: padding.width,
        dilation: dilation.width))
  }
}

extension ConvolutionGeometry {
  func checkRanges(of op: String) throws(TypeRuleViolation) {
    try stride.checkRange(from: 1, "stride", of: op)
    try padding.checkRange(from: 0, "padding", of: op)
    try dilation.checkRange(from: 1, "dilation", of: op)
    try Size2(groups).checkRange(from: 1, "groups", of: op)
  }
}

extension Size2 {
  /// Throws unless both numbers are at least `least`, and small enough to be multiplied with an extent.
  func checkRange(from least: Int, _ attribute: String, of op: String) throws(TypeRuleViolation) {
    for value in [height, width] where value < least || value > 1 << 20 {
      throw TypeRuleViolation(
        .attributeOutOfRange, ["op": op, "attribute": attribute, "value": "\(value)"])
    }
  }
}

/// The extents of a rank-4 type whose every dimension but the first is a number.
struct ImageExtents {
  var channels: Int
  var size: Size2

  init(_ type: TensorType, of op: String, operand: Int) throws(TypeRuleViolation) {
    guard type.rank == 4, let channels = type.shape[1].fixedExtent,
      let height = type.shape[2].fixedExtent, let width = type.shape[3].fixedExtent
    else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": op, "expected": "4", "actual": type.description], operand: operand)
    }
    self.channels = channels
    size = Size2(height, width)
  }
}

/// The extents `[first, second/groups, kh, kw]` of a convolution's weight.
struct WeightExtents {
  var first: Int
  var secondPerGroup: Int
  var kernel: Size2

  init(_ type: TensorType, of op: String) throws(TypeRuleViolation) {
    let extents = type.shape.compactMap(\.fixedExtent)
    guard extents.count == 4 else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": op, "expected": "4", "actual": type.description], operand: 1)
    }
    first = extents[0]
    secondPerGroup = extents[1]
    kernel = Size2(extents[2], extents[3])
  }
}

extension Size2 {
  var crossText: String { "\(height)×\(width)" }
}

/// A convolution that has nothing fused to it yet.
public protocol ConvolutionOp: OpDefinition {
  /// The same as an op that things can be fused to.
  var asFusable: FusedConvolution { get }
}

extension Op {
  /// A convolution that has nothing fused to it yet, as one that can have.
  public var asFusableConvolution: FusedConvolution? { (definition as? any ConvolutionOp)?.asFusable }
}

/// Every element of the small image meets one window of the weight.
func convolutionMultiplyAdds(small: TensorType, weight: TensorType, batch: Int) -> Int {
  saturatingProduct(
    small.elementCount(batch: batch), TensorType(Array(weight.shape[1...])).elementCount(batch: 1))
}
