import Diagnostics

/// The windows of a pooling op. Sizes follow `conv2d`'s, without dilation.
/// Source: PyTorch `nn/modules/pooling.py`.
public struct PoolingGeometry: Hashable, Sendable {
  public var kernelSize: Size2 = 2
  public var stride: Size2 = 2
  public var padding: Size2 = 0

  public init(kernelSize: Size2 = 2, stride: Size2 = 2, padding: Size2 = 0) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
  }

  public func pooled(_ size: Size2) -> Size2 {
    ConvolutionGeometry(stride: stride, padding: padding).small(large: size, kernel: kernelSize)
  }

  func checkRanges(of op: String) throws(TypeRuleViolation) {
    try kernelSize.checkRange(from: 1, "kernel_size", of: op)
    try stride.checkRange(from: 1, "stride", of: op)
    try padding.checkRange(from: 0, "padding", of: op)
  }

  func inferType(_ type: TensorType, op: String) throws(TypeRuleViolation) -> TensorType {
    try checkRanges(of: op)
    let input = try ImageExtents(type, of: op, operand: 0)
    let output = pooled(input.size)
    guard output.height > 0, output.width > 0 else {
      let padded = Size2(input.size.height + 2 * padding.height, input.size.width + 2 * padding.width)
      throw TypeRuleViolation(
        .kernelTooLarge, ["op": op, "kernel": kernelSize.crossText, "input": padded.crossText],
        operand: 0)
    }
    guard padding.height * 2 <= kernelSize.height, padding.width * 2 <= kernelSize.width else {
      throw TypeRuleViolation(
        .poolPaddingTooLarge, ["op": op, "padding": padding.crossText, "kernel": kernelSize.crossText])
    }
    return TensorType([type.shape[0], .fixed(input.channels), .fixed(output.height), .fixed(output.width)])
  }
}
