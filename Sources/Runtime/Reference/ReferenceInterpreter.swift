import GraphIR

/// The meaning of the op set: every op as a plain loop in 64-bit floats. Slow, and the oracle of every
/// other executor.
public struct ReferenceInterpreter: Sendable {
  public enum Failure: Error {
    case missingInput(String)
    case wrongShape(name: String, expected: [Int], actual: [Int])
    /// `gradient` means something only to `differentiate`.
    case notExecutable(String)
  }

  public let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  public struct Result: Sendable {
    /// By the output's name.
    public var outputs: [String: ReferenceTensor] = [:]
    /// The new contents of the inputs that the graph stores to, by the input's name.
    public var stores: [String: ReferenceTensor] = [:]
  }

  /// Runs the graph once.
  ///
  /// - Parameters:
  ///   - inputs: Data and state, by the input's name.
  ///   - batch: What `N` stands for.
  public func run(_ inputs: [String: ReferenceTensor], batch: Int) throws(Failure) -> Result {
    var values = [ReferenceTensor?](repeating: nil, count: graph.values.count)
    for input in graph.inputs {
      guard let tensor = inputs[input.name] else { throw .missingInput(input.name) }
      let expected = graph.type(of: input.value).extents(batch: batch)
      guard tensor.shape == expected else {
        throw .wrongShape(name: input.name, expected: expected, actual: tensor.shape)
      }
      values[input.value.index] = tensor
    }
    // Values are dropped after their last use: a step of a real model holds many.
    var remaining = graph.useCounts()
    for node in graph.nodes {
      let operands = node.operands.map { values[$0.index] ?? ReferenceTensor(shape: []) }
      let shapes = node.results.map { graph.type(of: $0).extents(batch: batch) }
      let results = try evaluate(node.op, operands, shapes: shapes, batch: batch)
      for (result, tensor) in zip(node.results, results) { values[result.index] = tensor }
      for operand in node.operands {
        remaining[operand.index] -= 1
        if remaining[operand.index] == 0 { values[operand.index] = nil }
      }
    }
    var result = Result()
    for output in graph.outputs { result.outputs[output.name] = values[output.value.index] }
    for store in graph.stores {
      guard let target = graph.inputs.first(where: { $0.value == store.target }) else { continue }
      result.stores[target.name] = values[store.value.index]
    }
    return result
  }

  private func evaluate(
    _ op: Op, _ x: [ReferenceTensor], shapes: [[Int]], batch: Int
  ) throws(Failure) -> [ReferenceTensor] {
    switch op {
    case .unary(let op): return [x[0].map { op.function($0) }]
    case .unaryGradient(let op): return [x[0].zip(x[1]) { $0 * op.function.derivative($1) }]
    case .binary(let op):
      return [x[0].zip(x[1]) { op.kind($0, $1) }]
    case .affine(let op): return [x[0].map { op.scale * $0 + op.offset }]
    case .constant(let op): return [ReferenceTensor(shape: shapes[0], repeating: op.value)]
    case .reduce(let op): return [ReferenceShape.reduce(op, x[0], result: shapes[0])]
    case .broadcast(let op): return [ReferenceShape.broadcast(op, x[0], result: shapes[0])]
    case .reshape: return [ReferenceTensor(shape: shapes[0], values: x[0].values)]
    case .concat(let op): return [ReferenceShape.concat(op, x, result: shapes[0])]
    case .slice(let op): return [ReferenceShape.slice(op, x[0], result: shapes[0])]
    case .pad(let op): return [ReferenceShape.pad(op, x[0], result: shapes[0])]
    case .relayout, .detach: return [x[0]]
    case .matmul(let op): return [ReferenceShape.matmul(op, x[0], x[1], result: shapes[0])]
    case .biasAdd: return [biasAdd(x[0], x[1])]
    case .conv2D(let op):
      return [ReferenceConvolution.forward(op.geometry, x[0], x[1], result: shapes[0])]
    case .convTranspose2D(let op):
      return [ReferenceConvolution.transposed(op.geometry, x[0], x[1], result: shapes[0])]
    case .conv2DWeightGradient(let op):
      let gradient = ReferenceConvolution.weightGradient(op.geometry, x[0], x[1], result: shapes[0])
      return [x.count > 2 ? x[2].zip(gradient, +) : gradient]
    case .batchNormTrain(let op):
      let (mean, variance) = ReferenceBatchNorm.statistics(x[0])
      let output = ReferenceBatchNorm.apply(
        x[0], weight: x[1], bias: x[2], mean: mean, variance: variance, eps: op.eps)
      return [output, mean, variance]
    case .batchNormInfer(let op):
      return [
        ReferenceBatchNorm.apply(
          x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], eps: op.eps)
      ]
    case .batchNormGradient(let op):
      return ReferenceBatchNorm.gradient(
        x[0], x[1], weight: x[2], mean: x[3], variance: x[4], eps: op.eps)
    case .updateRunningStatistics(let op):
      let count = Double(batch * op.valuesPerImage)
      let unbiased = x[3].map { $0 * count / (count - 1) }
      func blend(_ old: Double, _ new: Double) -> Double { (1 - op.momentum) * old + op.momentum * new }
      return [x[0].zip(x[2], blend), x[1].zip(unbiased, blend)]
    case .upsampleNearest(let op): return [ReferenceShape.upsample(op, x[0], result: shapes[0])]
    case .avgPool2D(let op): return [ReferencePooling.average(op, x[0], result: shapes[0])]
    case .avgPool2DGradient(let op):
      return [ReferencePooling.averageGradient(op, x[0], result: shapes[0])]
    case .maxPool2D(let op):
      return [ReferencePooling.maximum(op.geometry, of: x[0], chosenBy: x[0], result: shapes[0])]
    case .maxPool2DGradient(let op): return [ReferencePooling.maximumGradient(op.geometry, x[0], x[1])]
    case .maxPool2DGather(let op):
      return [ReferencePooling.maximum(op.geometry, of: x[0], chosenBy: x[1], result: shapes[0])]
    case .dropoutMask(let op):
      let source = RandomSource(seed: op.seed, rawStream: op.stream, step: Int(x[0].values[0]))
      var mask = ReferenceTensor(shape: shapes[0])
      for index in mask.values.indices {
        mask.values[index] = source.uniform(index) >= op.rate ? 1 / (1 - op.rate) : 0
      }
      return [mask]
    case .adam(let op): return ReferenceOptimizers.adam(op, x)
    case .sgd(let op): return ReferenceOptimizers.sgd(op, x)
    case .rmsprop(let op): return ReferenceOptimizers.rmsprop(op, x)
    case .gradient: throw .notExecutable(op.definition.mnemonic)
    case .fusedConvolution(let op):
      var output =
        op.isTransposed
        ? ReferenceConvolution.transposed(op.geometry, x[0], x[1], result: shapes[0])
        : ReferenceConvolution.forward(op.geometry, x[0], x[1], result: shapes[0])
      if x.count > 2 { output = biasAdd(output, x[2]) }
      if let activation = op.activation { output = output.map { activation($0) } }
      if !op.emitsStatistics { return [output] }
      let (mean, variance) = ReferenceBatchNorm.statistics(output)
      return [output, mean, variance]
    case .channelStatistics:
      let (mean, variance) = ReferenceBatchNorm.statistics(x[0])
      return [mean, variance]
    case .batchNormApply(let op):
      return [
        ReferenceBatchNorm.apply(
          x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], eps: op.eps,
          activation: op.activation)
      ]
    case .batchNormActivationGradient(let op):
      let normalized = ReferenceBatchNorm.apply(
        x[1], weight: x[2], bias: x[3], mean: x[4], variance: x[5], eps: op.eps)
      let read = op.activation.reads == .input ? normalized : normalized.map { op.activation($0) }
      return ReferenceBatchNorm.gradient(
        x[0].zip(read) { $0 * op.activation.derivative($1) }, x[1], weight: x[2], mean: x[4],
        variance: x[5], eps: op.eps)
    case .fusedElementwise(let op): return ReferenceElementwise.run(op.program, x, result: shapes[0])
    }
  }

  private func biasAdd(_ input: ReferenceTensor, _ bias: ReferenceTensor) -> ReferenceTensor {
    var output = input
    ReferenceBatchNorm.forEach(input) { index, channel in output.values[index] += bias.values[channel] }
    return output
  }
}
