import Diagnostics

/// A value and the text it comes from; no text where it is a default.
public struct Spanned<Value: Sendable>: Sendable {
  public var value: Value
  public var span: SourceSpan?

  public init(_ value: Value, span: SourceSpan? = nil) {
    self.value = value
    self.span = span
  }
}

/// A name out of a catalog with its attributes, defaults filled in.
public struct Configured: Sendable {
  public var name: Spanned<String>
  public var attributes: [String: Spanned<AttributeValue>]

  public init(name: Spanned<String>, attributes: [String: Spanned<AttributeValue>] = [:]) {
    self.name = name
    self.attributes = attributes
  }

  public func int(_ name: String) -> Int? {
    if case .int(let value)? = attributes[name]?.value { value } else { nil }
  }
  public func number(_ name: String) -> Double? {
    switch attributes[name]?.value {
    case .number(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }
  public func bool(_ name: String) -> Bool? {
    if case .bool(let value)? = attributes[name]?.value { value } else { nil }
  }
  public func string(_ name: String) -> String? {
    if case .string(let value)? = attributes[name]?.value { value } else { nil }
  }
  public func size(_ name: String) -> (height: Int, width: Int)? {
    if case .size(let height, let width)? = attributes[name]?.value { (height, width) } else { nil }
  }
  public func ints(_ name: String) -> [Int]? {
    if case .ints(let value)? = attributes[name]?.value { value } else { nil }
  }
  public func numbers(_ name: String) -> [Double]? {
    if case .numbers(let value)? = attributes[name]?.value { value } else { nil }
  }
  /// The path, made relative to where the program runs.
  public func path(_ name: String) -> String? {
    guard case .path(let path, let base)? = attributes[name]?.value else { return nil }
    return FilePath.join(base, path)
  }
}

/// One layer, after every block and repetition is written out.
public struct LayerSpec: Sendable {
  /// Its segment in PyTorch's `state_dict`: its place in the list, or its `name:`.
  public var name: String
  public var isNamed: Bool
  public var kind: Configured
  /// The layers whose outputs it takes; nil is the layer before it.
  public var from: [Spanned<String>]?
  /// The text that the user wrote for it.
  public var span: SourceSpan
  /// The uses of blocks and the repetitions that it came out of, innermost first.
  public var expansion: [Diagnostic.Note]
  /// The layers inside a `residual`.
  public var body: [LayerSpec]
  /// What the input goes through on the way around a `residual`; empty is the input itself.
  public var shortcut: [LayerSpec]
}

public struct NetworkSpec: Sendable {
  /// `generator` or `discriminator`.
  public var name: String
  public var span: SourceSpan
  /// What `from:` may call the network's input.
  public var inputName: String
  /// The extents that `inputs:` declares, without the batch: `[100]` or `[3, 64, 64]`; nil where the
  /// model's `latent` and `image` alone say it.
  public var declaredInput: Spanned<[Int]>?
  public var layers: [LayerSpec]
  /// The name of the layer whose output is the network's; nil is the last one.
  public var output: Spanned<String>?
  /// Whether a score per patch is meant, not one per image.
  public var isPatch: Bool

  /// The layer whose output is the network's.
  public var outputLayer: LayerSpec? {
    guard let output else { return layers.last }
    return layers.first { $0.isNamed && $0.name == output.value }
  }
}

/// What the products of convolutions are computed from. Weights, statistics, optimiser states and sums are
/// fp32 in either case.
public enum Precision: String, Sendable, CaseIterable {
  case fp32
  /// Operands may be rounded to bf16.
  case bf16
}

public struct TrainSpec: Sendable {
  public var span: SourceSpan?
  /// Where the images come from; a model without it can be checked, not trained.
  public var data: Configured?
  public var loss: Configured
  public var generatorOptimizer: Configured
  public var discriminatorOptimizer: Configured
  public var batchSize: Spanned<Int>
  public var epochs: Int
  public var maxSteps: Int?
  public var seed: Int
  public var dropLast: Bool
  public var precision: Precision
  /// The label of real images.
  public var realLabel: Double
  public var sampleEvery: Int
  public var checkpointEvery: Int
}

/// A model as the user means it: expanded, with defaults, and with the spans of what was written.
public struct ModelSpec: Sendable {
  public var name: String
  public var channels: Spanned<Int>
  public var height: Spanned<Int>
  public var width: Spanned<Int>
  public var latent: Spanned<Int>
  /// `default` or `dcgan`.
  public var initialization: String
  public var generator: NetworkSpec
  public var discriminator: NetworkSpec
  public var train: TrainSpec
}
