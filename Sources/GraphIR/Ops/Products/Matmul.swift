import Diagnostics

/// The matrix product op(left) · op(right), op being the transposition or nothing.
///
/// Two matrices → a matrix; or `[B, rows, columns]` twice → the product of each pair.
public struct Matmul: OpDefinition {
  public var transposeLeft = false
  public var transposeRight = false

  public init() {}
  public init(transposeLeft: Bool = false, transposeRight: Bool = false) {
    self.transposeLeft = transposeLeft
    self.transposeRight = transposeRight
  }

  public static let signature = OpSignature(
    operands: ["left", "right"], results: ["output"], parametersFrom: 1)
  public static let fields: [AttributeField<Self>] = [
    .init("transpose_left", \.transposeLeft), .init("transpose_right", \.transposeRight),
  ]
  public var op: Op { .matmul(self) }
  public var mnemonic: String { "matmul" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    for (index, type) in operands.enumerated() {
      let expected = operands[0].rank == 3 ? 3 : 2
      guard type.rank == expected, type.shape.dropLast(2) == operands[0].shape.dropLast(2) else {
        throw TypeRuleViolation(
          .rankMismatch, ["op": mnemonic, "expected": "\(expected)", "actual": type.description],
          operand: index)
      }
    }
    func matrix(_ type: TensorType, transposed: Bool) -> [Dimension] {
      let extents = Array(type.shape.suffix(2))
      return transposed ? extents.reversed() : extents
    }
    let left = matrix(operands[0], transposed: transposeLeft)
    let right = matrix(operands[1], transposed: transposeRight)
    guard left[1] == right[0] else {
      throw TypeRuleViolation(
        .channelMismatch,
        ["op": mnemonic, "expected": right[0].description, "actual": left[1].description], operand: 0)
    }
    return [TensorType(operands[0].shape.dropLast(2) + [left[0], right[1]])]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard let cotangent = context.cotangents[0] else { return }
    let (left, right) = (context.operand(0), context.operand(1))
    if context.needed[0] {
      // C = A·B: dA = dC·Bᵀ; with A given transposed, dAᵀ = B·dCᵀ.
      let product =
        transposeLeft
        ? context.emit(Matmul(transposeLeft: transposeRight, transposeRight: true), right, cotangent)
        : context.emit(Matmul(transposeRight: !transposeRight), cotangent, right)
      context.contribute(product, to: 0)
    }
    if context.needed[1] {
      let product =
        transposeRight
        ? context.emit(Matmul(transposeLeft: true, transposeRight: transposeLeft), cotangent, left)
        : context.emit(Matmul(transposeLeft: !transposeLeft), left, cotangent)
      context.contribute(product, to: 1)
    }
  }

  public var layouts: OpLayouts { .free }

  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int {
    let inner = operands[0].shape[operands[0].rank - (transposeLeft ? 2 : 1)].extent(batch: batch)
    return saturatingProduct(results[0].elementCount(batch: batch), inner)
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    [ReferenceShape.matmul(self, x[0], x[1], result: results[0])]
  }

  public static let samples = [
    OpSample(Matmul(), [[3, 5], [5, 4]]),
    OpSample(Matmul(transposeRight: true), [[7, 19], [33, 19]]),
    OpSample(Matmul(transposeLeft: true), [[5, 3], [5, 4]]),
    OpSample(Matmul(transposeLeft: true, transposeRight: true), [[5, 3], [4, 5]]),
    OpSample(Matmul(), [[2, 3, 5], [2, 5, 4]]),
    OpSample(Matmul(transposeLeft: true), [[3, 2, 19], [3, 2, 7]]),
    OpSample(Matmul(transposeRight: true), [[2, 3, 5], [2, 4, 5]]),
  ]
}
