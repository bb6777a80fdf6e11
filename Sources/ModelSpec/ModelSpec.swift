import Diagnostics
import Glibc

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
  public func choices(_ name: String) -> [AttributeValue.Choice] {
    if case .choices(let value)? = attributes[name]?.value { value } else { [] }
  }
  /// The path, made relative to where the program runs; `~` is the user's own folder.
  public func path(_ name: String) -> String? {
    guard case .path(let path, let base)? = attributes[name]?.value else { return nil }
    return FilePath.join(base, FilePath.replacingHome(path))
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
  /// The element of the network's own list that it came out of: itself, or the use of a block, a repetition or
  /// a residual around it.
  public var item: SourceSpan
  /// The uses of blocks and the repetitions that it came out of, innermost first.
  public var expansion: [Diagnostic.Note]
  /// The layers inside a `residual`.
  public var body: [LayerSpec]
  /// What the input goes through on the way around a `residual`; empty is the input itself.
  public var shortcut: [LayerSpec]
}

/// What the products of convolutions are computed from. Weights, statistics, optimiser states and sums are
/// fp32 in either case.
public enum Precision: String, Sendable, CaseIterable {
  case fp32
  /// Operands may be rounded to bf16.
  case bf16
}

/// What moves a network's parameters.
public struct NetworkOptimizer: Sendable {
  public var network: String
  public var optimizer: Configured
}

/// What `augment` does to images in formulas.
public struct AugmentSpec: Sendable {
  /// How probable each change is follows from the discriminator's scores.
  public struct Adaptive: Hashable, Sendable {
    /// The mean sign of the scores of real images that is sought.
    public var target: Double
    /// After so many images the probability has gone from 0 to 1 at most.
    public var images: Double

    public init(target: Double, images: Double) { (self.target, self.images) = (target, images) }
  }

  /// The changes, in their order.
  public var policy: [Spanned<String>]
  /// Nil where every image is changed.
  public var adaptive: Adaptive?
}

/// A network whose weights' average over the steps is kept, and drawn with.
public struct NetworkAverage: Sendable {
  public enum Memory: Hashable, Sendable {
    /// The share that stays at each step.
    case decay(Double)
    /// After so many images half of what was is left.
    case halfLife(Double)
  }

  public var network: String
  public var memory: Memory
  public var span: SourceSpan?

  public init(network: String, memory: Memory, span: SourceSpan? = nil) {
    (self.network, self.memory, self.span) = (network, memory, span)
  }

  /// The share that stays at a step of so many images.
  public func decay(batch: Int) -> Double {
    switch memory {
    case .decay(let decay): decay
    case .halfLife(let images): pow(0.5, Double(batch) / images)
    }
  }
}

public struct TrainSpec: Sendable {
  public var span: SourceSpan?
  /// Where the images come from; a model without it can be checked, not trained.
  public var data: Configured?
  /// What `data` gives of every example; empty without it.
  public var dataFields: [DataField]
  /// The loss that stands for the updates; nil where they are written.
  public var loss: Configured?
  /// What is written of draws, values, updates and metrics. Its updates are empty where a loss stands for
  /// them.
  public var program: TrainingProgram
  /// One for each network, in the order of the networks.
  public var optimizers: [NetworkOptimizer]
  /// Nil where the model has none.
  public var augment: AugmentSpec?
  /// In the order of the networks.
  public var averages: [NetworkAverage]
  /// Over how many batches each gradient is accumulated.
  public var accumulate: Int
  public var batchSize: Spanned<Int>
  public var epochs: Int
  public var maxSteps: Int?
  public var seed: Int
  public var dropLast: Bool
  public var precision: Precision
  /// The label of real images.
  public var realLabel: Spanned<Double>
  public var sampleEvery: Int
  public var checkpointEvery: Int
  /// Steps between scores of samples, the best of which marks a checkpoint; nil for none.
  public var evaluateEvery: Int?
  /// How many checkpoints are kept, the newest; nil is all.
  public var keep: Int?
  /// Whether the run writes what TensorBoard shows.
  public var tensorboard: Bool
}

/// A model as the user means it: expanded, with defaults, and with the spans of what was written.
public struct ModelSpec: Sendable {
  public var name: String
  public var channels: Spanned<Int>
  public var height: Spanned<Int>
  public var width: Spanned<Int>
  /// Numbers in a latent vector; nil where no network is given one.
  public var latent: Spanned<Int>?
  /// How many classes the images have; nil where they have none.
  public var classes: Spanned<Int>?
  /// `default` or `dcgan`.
  public var initialization: String
  /// In the order in which they are shown, and in which their parameters are kept.
  public var networks: [NetworkSpec]
  public var train: TrainSpec
  /// The stage of the training that the model is of; nil where the training has none.
  public var stage: StageSpec?

  /// Numbers in a latent vector.
  ///
  /// - Precondition: A network is given one, or makes images.
  public var latentSize: Int {
    guard let latent else { preconditionFailure("`latent` is read, and the model has none") }
    return latent.value
  }

  public func network(named name: String) -> NetworkSpec? { networks.first { $0.name == name } }

  /// The network whose images are shown: the one that plays that part by its name, else the first that is
  /// given a latent vector.
  public var imageMaker: NetworkSpec? {
    networks.first { $0.role == .maker } ?? networks.first(where: \.needsLatent)
  }

  /// The network whose scores tell real images from made ones.
  public var imageJudge: NetworkSpec? { networks.first { $0.role == .judge } }
}

extension TrainSpec {
  /// The optimiser of a network of the model.
  public func optimizer(of network: String) -> Configured {
    guard let found = optimizers.first(where: { $0.network == network }) else {
      preconditionFailure("no optimiser for \(network)")
    }
    return found.optimizer
  }
}
