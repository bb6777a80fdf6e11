import GraphIR

/// Functions of single numbers, and arithmetic.
extension ImportNode {
  func negated() throws(ImportProblem) -> [ImportedValue] {
    if case .integers(let tensor)? = input(0) {
      return [
        .integers(
          IntegerTensor(shape: tensor.shape, tensor.values.map { .init(-$0.factor, isBatch: $0.isBatch) }))
      ]
    }
    return try result(affine(scale: -1, tensor(0)))
  }

  func celu() throws(ImportProblem) -> [ImportedValue] {
    let alpha = try float("alpha", 1)
    let bent = try unary(.elu, [1], affine(scale: 1 / alpha, tensor(0)))
    return try result(affine(scale: alpha, bent))
  }

  func selu() throws(ImportProblem) -> [ImportedValue] {
    let (alpha, gamma) = try (float("alpha", 1.67326319), float("gamma", 1.05070102))
    let x = try tensor(0)
    let value = try affine(scale: gamma, unary(.elu, [alpha], x))
    if abs(alpha - 1.6732632) < 1e-6, abs(gamma - 1.0507010) < 1e-6 { layer("selu", of: [x]) }
    return result(value)
  }

  func softsign() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let value = try emit(Binary(.divide), x, affine(offset: 1, unary(.absolute, nil, x)))
    layer("softsign", of: [x])
    return result(value)
  }

  private func hardSigmoid(_ x: ValueID, _ alpha: Double, _ beta: Double) throws(ImportProblem) -> ValueID {
    try unary(.hardtanh, [0, 1], affine(scale: alpha, offset: beta, x))
  }

  func hardSigmoid() throws(ImportProblem) -> [ImportedValue] {
    let (alpha, beta) = try (float("alpha", 0.2), float("beta", 0.5))
    let x = try tensor(0)
    let value = try hardSigmoid(x, alpha, beta)
    if abs(alpha - 1.0 / 6) < 1e-6, beta == 0.5 { layer("hardsigmoid", of: [x]) }
    return result(value)
  }

  func hardSwish() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let value = try emit(Binary(.multiply), x, hardSigmoid(x, 1.0 / 6, 0.5))
    layer("hardswish", of: [x])
    return result(value)
  }

  func mish() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let value = try emit(Binary(.multiply), x, unary(.tanh, nil, unary(.softplus, [1, 20], x)))
    layer("mish", of: [x])
    return result(value)
  }

  func swish() throws(ImportProblem) -> [ImportedValue] {
    let alpha = try float("alpha", 1)
    let x = try tensor(0)
    if alpha == 1 { return try result(unary(.silu, nil, x)) }
    return try result(emit(Binary(.multiply), x, unary(.sigmoid, nil, affine(scale: alpha, x))))
  }

  func thresholdedReLU() throws(ImportProblem) -> [ImportedValue] {
    let alpha = try float("alpha", 1)
    let x = try tensor(0)
    return try result(emit(Binary(.multiply), x, unary(.step, nil, affine(offset: -alpha, x))))
  }

  func prelu() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let slope = try tensor(1)
    let positive = try unary(.relu, nil, x)
    let negative = try emit(Binary(.subtract), x, positive)
    let scaled = try emit(Binary(.multiply), negative, broadcast(slope, to: shape))
    let value = try emit(Binary(.add), positive, scaled)
    if let known = knownConstant(1) {
      let channels = shape.count > 1 ? shape[1].fixedExtent : nil
      let count = known.values.count
      // A number, or one a channel.
      let isPerChannel =
        count == channels && known.shape.drop { $0 == 1 }.first == count
        && known.shape.count < shape.count
      if count == 1 || isPerChannel {
        layer(
          "prelu", count == 1 ? [] : [("num_parameters", "\(count)")], of: [x],
          [("weight", ReferenceTensor(shape: [count], values: known.values))])
      }
    }
    return result(value)
  }

  func clip() throws(ImportProblem) -> [ImportedValue] {
    let bounds: (low: Double?, high: Double?)
    if operatorSet < 11 {
      bounds = try (float("min", -.infinity), float("max", .infinity))
    } else {
      bounds = try (numbers(1)?.first, numbers(2)?.first)
    }
    let x = try tensor(0)
    let (low, high) = (bounds.low ?? -.infinity, bounds.high ?? .infinity)
    if low < high, low > -1e30, high < 1e30 { return try result(unary(.hardtanh, [low, high], x)) }
    if low == 0, high >= 1e30 { return try result(unary(.relu, nil, x)) }
    let shape = shape(of: x)
    var value = x
    if low > -.infinity {
      value = try emit(Binary(.maximum), value, emit(Constant(value: low, shape: shape), []))
    }
    if high < .infinity {
      value = try emit(Binary(.minimum), value, emit(Constant(value: high, shape: shape), []))
    }
    return result(value)
  }

  func power() throws(ImportProblem) -> [ImportedValue] {
    guard let exponents = try numbers(1), let exponent = exponents.first,
      exponents.allSatisfy({ $0 == exponent })
    else { throw refuse("raises to powers that are not one known number") }
    let x = try tensor(0)
    let inverse = exponent < 0
    func inverted(_ value: ValueID) throws(ImportProblem) -> [ImportedValue] {
      try result(inverse ? unary(.reciprocal, nil, value) : value)
    }
    switch abs(exponent) {
    case 0.5: return try result(unary(inverse ? .rsqrt : .sqrt, nil, x))
    case 1: return try inverted(x)
    case 2: return try inverted(unary(.square, nil, x))
    case let power where power == power.rounded() && power > 2 && power <= 16:
      var value = try unary(.square, nil, x)
      for _ in 2..<Int(power) { value = try emit(Binary(.multiply), value, x) }
      return try inverted(value)
    default:
      throw refuse("raises to the power \(exponent); whole numbers up to 16 and 1/2 have a form")
    }
  }

  // MARK: Arithmetic

  func arithmetic(_ kind: Binary.Kind) throws(ImportProblem) -> [ImportedValue] {
    if case .integers(let left)? = input(0), case .integers(let right)? = input(1) {
      return [
        .integers(
          try combined(left, right) { (left, right) throws(ImportProblem) in
            try combined(kind, left, right)
          })
      ]
    }
    for index in 0..<2 where kind == .add {
      if case .errorFunction(let argument, plusOne: false)? = input(index),
        knownConstant(1 - index)?.values == [1]
      {
        return [.errorFunction(argument: argument, plusOne: true)]
      }
    }
    if kind == .multiply, let value = try gelu() { return result(value) }
    // A number that is the same everywhere, and changes no shape.
    func number(_ index: Int, like other: Int) throws(ImportProblem) -> Double? {
      guard let constant = knownConstant(index), case .tensor(let value, _)? = input(other),
        let first = constant.values.first, constant.values.allSatisfy({ $0 == first }),
        try commonShape([constant.shape.map(Dimension.fixed), shape(of: value)]) == shape(of: value)
      else { return nil }
      return first
    }
    if let right = try number(1, like: 0) {
      let x = try tensor(0)
      switch kind {
      case .add: return try result(affine(offset: right, x))
      case .subtract: return try result(affine(offset: -right, x))
      case .multiply: return try result(affine(scale: right, x))
      // What 1/c rounds is less than what 32-bit floats do.
      case .divide: return try result(affine(scale: 1 / right, x))
      case .maximum, .minimum: break
      }
    }
    if let left = try number(0, like: 1) {
      let x = try tensor(1)
      switch kind {
      case .add: return try result(affine(offset: left, x))
      case .subtract: return try result(affine(scale: -1, offset: left, x))
      case .multiply: return try result(affine(scale: left, x))
      case .divide: return try result(affine(scale: left, unary(.reciprocal, nil, x)))
      case .maximum, .minimum: break
      }
    }
    let (left, right) = try (tensor(0), tensor(1))
    if kind == .add {
      for (value, bias) in [(left, right), (right, left)] {
        if let sum = try biasAdded(value, bias) { return result(sum) }
      }
    }
    let common = try commonShape([shape(of: left), shape(of: right)])
    return try result(emit(Binary(kind), broadcast(left, to: common), broadcast(right, to: common)))
  }

  /// The sum of a value and a number a channel, where the second is one.
  private func biasAdded(_ value: ValueID, _ bias: ValueID) throws(ImportProblem) -> ValueID? {
    let (shape, extents) = (shape(of: value), self.shape(of: bias))
    guard shape.count >= 2, let channels = shape[1].fixedExtent, channels > 1,
      extents.count <= shape.count,
      importer.builder.graph.inputs.contains(where: { $0.value == bias && $0.kind == .parameter })
    else { return nil }
    let aligned = Array(repeating: Dimension.fixed(1), count: shape.count - extents.count) + extents
    guard aligned.enumerated().allSatisfy({ $1 == .fixed($0 == 1 ? channels : 1) }) else { return nil }
    return try emit(BiasAdd(), value, reshape(bias, [.fixed(channels)]))
  }

  func variadic(_ kind: Binary.Kind) throws(ImportProblem) -> [ImportedValue] {
    if inputs.count == 2 { return try arithmetic(kind) }
    var operands: [ValueID] = []
    for index in inputs.indices { operands.append(try tensor(index)) }
    guard let first = operands.first else { throw refuse("has no inputs") }
    let common = try commonShape(operands.map { shape(of: $0) })
    var value = try broadcast(first, to: common)
    for operand in operands.dropFirst() {
      value = try emit(Binary(kind), value, broadcast(operand, to: common))
    }
    return result(value)
  }

  func mean() throws(ImportProblem) -> [ImportedValue] {
    let sum = try variadic(.add)
    guard inputs.count > 1, case .tensor(let value, _) = sum[0] else { return sum }
    return try result(affine(scale: 1 / Double(inputs.count), value))
  }

  // MARK: Whole numbers

  private func combined(
    _ kind: Binary.Kind, _ left: SymbolicInteger, _ right: SymbolicInteger
  ) throws(ImportProblem) -> SymbolicInteger {
    func overflowing(_ result: (partialValue: Int, overflow: Bool), isBatch: Bool) throws(ImportProblem)
      -> SymbolicInteger
    {
      guard !result.overflow else { throw refuse("computes a whole number of more than 64 bits") }
      return SymbolicInteger(result.partialValue, isBatch: isBatch)
    }
    switch kind {
    case .add where left.isBatch == right.isBatch:
      return try overflowing(left.factor.addingReportingOverflow(right.factor), isBatch: left.isBatch)
    case .add where left == SymbolicInteger(0): return right
    case .add where right == SymbolicInteger(0): return left
    case .subtract where left.isBatch == right.isBatch:
      return try overflowing(left.factor.subtractingReportingOverflow(right.factor), isBatch: left.isBatch)
    case .subtract where right == SymbolicInteger(0): return left
    case .multiply where !(left.isBatch && right.isBatch):
      return try overflowing(
        left.factor.multipliedReportingOverflow(by: right.factor), isBatch: left.isBatch || right.isBatch)
    case .divide where left.isBatch && right.isBatch && right.factor != 0 && left.factor % right.factor == 0:
      return SymbolicInteger(left.factor / right.factor)
    case .divide
    where !right.isBatch && right.factor != 0 && (!left.isBatch || left.factor % right.factor == 0):
      guard right.factor != -1 || left.factor != .min else { throw refuse("divides what has no quotient") }
      return SymbolicInteger(left.factor / right.factor, isBatch: left.isBatch)
    case .maximum where !left.isBatch && !right.isBatch:
      return SymbolicInteger(max(left.factor, right.factor))
    case .minimum where !left.isBatch && !right.isBatch:
      return SymbolicInteger(min(left.factor, right.factor))
    case .add, .subtract, .multiply, .divide, .maximum, .minimum:
      throw refuse("computes a size that is no multiple of the batch")
    }
  }

  /// Each pair of elements, with extents of one repeated.
  private func combined(
    _ left: IntegerTensor, _ right: IntegerTensor, isBoolean: Bool = false,
    _ combine: (SymbolicInteger, SymbolicInteger) throws(ImportProblem) -> SymbolicInteger
  ) throws(ImportProblem) -> IntegerTensor {
    let shapes = [left.shape, right.shape].map { $0.map(Dimension.fixed) }
    let common = try commonShape(shapes).map { $0.extent(batch: 1) }
    let count = common.reduce(1, *)
    guard count <= IntegerTensor.limit else { throw refuse("computes more whole numbers than a shape has") }
    func element(_ tensor: IntegerTensor, _ index: Int) -> SymbolicInteger {
      var (rest, place, stride) = (index, 0, 1)
      for axis in common.indices.reversed() {
        let coordinate = rest % common[axis]
        rest /= common[axis]
        let own = axis - (common.count - tensor.shape.count)
        guard own >= 0 else { continue }
        if tensor.shape[own] != 1 { place += coordinate * stride }
        stride *= tensor.shape[own]
      }
      return tensor.values[place]
    }
    var values: [SymbolicInteger] = []
    for index in 0..<count { values.append(try combine(element(left, index), element(right, index))) }
    return IntegerTensor(shape: common, values, isBoolean: isBoolean)
  }

  /// A comparison, or other arithmetic that only whole numbers have.
  func compared(
    isBoolean: Bool = false, _ compare: (Int, Int) -> Int?
  ) throws(ImportProblem) -> [ImportedValue] {
    guard let left = try symbolic(0), let right = try symbolic(1) else { throw refuse("lacks an input") }
    return [
      .integers(
        try combined(left, right, isBoolean: isBoolean) { (left, right) throws(ImportProblem) in
          // Equal parts of the batch compare as their factors do.
          guard left.isBatch == right.isBatch, let value = compare(left.factor, right.factor) else {
            throw refuse("depends on the size of the batch")
          }
          return SymbolicInteger(value)
        })
    ]
  }

  func not() throws(ImportProblem) -> [ImportedValue] {
    guard let tensor = try symbolic(0), let numbers = tensor.numbers else { throw refuse("lacks its input") }
    return [
      .integers(
        IntegerTensor(shape: tensor.shape, numbers.map { SymbolicInteger($0 == 0 ? 1 : 0) }, isBoolean: true))
    ]
  }

  /// The value itself above a limit, and its softplus below.
  private func straightenedSoftplus(
    _ value: ValueID, above limit: Double
  ) throws(ImportProblem) -> [ImportedValue] {
    guard case .tensor(value, isInteger: false)? = input(1),
      case .tensor(let smooth, isInteger: false)? = input(2),
      let node = importer.builder.graph.nodes.last(where: { $0.results == [smooth] }),
      node.operands == [value],
      case .unary(let op) = node.op, op.function.kind == .softplus, op.function.parameters[0] == 1
    else { throw refuse("chooses number by number") }
    return try result(unary(.softplus, [1, limit], value))
  }

  func choose() throws(ImportProblem) -> [ImportedValue] {
    if case .above(let value, let limit)? = input(0) { return try straightenedSoftplus(value, above: limit) }
    guard let condition = try symbolic(0), let choices = condition.numbers else {
      throw refuse("lacks its condition")
    }
    if case .integers(let yes)? = input(1), case .integers(let no)? = input(2) {
      // The same repetition for all three, of which the condition is one.
      let paired = try combined(condition, yes) { (_, value) throws(ImportProblem) in value }
      let chosen = try combined(condition, paired) { (choice, value) throws(ImportProblem) in
        choice.factor != 0 ? value : SymbolicInteger(0)
      }
      let other = try combined(condition, no) { (choice, value) throws(ImportProblem) in
        choice.factor == 0 ? value : SymbolicInteger(0)
      }
      return [
        .integers(
          try combined(chosen, other) { (left, right) throws(ImportProblem) in
            try combined(.add, left, right)
          })
      ]
    }
    guard let first = choices.first, choices.allSatisfy({ $0 == first }) else {
      throw refuse("chooses number by number")
    }
    let chosen = try tensor(first != 0 ? 1 : 2)
    let other = try tensor(first != 0 ? 2 : 1)
    let common = try commonShape([shape(of: chosen), shape(of: other), condition.shape.map(Dimension.fixed)])
    return try result(broadcast(chosen, to: common))
  }
}
