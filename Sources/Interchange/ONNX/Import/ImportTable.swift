import GraphIR

/// What each operator of ONNX becomes: a row an operator.
enum ImportTable {
  struct Row: Sendable {
    /// The operator set that brought it.
    var since: Int
    /// Which inputs hold elements that the node only moves, so that it may move whole numbers as well.
    var moves: Moved = .none
    /// Whether it follows from its inputs alone.
    var isPure = true
    /// - Returns: The node's results, in their order; those that are left out are not made.
    var translate: @Sendable (ImportNode) throws(ImportProblem) -> [ImportedValue]
  }

  enum Moved: Sendable {
    case none, first, all
  }

  static let rows: [String: Row] = [
    // Functions of single numbers.
    "Relu": unary(.relu), "Tanh": unary(.tanh), "Sigmoid": unary(.sigmoid), "Exp": unary(.exp),
    "Log": unary(.log), "Sqrt": unary(.sqrt), "Reciprocal": unary(.reciprocal), "Abs": unary(.absolute),
    "Sign": unary(.sign, since: 9),
    "Neg": Row(since: 1) { (node) throws(ImportProblem) in try node.negated() },
    "LeakyRelu": Row(since: 1) { (node) throws(ImportProblem) in
      try node.result(node.unary(.leakyReLU, [node.float("alpha", 0.01)], node.tensor(0)))
    },
    "Elu": Row(since: 1) { (node) throws(ImportProblem) in
      try node.result(node.unary(.elu, [node.float("alpha", 1)], node.tensor(0)))
    },
    "Celu": Row(since: 12) { (node) throws(ImportProblem) in try node.celu() },
    "Selu": Row(since: 1) { (node) throws(ImportProblem) in try node.selu() },
    "Softplus": Row(since: 1) { (node) throws(ImportProblem) in
      try node.result(node.unary(.softplus, [1, 20], node.tensor(0)))
    },
    "Softsign": Row(since: 1) { (node) throws(ImportProblem) in try node.softsign() },
    "HardSigmoid": Row(since: 1) { (node) throws(ImportProblem) in try node.hardSigmoid() },
    "HardSwish": Row(since: 14) { (node) throws(ImportProblem) in try node.hardSwish() },
    "Mish": Row(since: 18) { (node) throws(ImportProblem) in try node.mish() },
    "Swish": Row(since: 24) { (node) throws(ImportProblem) in try node.swish() },
    "Gelu": Row(since: 20) { (node) throws(ImportProblem) in
      let isTanh = try node.string("approximate", "none") == "tanh"
      return try node.result(node.unary(.gelu, [isTanh ? 1 : 0], node.tensor(0)))
    },
    "ThresholdedRelu": Row(since: 10) { (node) throws(ImportProblem) in try node.thresholdedReLU() },
    "PRelu": Row(since: 7) { (node) throws(ImportProblem) in try node.prelu() },
    "Clip": Row(since: 6) { (node) throws(ImportProblem) in try node.clip() },
    "Pow": Row(since: 7) { (node) throws(ImportProblem) in try node.power() },
    "Erf": Row(since: 9) { (node) throws(ImportProblem) in
      try [.errorFunction(argument: node.tensor(0), plusOne: false)]
    },
    // Arithmetic.
    "Add": arithmetic(.add), "Sub": arithmetic(.subtract), "Mul": arithmetic(.multiply),
    "Div": arithmetic(.divide),
    "Max": Row(since: 6) { (node) throws(ImportProblem) in try node.variadic(.maximum) },
    "Min": Row(since: 6) { (node) throws(ImportProblem) in try node.variadic(.minimum) },
    "Sum": Row(since: 6) { (node) throws(ImportProblem) in try node.variadic(.add) },
    "Mean": Row(since: 6) { (node) throws(ImportProblem) in try node.mean() },
    "Mod": Row(since: 10) { (node) throws(ImportProblem) in try node.compared { $1 == 0 ? nil : $0 % $1 } },
    "Equal": Row(since: 7) { (node) throws(ImportProblem) in
      try node.compared(isBoolean: true) { $0 == $1 ? 1 : 0 }
    },
    "Greater": Row(since: 7) { (node) throws(ImportProblem) in
      if case .tensor(let value, isInteger: false)? = node.input(0), let limit = node.knownConstant(1),
        limit.values.count == 1
      {
        return [.above(value, limit: limit.values[0])]
      }
      return try node.compared(isBoolean: true) { $0 > $1 ? 1 : 0 }
    },
    "Less": Row(since: 7) { (node) throws(ImportProblem) in
      try node.compared(isBoolean: true) { $0 < $1 ? 1 : 0 }
    },
    "And": Row(since: 7) { (node) throws(ImportProblem) in try node.compared(isBoolean: true) { $0 & $1 } },
    "Or": Row(since: 7) { (node) throws(ImportProblem) in try node.compared(isBoolean: true) { $0 | $1 } },
    "Not": Row(since: 1) { (node) throws(ImportProblem) in try node.not() },
    "Where": Row(since: 9) { (node) throws(ImportProblem) in try node.choose() },
    // Sums and averages.
    "ReduceMean": Row(since: 1) { (node) throws(ImportProblem) in try node.reduce(mean: true) },
    "ReduceSum": Row(since: 1) { (node) throws(ImportProblem) in try node.reduce(mean: false) },
    "ReduceSumSquare": reduction(.square, nil), "ReduceL1": reduction(.absolute, nil),
    "ReduceL2": reduction(.square, .sqrt), "ReduceLogSum": reduction(nil, .log),
    "ReduceLogSumExp": reduction(.exp, .log),
    "ReduceMax": Row(since: 1) { (node) throws(ImportProblem) in try node.extreme { max($0, $1) } },
    "ReduceMin": Row(since: 1) { (node) throws(ImportProblem) in try node.extreme { min($0, $1) } },
    "Softmax": Row(since: 1) { (node) throws(ImportProblem) in try node.softmax(isLog: false) },
    "LogSoftmax": Row(since: 1) { (node) throws(ImportProblem) in try node.softmax(isLog: true) },
    // Products.
    "MatMul": Row(since: 1) { (node) throws(ImportProblem) in try node.matrixProduct() },
    "Gemm": Row(since: 7) { (node) throws(ImportProblem) in try node.gemm() },
    "Conv": Row(since: 1) { (node) throws(ImportProblem) in try node.convolution() },
    "ConvTranspose": Row(since: 1) { (node) throws(ImportProblem) in try node.transposedConvolution() },
    // Normalisation.
    "BatchNormalization": Row(since: 7) { (node) throws(ImportProblem) in try node.batchNorm() },
    "InstanceNormalization": Row(since: 6) { (node) throws(ImportProblem) in try node.instanceNorm() },
    "GroupNormalization": Row(since: 18) { (node) throws(ImportProblem) in try node.groupNorm() },
    "LayerNormalization": Row(since: 17) { (node) throws(ImportProblem) in try node.layerNorm() },
    // Images.
    "AveragePool": Row(since: 7) { (node) throws(ImportProblem) in try node.averagePool() },
    "MaxPool": Row(since: 1) { (node) throws(ImportProblem) in try node.maxPool() },
    "GlobalAveragePool": Row(since: 1) { (node) throws(ImportProblem) in try node.globalAveragePool() },
    "GlobalMaxPool": Row(since: 1) { (node) throws(ImportProblem) in try node.globalMaxPool() },
    "Resize": Row(since: 10) { (node) throws(ImportProblem) in try node.resize() },
    "Upsample": Row(since: 7) { (node) throws(ImportProblem) in try node.upsample() },
    "DepthToSpace": Row(since: 1) { (node) throws(ImportProblem) in try node.depthToSpace() },
    "SpaceToDepth": Row(since: 1) { (node) throws(ImportProblem) in try node.spaceToDepth() },
    // Shapes.
    "Identity": moving { (node) throws(ImportProblem) in try node.identity() },
    "Dropout": Row(since: 7) { (node) throws(ImportProblem) in try node.dropout() },
    "Cast": Row(since: 6) { (node) throws(ImportProblem) in try node.cast() },
    "Constant": Row(since: 1) { (node) throws(ImportProblem) in try node.constantValue() },
    "ConstantOfShape": Row(since: 9) { (node) throws(ImportProblem) in try node.constantOfShape() },
    "Shape": Row(since: 1) { (node) throws(ImportProblem) in try node.shapeOfInput() },
    "Size": Row(since: 1) { (node) throws(ImportProblem) in try node.sizeOfInput() },
    "Range": Row(since: 11) { (node) throws(ImportProblem) in try node.range() },
    "Reshape": moving(since: 5) { (node) throws(ImportProblem) in try node.reshape() },
    "Flatten": moving { (node) throws(ImportProblem) in try node.flatten() },
    "Squeeze": moving { (node) throws(ImportProblem) in try node.squeeze() },
    "Unsqueeze": moving { (node) throws(ImportProblem) in try node.unsqueeze() },
    "Transpose": moving { (node) throws(ImportProblem) in try node.transpose() },
    "Concat": Row(since: 4, moves: .all) { (node) throws(ImportProblem) in try node.concat() },
    "Split": moving(since: 2) { (node) throws(ImportProblem) in try node.split() },
    "Slice": moving { (node) throws(ImportProblem) in try node.slice() },
    "Gather": moving { (node) throws(ImportProblem) in try node.gather() },
    "Expand": moving(since: 8) { (node) throws(ImportProblem) in try node.expand() },
    "Tile": moving(since: 6) { (node) throws(ImportProblem) in try node.tile() },
    "Pad": Row(since: 2) { (node) throws(ImportProblem) in try node.pad() },
    "OneHot": Row(since: 9) { (node) throws(ImportProblem) in try node.oneHot() },
  ]

  private static func unary(_ kind: UnaryKind, since: Int = 1) -> Row {
    Row(since: since) { (node) throws(ImportProblem) in try node.result(node.unary(kind, nil, node.tensor(0)))
    }
  }

  private static func arithmetic(_ kind: Binary.Kind) -> Row {
    Row(since: 7) { (node) throws(ImportProblem) in try node.arithmetic(kind) }
  }

  private static func reduction(_ before: UnaryKind?, _ after: UnaryKind?) -> Row {
    Row(since: 1) { (node) throws(ImportProblem) in
      try node.reduce(mean: false, before: before, after: after)
    }
  }

  private static func moving(
    since: Int = 1, _ translate: @escaping @Sendable (ImportNode) throws(ImportProblem) -> [ImportedValue]
  ) -> Row {
    Row(since: since, moves: .first, translate: translate)
  }
}
