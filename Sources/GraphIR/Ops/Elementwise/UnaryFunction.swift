/// The scalar functions of one variable. Each has its definition in one file of `Functions/`.
public enum UnaryKind: String, CaseIterable, Hashable, Sendable {
  // Activations.
  case relu
  case leakyReLU = "leaky_relu"
  case tanh, sigmoid, elu, softplus, silu, gelu
  // Losses, element by element.
  case bce
  case bceWithLogits = "bce_with_logits"
  // Arithmetic.
  case exp, log, sqrt, rsqrt, square, reciprocal, absolute, step, sign, clamp, hardtanh
  case rootOfSquares = "root_of_squares"

  public var definition: UnaryDefinition {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .elu: .elu
    case .softplus: .softplus
    case .silu: .silu
    case .gelu: .gelu
    case .bce: .bce
    case .bceWithLogits: .bceWithLogits
    case .exp: .exp
    case .log: .log
    case .sqrt: .sqrt
    case .rsqrt: .rsqrt
    case .square: .square
    case .reciprocal: .reciprocal
    case .absolute: .absolute
    case .step: .step
    case .sign: .sign
    case .clamp: .clamp
    case .hardtanh: .hardtanh
    case .rootOfSquares: .rootOfSquares
    }
  }
}

/// A scalar function with its parameters: `leaky_relu(0.2)`.
public struct UnaryFunction: Hashable, Sendable {
  public var kind: UnaryKind
  /// As many as the definition has parameter names.
  public var parameters: [Double]

  public init(_ kind: UnaryKind, _ parameters: [Double]? = nil) {
    self.kind = kind
    self.parameters = parameters ?? kind.definition.parameterDefaults
  }

  public static let relu = UnaryFunction(.relu)
  public static let tanh = UnaryFunction(.tanh)
  public static let sigmoid = UnaryFunction(.sigmoid)
  public static func leakyReLU(slope: Double) -> UnaryFunction { .init(.leakyReLU, [slope]) }

  /// What the generic tests run: each function, and those whose formulas change with their parameters.
  static let samples: [UnaryFunction] =
    UnaryKind.allCases.map { UnaryFunction($0) } + [
      UnaryFunction(.leakyReLU, [-0.5]), UnaryFunction(.elu, [0.5]), UnaryFunction(.softplus, [2, 20]),
      UnaryFunction(.gelu, [1]), UnaryFunction(.bce, [0.1]), UnaryFunction(.bceWithLogits, [0.1]),
    ]

  /// f(x).
  public func callAsFunction(_ x: Double) -> Double { kind.definition.value(x, parameters) }

  /// Whether the derivative is taken from x or from f(x). A leaky ReLU's result has the sign of its
  /// input as long as the slope is positive.
  public var reads: UnaryDefinition.Reads {
    kind == .leakyReLU && parameters[0] > 0 ? .result : kind.definition.reads
  }

  /// f'(x), from `x` or from f(x), whichever `reads` says.
  public func derivative(_ read: Double) -> Double { kind.definition.derivative(read, parameters) }
}

extension UnaryFunction: AttributeRepresentable {
  public var attributeValue: AttributeValue {
    parameters.isEmpty
      ? .word(kind.rawValue) : .call(kind.rawValue, parameters.map(AttributeValue.double))
  }

  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .word(let name):
      guard let kind = UnaryKind(rawValue: name) else { return nil }
      self.init(kind)
    case .call(let name, let arguments):
      let parameters = arguments.compactMap(Double.init(attributeValue:))
      guard parameters.count == arguments.count else { return nil }
      self.init(name: name, parameters: parameters)
    default: return nil
    }
  }
}

/// All that the graph knows of a scalar function.
public struct UnaryDefinition: Sendable {
  /// What the derivative is computed from. Reading the result lets the memory plan drop `x`.
  public enum Reads: Sendable {
    case input, result
  }

  public let parameterNames: [String]
  public let parameterDefaults: [Double]
  let reads: Reads
  public let value: @Sendable (_ x: Double, _ parameters: [Double]) -> Double
  /// f' at the value that `reads` names.
  public let derivative: @Sendable (_ read: Double, _ parameters: [Double]) -> Double
  /// Emits ∂f'/∂read for the tensor `read`; nil where it is zero almost everywhere.
  public let secondDerivative:
    (@Sendable (_ context: inout PullbackContext, _ read: ValueID, _ parameters: [Double]) -> ValueID)?
  /// Where the generic tests draw x from, and the points that finite differences must avoid.
  public let domain: ClosedRange<Double>
  public let kinks: [Double]
  /// Whether networks use it as an activation, so that kernels can apply it on their way out.
  public let isActivation: Bool

  public init(
    parameters: KeyValuePairs<String, Double> = [:], isActivation: Bool = false, reads: Reads = .input,
    domain: ClosedRange<Double> = -3...3, kinks: [Double] = [],
    value: @escaping @Sendable (Double, [Double]) -> Double,
    derivative: @escaping @Sendable (Double, [Double]) -> Double,
    secondDerivative: (@Sendable (inout PullbackContext, ValueID, [Double]) -> ValueID)? = nil
  ) {
    parameterNames = parameters.map(\.key)
    parameterDefaults = parameters.map(\.value)
    self.isActivation = isActivation
    self.reads = reads
    self.domain = domain
    self.kinks = kinks
    self.value = value
    self.derivative = derivative
    self.secondDerivative = secondDerivative
  }
}
