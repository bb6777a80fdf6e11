import Glibc

/// One element's update by each optimiser: (new parameter, new states). States that the options have no
/// use for stay as they are.
enum ReferenceOptimizers {
  /// Applies `update(elements of the group) → new elements` to each group of operands.
  static func updateGroups(
    _ operands: [ReferenceTensor], group: Int, _ update: ([Double]) -> [Double]
  ) -> [ReferenceTensor] {
    var results: [ReferenceTensor] = []
    for start in stride(from: 2, to: operands.count, by: group) {
      let tensors = Array(operands[start..<start + group])
      var updated = Array(repeating: tensors[0], count: group - 1)
      for index in tensors[0].values.indices {
        let new = update(tensors.map { $0.values[index] })
        for (slot, value) in new.enumerated() { updated[slot].values[index] = value }
      }
      results += updated
    }
    return results
  }

  static func adam(_ op: Adam, _ operands: [ReferenceTensor]) -> [ReferenceTensor] {
    let step = operands[0].values[0]
    let rate = op.learningRate * operands[1].values[0]
    let correction1 = 1 - pow(op.beta1, step)
    let correction2 = 1 - pow(op.beta2, step)
    return updateGroups(operands, group: 4) { values in
      var (parameter, gradient, m, v) = (values[0], values[1], values[2], values[3])
      if op.isDecoupled {
        parameter *= 1 - rate * op.weightDecay
      } else {
        gradient += op.weightDecay * parameter
      }
      m = op.beta1 * m + (1 - op.beta1) * gradient
      v = op.beta2 * v + (1 - op.beta2) * gradient * gradient
      let denominator = v.squareRoot() / correction2.squareRoot() + op.eps
      return [parameter - rate / correction1 * m / denominator, m, v]
    }
  }

  static func sgd(_ op: SGD, _ operands: [ReferenceTensor]) -> [ReferenceTensor] {
    let isFirst = operands[0].values[0] <= 1
    let rate = op.learningRate * operands[1].values[0]
    return updateGroups(operands, group: 3) { values in
      let parameter = values[0]
      let gradient = values[1] + op.weightDecay * parameter
      if op.momentum == 0 { return [parameter - rate * gradient, values[2]] }
      let buffer = isFirst ? gradient : op.momentum * values[2] + (1 - op.dampening) * gradient
      let direction = op.isNesterov ? gradient + op.momentum * buffer : buffer
      return [parameter - rate * direction, buffer]
    }
  }

  static func rmsprop(_ op: RMSprop, _ operands: [ReferenceTensor]) -> [ReferenceTensor] {
    let rate = op.learningRate * operands[1].values[0]
    return updateGroups(operands, group: 5) { values in
      let parameter = values[0]
      let gradient = values[1] + op.weightDecay * parameter
      let square = op.alpha * values[2] + (1 - op.alpha) * gradient * gradient
      let average = op.isCentered ? op.alpha * values[4] + (1 - op.alpha) * gradient : values[4]
      let variance = op.isCentered ? square - average * average : square
      let denominator = variance.squareRoot() + op.eps
      if op.momentum == 0 {
        return [parameter - rate * gradient / denominator, square, values[3], average]
      }
      let buffer = op.momentum * values[3] + gradient / denominator
      return [parameter - rate * buffer, square, buffer, average]
    }
  }
}
