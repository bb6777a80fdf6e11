import Diagnostics

/// Images moved by whole pixels, each by its own; zeros come in.
///
/// input `[N, C, H, W]`, down `[N]`, right `[N]` → y with y[n, c, i, j] = x[n, c, i − down[n], j − right[n]]. The
/// adjoint moves back.
public struct Translate: OpDefinition {
  public var isAdjoint = false

  public init() {}
  public init(isAdjoint: Bool) { self.isAdjoint = isAdjoint }

  public static let signature = OpSignature(operands: ["input", "down", "right"], results: ["output"])
  public static let fields: [AttributeField<Self>] = [.init("adjoint", \.isAdjoint)]
  public var op: Op { .translate(self) }
  public var mnemonic: String { "translate" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    _ = try ImageExtents(operands[0], of: mnemonic, operand: 0)
    for index in 1...2 where operands[index].shape != [operands[0].shape[0]] {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": mnemonic, "first": operands[0].description, "second": operands[index].description],
        operand: index)
    }
    return [operands[0]]
  }

  /// By the image alone: a pixel more or less is a jump.
  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0], context.needed[0] else { return }
    let back = Translate(isAdjoint: !isAdjoint)
    context.contribute(context.emit(back, cotangent, context.operand(1), context.operand(2)), to: 0)
  }

  public var layouts: OpLayouts { .images }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var output = ReferenceTensor(shape: results[0])
    let (channels, height, width) = (results[0][1], results[0][2], results[0][3])
    for image in 0..<results[0][0] {
      let sign = isAdjoint ? -1.0 : 1.0
      let (down, right) = (sign * x[1].values[image], sign * x[2].values[image])
      for row in 0..<height {
        for column in 0..<width {
          let (from, left) = (Double(row) - down, Double(column) - right)
          guard from >= 0, from < Double(height), left >= 0, left < Double(width) else { continue }
          for channel in 0..<channels {
            let plane = (image * channels + channel) * height
            output.values[(plane + row) * width + column] =
              x[0].values[(plane + Int(from)) * width + Int(left)]
          }
        }
      }
    }
    return [output]
  }

  public static let samples = [
    OpSample(
      Translate(), [[2, 3, 4, 5], [2], [2]], overrides: [1: .uniform(1...1), 2: .uniform((-2)...(-2))],
      constantOperands: [1, 2]),
    OpSample(
      Translate(isAdjoint: true), [[3, 17, 3, 2], [3], [3]],
      overrides: [1: .uniform((-1)...(-1)), 2: .uniform(1...1)], constantOperands: [1, 2]),
    OpSample(
      Translate(), [[1, 1, 2, 2], [1], [1]], overrides: [1: .uniform(7...7), 2: .uniform(0...0)],
      constantOperands: [1, 2]),
  ]
}
