extension Op {
  /// The operands that an executor may write a result over: their elements are read for the result's
  /// elements at the same places, and not afterwards.
  ///
  /// - Parameters:
  ///   - result: The result's number. Where several results may take an operand's place, one can.
  ///   - operandCount: How many operands the node has.
  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    switch self {
    case .fusedElementwise(let op):
      return op.program.operands.indices.filter { op.program.operands[$0] == .full }
    case .updateRunningStatistics: return [result]
    case .adam, .sgd, .rmsprop:
      // A group of operands is a parameter, its gradient and states; the results are the group without
      // the gradient.
      let signature = type(of: definition).signature
      let (group, results) = (signature.operands.count - 1, signature.results.count)
      let member = result % results
      return [1 + result / results * group + (member == 0 ? 0 : member + 1)]
    case .unary, .affine, .biasAdd, .batchNormApply, .batchNormInfer: return result == 0 ? [0] : []
    case .unaryGradient, .binary, .batchNormGradient, .batchNormActivationGradient:
      return result == 0 ? [0, 1] : []
    case .conv2DWeightGradient: return operandCount > 2 ? [2] : []
    case .constant, .reduce, .broadcast, .reshape, .concat, .slice, .pad, .matmul, .conv2D,
      .convTranspose2D, .batchNormTrain, .upsampleNearest, .avgPool2D, .avgPool2DGradient, .maxPool2D,
      .maxPool2DGradient, .maxPool2DGather, .dropoutMask, .gradient, .detach, .fusedConvolution,
      .channelStatistics, .relayout:
      return []
    }
  }
}

extension Node {
  /// The operands that an executor may write a result over, as `Op.overwritableOperands` has it. A value
  /// that the node also reads in another way is none.
  public func overwritableValues(result: Int) -> [ValueID] {
    let positions = op.overwritableOperands(result: result, operandCount: operands.count)
    return positions.map { operands[$0] }.filter { value in
      operands.indices.allSatisfy { operands[$0] != value || positions.contains($0) }
    }
  }
}
