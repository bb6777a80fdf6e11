/// What a layer, a loss, an optimiser or a data source may be given. Whoever defines one hands its
/// schema to the loader, so that names and defaults stand in one place.
public struct Schema: Sendable {
  public var name: String
  /// One sentence for documentation and editors.
  public var summary: String
  public var attributes: [AttributeSchema]
  /// The attribute that `leaky_relu: 0.2` sets.
  public var primary: String?
  /// Attributes of which one must be given, and no more.
  public var alternatives: [String] = []

  public init(
    _ name: String, _ summary: String, primary: String? = nil, _ attributes: [AttributeSchema] = []
  ) {
    self.name = name
    self.summary = summary
    self.primary = primary
    self.attributes = attributes
  }
}

public struct AttributeSchema: Sendable {
  public enum Kind: Sendable {
    /// A whole number.
    case int(ClosedRange<Int>)
    /// A number between bounds; an open one excludes its bounds.
    case number(ClosedRange<Double>, isOpen: Bool = false)
    case bool
    case choice([String])
    /// One whole number for height and width, or `[height, width]`.
    case size(ClosedRange<Int>)
    /// A list of whole numbers; one stands for a list of one.
    case ints(ClosedRange<Int>)
    /// A list of so many numbers.
    case numbers(count: Int, ClosedRange<Double>)
    case string
    /// A path, relative to the folder of the file that names it.
    case path
    /// One of these with its attributes, or a list of them.
    case choices([Schema])
  }

  public enum Requirement: Sendable {
    case required
    case optional
    case defaultsTo(AttributeValue)
  }

  public var name: String
  public var kind: Kind
  public var requirement: Requirement
  public var summary: String

  public init(_ name: String, _ kind: Kind, _ requirement: Requirement, _ summary: String) {
    self.name = name
    self.kind = kind
    self.requirement = requirement
    self.summary = summary
  }
}

public enum AttributeValue: Hashable, Sendable {
  case int(Int)
  case number(Double)
  case bool(Bool)
  case string(String)
  case size(height: Int, width: Int)
  case ints([Int])
  case numbers([Double])
  /// As written, and the folder it is relative to.
  case path(String, base: String)
  case choices([Choice])

  /// A name with its attributes.
  public struct Choice: Hashable, Sendable {
    public var name: String
    public var attributes: [String: AttributeValue]
  }
}

/// How many inputs a layer takes.
public enum InputArity: Sendable {
  case one
  case twoOrMore
  case exactly(Int)
}

public struct LayerSchema: Sendable {
  public var schema: Schema
  public var inputs: InputArity

  public init(_ schema: Schema, inputs: InputArity = .one) {
    self.schema = schema
    self.inputs = inputs
  }
}

/// All that a model may name.
public struct SpecCatalog: Sendable {
  public var layers: [LayerSchema]
  public var losses: [Schema]
  public var optimizers: [Schema]
  public var dataSources: [DataSourceSchema]
  /// What `init` may say.
  public var initializers: [String]
  /// What `augment` may do.
  public var augmentations: [String]

  public init(
    layers: [LayerSchema], losses: [Schema], optimizers: [Schema], dataSources: [DataSourceSchema],
    initializers: [String], augmentations: [String] = []
  ) {
    self.initializers = initializers
    self.augmentations = augmentations
    self.layers = layers
    self.losses = losses
    self.optimizers = optimizers
    self.dataSources = dataSources
  }
}
