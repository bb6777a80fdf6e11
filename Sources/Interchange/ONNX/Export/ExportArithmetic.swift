import GraphIR

/// Functions of single numbers.
extension ExportRow {
  func unary(
    _ function: UnaryFunction, _ node: Node, _ refuse: (String) -> ONNXExportError
  ) throws(ONNXExportError) {
    let x = operand(node.operands[0])
    let p = function.parameters
    switch function.kind {
    case .relu: finish("Relu", [x])
    case .leakyReLU: finish("LeakyRelu", [x], [.init("alpha", .float(Float(p[0])))])
    case .tanh: finish("Tanh", [x])
    case .sigmoid: finish("Sigmoid", [x])
    case .elu: finish("Elu", [x], [.init("alpha", .float(Float(p[0])))])
    case .softplus:
      // Above the threshold PyTorch takes x itself, which 32-bit floats cannot tell from this.
      guard p[0] != 1 else { return finish("Softplus", [x]) }
      let beta = scalar(p[0], "beta")
      let smooth = step("Softplus", [step("Mul", [x, beta])])
      finish("Div", [smooth, beta])
    case .silu: finish("Mul", [x, step("Sigmoid", [x])])
    case .gelu: p[0] == 0 ? gelu(x) : geluTanh(x)
    case .exp: finish("Exp", [x])
    case .log: finish("Log", [x])
    case .sqrt, .rootOfSquares: finish("Sqrt", [x])
    case .rsqrt: finish("Reciprocal", [step("Sqrt", [x])])
    case .square: finish("Mul", [x, x])
    case .reciprocal: finish("Reciprocal", [x])
    case .absolute: finish("Abs", [x])
    case .sign: finish("Sign", [x])
    case .step:
      let isPositive = step("Greater", [x, scalar(0, "zero")], element: .bool)
      finish("Cast", [isPositive], [.init("to", .integer(Int64(ONNXElementType.float.rawValue)))])
    case .clamp, .hardtanh: finish("Clip", [x, scalar(p[0], "minimum"), scalar(p[1], "maximum")])
    case .bce, .bceWithLogits: throw refuse("is a loss, and in no network's inference form")
    }
  }

  /// ½·x·(1 + erf(x/√2)).
  private func gelu(_ x: String) {
    let scaled = step("Mul", [x, scalar(0.5.squareRoot(), "scale")])
    let sum = step("Add", [step("Erf", [scaled]), scalar(1, "one")])
    finish("Mul", [step("Mul", [x, sum]), scalar(0.5, "half")])
  }

  /// ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  private func geluTanh(_ x: String) {
    let cube = step("Mul", [step("Mul", [x, x]), x])
    let inner = step("Add", [x, step("Mul", [cube, scalar(0.044715, "cubic")])])
    let bent = step("Tanh", [step("Mul", [inner, scalar((2 / Double.pi).squareRoot(), "scale")])])
    let sum = step("Add", [bent, scalar(1, "one")])
    finish("Mul", [step("Mul", [x, sum]), scalar(0.5, "half")])
  }

  func affine(_ op: Affine, _ node: Node) {
    let x = operand(node.operands[0])
    if op.offset == 0 { return finish("Mul", [x, scalar(op.scale, "scale")]) }
    let scaled = op.scale == 1 ? x : step("Mul", [x, scalar(op.scale, "scale")])
    finish("Add", [scaled, scalar(op.offset, "offset")])
  }

  func binary(_ kind: Binary.Kind, _ node: Node) {
    let operands = node.operands.map { factor($0) }
    switch kind {
    case .add: finish("Add", operands)
    case .subtract: finish("Sub", operands)
    case .multiply: finish("Mul", operands)
    case .divide: finish("Div", operands)
    case .maximum: finish("Max", operands)
    case .minimum: finish("Min", operands)
    }
  }

  /// An operand of an element-wise node, which repeats it by itself where a repetition was absorbed.
  private func factor(_ value: ValueID) -> String {
    guard let producer = exporter.producer(of: value), exporter.isAbsorbed(producer.index),
      case .broadcast(let op) = producer.node.op
    else { return operand(value) }
    return view(producer.node.operands[0], without: op.axes, of: type(of: value)).name
  }

  /// A value with extents of one where `axes` of a larger type are missing; leading ones are left out.
  func view(
    _ value: ValueID, without axes: [Int], of type: TensorType
  ) -> (name: String, shape: [Dimension]) {
    var shape = type.shape
    for axis in axes { shape[axis] = 1 }
    while shape.first == 1 { shape.removeFirst() }
    let name = operand(value)
    if shape == self.type(of: value).shape { return (name, shape) }
    return (reshaped(name, from: self.type(of: value).shape, to: shape), shape)
  }

  func biasAdd(_ node: Node, _ type: TensorType) {
    let axes = type.shape.indices.filter { $0 != 1 }
    let bias = view(node.operands[1], without: Array(axes), of: type).name
    finish("Add", [operand(node.operands[0]), bias])
  }

  func reduce(_ op: Reduce, _ node: Node, _ type: TensorType) {
    let x = operand(node.operands[0])
    if op.mean {
      finish("ReduceMean", [x], [.init("axes", op.axes), .init("keepdims", .integer(0))])
    } else {
      finish("ReduceSum", [x, integers(op.axes, "axes")], [.init("keepdims", .integer(0))])
    }
  }
}
