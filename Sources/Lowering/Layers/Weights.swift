import GraphIR
import ModelSpec

/// How the weight of a layer is made from what trains.
let weightAttributes: [AttributeSchema] = [
  .init(
    "init", .choice(InitializerDefinition.names), .optional,
    "how the weight begins, in place of the model's `init`"),
  .init(
    "init_gain", .number(0...1e6, isOpen: true), .optional,
    "what a weight is multiplied by whose `init` names a distribution; 1 by default"),
  .init(
    "spectral_norm", .bool, .optional,
    "whether the weight is divided by its largest singular value, as one power iteration a use finds it"),
  .init(
    "equalized_lr", .bool, .optional,
    "whether the weight begins as normal numbers of deviation 1 and is scaled where it is used"),
  .init(
    "gain", .number(0...1e6, isOpen: true), .optional,
    "with `equalized_lr`, what the scale 1/√fan_in is multiplied by; √2 by default"),
]

extension LayerContext {
  var usesSpectralNorm: Bool { layer.kind.bool("spectral_norm") == true }
  var equalizesLearningRate: Bool { layer.kind.bool("equalized_lr") == true }

  /// A weight, made as the layer's attributes say.
  ///
  /// - Parameters:
  ///   - name: `theta.weight` where a layer has several.
  ///   - outputAxis: The axis of the outputs: 1 for a transposed convolution.
  ///   - initializer: How it begins unless `equalized_lr` says it.
  mutating func weight(
    _ shape: [Int], named name: String = "weight", outputAxis: Int = 0,
    _ initializer: ParameterDefinition.Initializer
  ) throws(TypeRuleViolation) -> ValueID {
    let path = name.split(separator: ".").map(String.init)
    let stored =
      usesSpectralNorm
      ? (path.dropLast() + ["parametrizations", path[path.count - 1], "original"]).joined(separator: ".")
      : name
    let begins = equalizesLearningRate ? .normal(mean: 0, deviation: 1) : initializer
    var value = try parameter(stored, shape, begins)
    if equalizesLearningRate {
      // What one output adds up, in either direction of a convolution.
      let fanIn = shape[1 - outputAxis] * shape[2...].reduce(1, *)
      let gain = layer.kind.number("gain") ?? 2.0.squareRoot()
      value = try emit(Affine(scale: gain / Double(fanIn).squareRoot()), value)
    }
    if usesSpectralNorm {
      value = try spectrallyNormalized(value, stored: stored, outputAxis: outputAxis)
    }
    return value
  }

  /// A bias, which begins at zero where the learning rate is equalised.
  mutating func bias(
    _ count: Int, named name: String = "bias", _ initializer: ParameterDefinition.Initializer
  ) throws(TypeRuleViolation) -> ValueID {
    try parameter(name, [count], equalizesLearningRate ? .constant(0) : initializer)
  }

  /// W / σ with σ = uᵀ·W·v, W being the matrix of the outputs and all the rest. In training, u and then v take
  /// one step of power iteration first, through which no gradient flows.
  /// Source: PyTorch `torch.nn.utils.parametrizations.spectral_norm`.
  private mutating func spectrallyNormalized(
    _ weight: ValueID, stored: String, outputAxis: Int
  ) throws(TypeRuleViolation) -> ValueID {
    let eps = 1e-12
    var matrix = weight
    let shape = type(of: weight).shape
    if outputAxis != 0 {
      matrix = try emit(Permute(order: [outputAxis] + shape.indices.filter { $0 != outputAxis }), matrix)
    }
    let rows = shape[outputAxis].extent(batch: 1)
    let columns = type(of: weight).elementCount(batch: 1) / rows
    matrix = try emit(Reshape(shape: [.fixed(rows), .fixed(columns)]), matrix)
    let prefix = stored.dropLast("original".count)
    let names = (u: "\(prefix)0._u", v: "\(prefix)0._v")
    let full = "\(path).\(stored)"
    let storedU = statistic(
      names.u, [rows], .singularVector(of: full, side: .left, outputAxis: outputAxis))
    let storedV = statistic(
      names.v, [columns], .singularVector(of: full, side: .right, outputAxis: outputAxis))
    var u = try emit(Reshape(shape: [1, .fixed(rows)]), storedU)
    var v = try emit(Reshape(shape: [1, .fixed(columns)]), storedV)
    if mode == .train {
      u = try unit(multiply(v, by: matrix), eps: eps)
      u = try emit(Detach(), u)
      v = try unit(emit(Matmul(), u, matrix), eps: eps)
      v = try emit(Detach(), v)
      update(names.u, try emit(Reshape(shape: [.fixed(rows)]), u))
      update(names.v, try emit(Reshape(shape: [.fixed(columns)]), v))
    }
    let product = try emit(Binary(.multiply), u, multiply(v, by: matrix))
    let sigma = try emit(Reduce(axes: [0, 1], mean: false), product)
    let inverse = try emit(Unary(UnaryFunction(.reciprocal)), sigma)
    return try scale(weight, by: inverse, along: Array(shape.indices))
  }

  /// A row over its norm, which is at least eps.
  private mutating func unit(_ row: ValueID, eps: Double) throws(TypeRuleViolation) -> ValueID {
    let sum = try emit(Reduce(axes: [0, 1], mean: false), emit(Unary(UnaryFunction(.square)), row))
    let norm = try emit(Unary(UnaryFunction(.sqrt)), sum)
    let floor = try emit(Constant(value: eps, shape: []))
    let length = try emit(Binary(.maximum), norm, floor)
    return try scale(row, by: emit(Unary(UnaryFunction(.reciprocal)), length), along: [0, 1])
  }
}
