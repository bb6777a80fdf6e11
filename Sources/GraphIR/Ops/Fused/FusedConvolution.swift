import Diagnostics

/// A convolution, plain or transposed, with what follows it done on its way out: a bias, an
/// activation, or the batch statistics that a batch norm is about to ask for.
///
/// (input, weight, [bias]) → (output, [mean, variance]). Statistics are those of the output, biased;
/// a convolution that emits them has no activation.
public struct FusedConvolution: OpDefinition {
  public var geometry = ConvolutionGeometry()
  public var outputPadding: Size2 = 0
  public var isTransposed = false
  public var activation: UnaryFunction?
  public var emitsStatistics = false

  public init() {}

  public init(_ convolution: Conv2D) { geometry = convolution.geometry }

  public init(_ convolution: ConvTranspose2D) {
    geometry = convolution.geometry
    outputPadding = convolution.outputPadding
    isTransposed = true
  }

  public static let signature = OpSignature(
    operands: ["input", "weight", "bias"], results: ["output", "mean", "variance"], optionalOperands: 1,
    parametersFrom: 1)
  public static let differentiability = madeAfterDifferentiation
  public static let fields: [AttributeField<Self>] = [
    .init("transposed", \.isTransposed), .init("stride", \.geometry.stride),
    .init("padding", \.geometry.padding), .init("output_padding", \.outputPadding),
    .init("dilation", \.geometry.dilation), .init("groups", \.geometry.groups),
    .init("activation", \.activation), .init("statistics", \.emitsStatistics),
  ]
  public var op: Op { .fusedConvolution(self) }
  public var mnemonic: String { "fused_convolution" }

  /// The convolution alone.
  public var convolution: any OpDefinition {
    isTransposed ? ConvTranspose2D(geometry, outputPadding: outputPadding) : Conv2D(geometry)
  }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let output = try convolution.inferTypes(Array(operands.prefix(2)))[0]
    if operands.count > 2 { try checkPerChannel(operands[2], of: output, op: mnemonic, operand: 2) }
    let statistics = TensorType([output.shape[1]])
    return emitsStatistics ? [output, statistics, statistics] : [output]
  }

  public func pullback(_ context: inout PullbackContext) {}

  public var layouts: OpLayouts { .convolution }

  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int {
    convolutionMultiplyAdds(
      small: isTransposed ? operands[0] : results[0], weight: operands[1], batch: batch)
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var output = convolution.evaluate(x, results: results, batch: batch)[0]
    if x.count > 2 { output = output.addingPerChannel(x[2]) }
    if let activation { output = output.map { activation($0) } }
    if !emitsStatistics { return [output] }
    let (mean, variance) = ReferenceBatchNorm.statistics(output)
    return [output, mean, variance]
  }

  public static let samples: [OpSample] = {
    var withBias = FusedConvolution(Conv2D(.init(stride: 2, padding: 1)))
    withBias.activation = .leakyReLU(slope: 0.2)
    var withStatistics = FusedConvolution(ConvTranspose2D(.init(stride: 2, padding: 1)))
    withStatistics.emitsStatistics = true
    var transposed = withStatistics
    transposed.emitsStatistics = false
    transposed.activation = .tanh
    return [
      OpSample(withBias, [[2, 3, 6, 8], [5, 3, 4, 4], [5]]),
      OpSample(withStatistics, [[2, 4, 3, 5], [4, 3, 4, 4]], tolerance: 1e-5),
      OpSample(transposed, [[2, 4, 3, 5], [4, 3, 4, 4], [3]]),
    ]
  }()
}

let madeAfterDifferentiation = Differentiability.nonDifferentiable(
  "the fusion passes make it after differentiation")
