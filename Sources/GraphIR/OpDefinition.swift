import Diagnostics

/// What the graph knows of one op. Each op is one struct in one file of `Ops/`: its attributes are
/// its stored properties.
///
/// A new op needs its file, its lines in `OpSet.swift`, and its kernels in the runtime's table; the
/// compiler points at each place.
public protocol OpDefinition: Hashable, Sendable {
  /// The names of operands and results, as documentation and the verifier use them.
  static var signature: OpSignature { get }

  /// Whether and why (not) the op can be differentiated.
  static var differentiability: Differentiability { get }

  /// All attributes, in the order of the text form.
  static var fields: [AttributeField<Self>] { get }

  /// Inputs on which the generic tests run the op: gradients against finite differences, kernels
  /// against the interpreter, text against the parser.
  static var samples: [OpSample] { get }

  /// The ops that this definition stands for, each with every attribute at its default: itself, or the
  /// members of a family (`relu`, `tanh`, …).
  static var members: [Self] { get }

  /// The op with every attribute at its default.
  init()

  /// The op as a member of the op set.
  var op: Op { get }

  /// The name in the text form. A family of ops has one per member.
  var mnemonic: String { get }

  /// The numbers that follow the mnemonic in parentheses: `leaky_relu(0.2)`.
  var parameters: [Double] { get }

  /// The op with other parameters, or nil if it does not have so many.
  func withParameters(_ parameters: [Double]) -> Self?

  /// The result types for these operand types.
  ///
  /// - Throws: `TypeRuleViolation`, naming a diagnostic's kind, when the op does not accept them.
  func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType]

  /// Emits the cotangents of the operands, given those of the results, as ordinary ops.
  func pullback(_ context: inout PullbackContext)
}

extension OpDefinition {
  public static var fields: [AttributeField<Self>] { [] }
  public static var differentiability: Differentiability { .differentiable }
  public static var members: [Self] { [Self()] }
  public var parameters: [Double] { [] }
  public func withParameters(_ parameters: [Double]) -> Self? { parameters.isEmpty ? self : nil }
}

/// The names of an op's operands and results.
public struct OpSignature: Sendable {
  public let operands: [String]
  public let results: [String]
  /// Operands from here on repeat as a group: `[step, (parameter, gradient, m, v)…]` has 1.
  public let repeatsFrom: Int?
  /// Results repeat as a group of all result names, once per repetition of the operands.
  public let repeatsResults: Bool
  /// How many trailing operands may be left out.
  public let optionalOperands: Int

  public init(
    operands: [String], results: [String], repeatsFrom: Int? = nil, repeatsResults: Bool = false,
    optionalOperands: Int = 0
  ) {
    self.operands = operands
    self.results = results
    self.repeatsFrom = repeatsFrom
    self.repeatsResults = repeatsResults
    self.optionalOperands = optionalOperands
  }

  /// Whether this many operands fit.
  public func accepts(operandCount: Int) -> Bool {
    if let repeatsFrom {
      let group = operands.count - repeatsFrom
      return operandCount >= operands.count && (operandCount - repeatsFrom) % group == 0
    }
    return (operands.count - optionalOperands...operands.count).contains(operandCount)
  }
}

public enum Differentiability: Sendable {
  case differentiable
  /// The reason in words: "an optimiser's update ends the step".
  case nonDifferentiable(String)
}

/// Why an op does not accept its operands: the kind of a diagnostic and its arguments.
public struct TypeRuleViolation: Error, Sendable {
  public var kind: DiagnosticKind
  public var arguments: [(name: String, value: String)]
  /// The operand at fault, where there is one.
  public var operand: Int?

  public init(
    _ kind: DiagnosticKind, _ arguments: KeyValuePairs<String, String> = [:], operand: Int? = nil
  ) {
    self.kind = kind
    self.arguments = arguments.map { (name: $0.key, value: $0.value) }
    self.operand = operand
  }
}

/// One case that the generic tests run an op on.
public struct OpSample: Sendable {
  /// Where an operand's random values lie, so that finite differences stay away from kinks and poles.
  public enum Values: Sendable {
    case uniform(ClosedRange<Double>)
    /// Uniform, but no value within `distance` of a kink.
    case uniformAvoiding(ClosedRange<Double>, kinks: [Double], distance: Double)
    /// All different by at least 0.01: for ops that choose a maximum.
    case distinct
  }

  public var op: any OpDefinition
  public var operands: [(shape: [Int], values: Values)]
  /// Operands whose gradient is not checked (labels, statistics that only train).
  public var constantOperands: Set<Int>
  /// How far the fp32 kernel may be from the interpreter, relative to the largest value.
  public var tolerance: Double

  public init(
    _ op: any OpDefinition, _ shapes: [[Int]], values: Values = .uniform(-1...1),
    overrides: [Int: Values] = [:], constantOperands: Set<Int> = [], tolerance: Double = 2e-6
  ) {
    self.op = op
    operands = shapes.enumerated().map { ($0.element, overrides[$0.offset] ?? values) }
    self.constantOperands = constantOperands
    self.tolerance = tolerance
  }

  /// The op alone: inputs `x0`, `x1`, … and outputs `y0`, `y1`, ….
  ///
  /// - Throws: the op's `TypeRuleViolation`, which means that the sample is wrong.
  public func graph() throws(TypeRuleViolation) -> Graph {
    var builder = GraphBuilder(Graph(name: op.mnemonic, mode: .train))
    let inputs = operands.enumerated().map { index, operand in
      builder.graph.addInput(.data, "x\(index)", TensorType(operand.shape.map { .fixed($0) }))
    }
    for (index, result) in try builder.tryEmit(op, inputs).enumerated() {
      builder.graph.addOutput("y\(index)", result)
    }
    return builder.graph
  }
}
