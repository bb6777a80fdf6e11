import Diagnostics
import GraphIR
import ModelSpec

/// A layer of the language: what may be written about it, and the ops that it becomes.
public struct LayerDefinition: Sendable {
  /// What the layer's first input must be, where that decides how the latent vector is handed over.
  public enum InputForm: Sendable {
    /// `[N, C, H, W]`
    case image
    /// `[N, features]`
    case vector
    case any
  }

  public var schema: LayerSchema
  public var input: InputForm
  /// Whether its output always has its input's shape, so that a diagnostic about it concerns a layer before.
  public var preservesShape: Bool
  /// Whether its output has as many axes as its input, so that a layer behind it sees the same form.
  public var preservesRank: Bool
  /// Emits the layer's ops.
  let lower: @Sendable (inout LayerContext) throws(TypeRuleViolation) -> ValueID

  init(
    _ schema: Schema, inputs: InputArity = .one, input: InputForm = .any, preservesShape: Bool = false,
    preservesRank: Bool = true,
    lower: @escaping @Sendable (inout LayerContext) throws(TypeRuleViolation) -> ValueID
  ) {
    self.schema = LayerSchema(schema, inputs: inputs)
    self.input = input
    self.preservesShape = preservesShape
    self.preservesRank = preservesRank
    self.lower = lower
  }

  /// Every layer there is, but for `residual` and `repeat`, which are structure.
  public static let all: [LayerDefinition] =
    convolutions + [linear] + batchNorms + normalizations + activations + dropouts + shapes + [padding]
    + poolings + resampling + combinations + parts + conditioning + attention + styles
    + elementary

  static let byName: [String: LayerDefinition] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.schema.schema.name, $0) })
}

/// A number that trains or is kept, with its start.
public struct ParameterDefinition: Hashable, Sendable {
  public enum Initializer: Hashable, Sendable {
    case constant(Double)
    /// Uniform in ±bound.
    case uniform(bound: Double)
    case normal(mean: Double, deviation: Double)
    /// Rows, or columns where they are fewer, that are orthogonal and of length `gain`, at random; the matrix is
    /// the first axis and all the rest.
    case orthogonal(gain: Double)
    /// In row-major order.
    case values([Double])
    /// As another tensor begins.
    case copy(of: String)
    /// What power iteration finds for the matrix of another tensor's `outputAxis` and all the rest.
    case singularVector(of: String, side: Side, outputAxis: Int)

    public enum Side: Hashable, Sendable {
      case left, right
    }
  }

  /// As PyTorch's `state_dict` names it: `generator.0.weight`.
  public var name: String
  public var shape: [Int]
  public var initializer: Initializer
  public var role: StateRole
  /// The network that it belongs to.
  public var network: String
  public var element: ElementType

  public init(
    name: String, shape: [Int], initializer: Initializer, role: StateRole, network: String,
    element: ElementType = .f32
  ) {
    (self.name, self.shape, self.initializer) = (name, shape, initializer)
    (self.role, self.network, self.element) = (role, network, element)
  }

  /// What the average of a parameter is called.
  public static func average(of parameter: String) -> String { "average.\(parameter)" }

  public var kind: GraphInput.Kind { role.kind }
  public var count: Int { shape.reduce(1, *) }
  var type: TensorType { TensorType(shape.map(Dimension.fixed), element: element) }
}

/// What a layer sees while it is lowered.
struct LayerContext {
  var builder: GraphBuilder
  var store: ParameterStore
  let layer: LayerSpec
  let network: String
  /// `generator.3`
  let path: String
  let inputs: [ValueID]
  let mode: Graph.Mode
  let initialization: String
  let seed: Int
  /// Whether the stage of training brings something in.
  let fades: Bool

  var input: ValueID { inputs[0] }
  func type(of value: ValueID) -> TensorType { builder.type(of: value) }

  /// The number of channels (axis 1) of the input.
  func inputChannels(_ op: String) throws(TypeRuleViolation) -> Int {
    let type = type(of: input)
    guard type.rank >= 2, let channels = type.shape[1].fixedExtent else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": op, "expected": "at least 2", "actual": type.description], operand: 0)
    }
    return channels
  }

  /// - Throws: a violation when the parameter would be larger than any tensor may be.
  mutating func parameter(
    _ name: String, _ shape: [Int], _ initializer: ParameterDefinition.Initializer
  ) throws(TypeRuleViolation) -> ValueID {
    let type = TensorType(shape.map(Dimension.fixed))
    guard type.isAddressable else {
      throw TypeRuleViolation(
        .shapeTooLarge, ["op": layer.kind.name.value, "shape": "\(type.userText) weights"])
    }
    return store.value(
      ParameterDefinition(
        name: "\(path).\(name)", shape: shape, initializer: initializer, role: .parameter, network: network),
      in: &builder)
  }

  mutating func statistic(
    _ name: String, _ shape: [Int], _ initializer: ParameterDefinition.Initializer
  ) -> ValueID {
    store.value(
      ParameterDefinition(
        name: "\(path).\(name)", shape: shape, initializer: initializer, role: .statistic,
        network: network),
      in: &builder)
  }

  /// Counts this application of the layer: the number of those before it, since training began. Nothing counts
  /// where nothing trains.
  mutating func count(
    _ name: String, role: StateRole
  ) throws(TypeRuleViolation) -> ValueID {
    let definition = ParameterDefinition(
      name: name, shape: [], initializer: .constant(0), role: role, network: network, element: .i64)
    let count = store.value(definition, in: &builder)
    if mode == .train { store.current[name] = try emit(Increment(), count) }
    return count
  }

  /// What a later application of the layer reads in the parameter's or statistic's place, and what is
  /// stored at the end.
  mutating func update(_ name: String, _ value: ValueID) { store.current["\(path).\(name)"] = value }

  mutating func emit(
    _ op: some OpDefinition, _ operands: ValueID...
  ) throws(TypeRuleViolation) -> ValueID {
    try builder.tryEmit(op, operands)[0]
  }
}

/// The parameters and statistics of a graph, and what stands for each of them now.
struct ParameterStore {
  private(set) var definitions: [ParameterDefinition] = []
  /// The graph's input of each name.
  private(set) var inputs: [String: ValueID] = [:]
  /// The value of each name after the updates so far.
  var current: [String: ValueID] = [:]

  /// The store, of which nothing is left here: whoever writes to it copies nothing.
  mutating func taken() -> ParameterStore {
    var taken = ParameterStore()
    swap(&taken, &self)
    return taken
  }

  mutating func value(_ definition: ParameterDefinition, in builder: inout GraphBuilder) -> ValueID {
    if let value = current[definition.name] { return value }
    let value = builder.graph.addInput(definition.kind, definition.name, definition.type)
    definitions.append(definition)
    inputs[definition.name] = value
    current[definition.name] = value
    return value
  }

  /// Adds the stores of everything that changed, in the order of definition.
  func addStores(to graph: inout Graph) {
    for definition in definitions {
      guard let input = inputs[definition.name], let value = current[definition.name], input != value
      else { continue }
      graph.stores.append(Store(target: input, value: value))
    }
  }
}

extension TensorType {
  /// The shape of one image, as people write it: `128×4×4`.
  public var userText: String {
    let extents = shape.filter { $0 != .batch }.map(\.description)
    return extents.isEmpty ? "one number" : extents.joined(separator: "×")
  }
}
