/// An op that has no form in ONNX.
public struct ONNXExportError: Error, Sendable, CustomStringConvertible {
  /// The op, and the layer that it is of.
  public var operation: String
  public var layer: String?
  /// Why, as the rest of a sentence that begins with the op.
  public var reason: String

  public var description: String {
    (layer.map { "\($0): " } ?? "") + "`\(operation)` \(reason)"
  }
}
