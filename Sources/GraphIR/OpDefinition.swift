import Diagnostics

/// What the graph knows of one op. Each op is one struct in one file of `Ops/`: its attributes are
/// its stored properties.
///
/// A new op needs its file, its lines in `OpSet.swift`, and its kernels in the runtime's table; the
/// compiler points at each place. Where a requirement has a default, the default is right for every op, if
/// not the fastest.
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

  /// The results for these operands: what the op means, apart from all speed.
  ///
  /// - Parameters:
  ///   - results: The extents of each result.
  ///   - batch: What `N` stands for.
  func evaluate(_ operands: [ReferenceTensor], results: [[Int]], batch: Int) -> [ReferenceTensor]

  /// How images among its operands and results lie in memory.
  var layouts: OpLayouts { get }

  /// Whether the result has the elements of the only operand in the same logical order, so that it may be the
  /// operand under another name.
  var keepsElements: Bool { get }

  /// The operands that an executor may write a result over: their elements are read for the result's
  /// elements at the same places, and not afterwards.
  ///
  /// - Parameters:
  ///   - result: The result's number. Where several results may take an operand's place, one can.
  ///   - operandCount: How many operands the node has.
  func overwritableOperands(result: Int, operandCount: Int) -> [Int]

  /// The op as one instruction for each element, for the passes that chain such ops; nil for all others.
  var elementwise: ElementwiseProgram? { get }

  /// Multiplications with an addition that a direct computation takes; zero for ops that only move or map
  /// single elements. At most the largest integer.
  func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int
}

extension OpDefinition {
  public static var fields: [AttributeField<Self>] { [] }
  public static var differentiability: Differentiability { .differentiable }
  public static var members: [Self] { [Self()] }
  public var parameters: [Double] { [] }
  public func withParameters(_ parameters: [Double]) -> Self? { parameters.isEmpty ? self : nil }
  public var keepsElements: Bool { false }
  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] { [] }
  public var elementwise: ElementwiseProgram? { nil }
  public func multiplyAdds(operands: [TensorType], results: [TensorType], batch: Int) -> Int { 0 }

  /// The result types for these operand types, whose elements must be those that the signature names.
  ///
  /// - Throws: `TypeRuleViolation` when the op does not accept them.
  public func checkedTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    for (index, type) in operands.enumerated() {
      let expected = Self.signature.element(ofOperand: index)
      guard type.element == expected else {
        throw TypeRuleViolation(
          .operandsDiffer,
          [
            "op": mnemonic, "first": type.description,
            "second": TensorType(type.shape, layout: type.layout, element: expected).description,
          ], operand: index)
      }
    }
    return try inferTypes(operands)
  }
}

/// A product of sizes that each make sense alone, but may together exceed a word.
func saturatingProduct(_ factors: Int...) -> Int {
  factors.reduce(1) { product, factor in
    let (value, overflow) = product.multipliedReportingOverflow(by: factor)
    return overflow ? Int.max : value
  }
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
  /// Operands from here on are usually parameters, which stand still while images pass; nil: none is.
  public let parametersFrom: Int?
  /// The operands that are counters, `i64`; all others are `f32`.
  public let counters: Set<Int>

  public init(
    operands: [String], results: [String], repeatsFrom: Int? = nil, repeatsResults: Bool = false,
    optionalOperands: Int = 0, parametersFrom: Int? = nil, counters: Set<Int> = []
  ) {
    self.operands = operands
    self.results = results
    self.repeatsFrom = repeatsFrom
    self.repeatsResults = repeatsResults
    self.optionalOperands = optionalOperands
    self.parametersFrom = parametersFrom
    self.counters = counters
  }

  public func element(ofOperand index: Int) -> ElementType { counters.contains(index) ? .i64 : .f32 }

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
      builder.graph.addInput(
        .data, "x\(index)",
        TensorType(
          operand.shape.map { .fixed($0) }, element: type(of: op).signature.element(ofOperand: index)))
    }
    for (index, result) in try builder.tryEmit(op, inputs).enumerated() {
      builder.graph.addOutput("y\(index)", result)
    }
    return builder.graph
  }
}
