import Diagnostics

/// What a network is given under one name.
public struct NetworkInput: Sendable {
  public enum Shape: Hashable, Sendable {
    /// `[N, latent]`; a network that begins with a convolution sees `[N, latent, 1, 1]`.
    case latent
    /// `[N, channels, height, width]` of the model's images.
    case image
    /// `[N]`: the number of each image's class.
    case label
    /// As a draw of this name has it.
    case draw(String)
    /// So many numbers an image, in one axis or three: `[100]`, `[3, 64, 64]`.
    case extents([Int])
  }

  /// What `from:` and a call's labels say.
  public var name: String
  /// No text where the network's part, or the name itself, says it.
  public var type: Spanned<Shape>

  public init(name: String, type: Spanned<Shape>) {
    self.name = name
    self.type = type
  }

  /// The extents that were written, without the batch.
  public var declaredExtents: Spanned<[Int]>? {
    guard case .extents(let extents) = type.value else { return nil }
    return Spanned(extents, span: type.span)
  }
}

/// A result of a network and the layer that makes it.
public struct NetworkOutput: Sendable {
  /// What a formula calls it: `encoder(x).code`.
  public var name: String
  public var layer: Spanned<String>

  public init(name: String, layer: Spanned<String>) {
    self.name = name
    self.layer = layer
  }
}

public struct NetworkSpec: Sendable {
  public var name: String
  public var span: SourceSpan
  /// At least one; the first layer without a `from` takes the first.
  public var inputs: [NetworkInput]
  public var layers: [LayerSpec]
  /// The results that have names; empty is the last layer's alone.
  public var outputs: [NetworkOutput]
  /// Whether a score per patch is meant, not one per image.
  public var isPatch: Bool
  /// Whether no update moves it.
  public var isFrozen: Bool

  /// Whether it plays the part of the network that makes images, or is given a latent vector.
  var needsLatent: Bool { role == .maker || inputs.contains { $0.type.value == .latent } }

  public init(
    name: String, span: SourceSpan, inputs: [NetworkInput], layers: [LayerSpec], outputs: [NetworkOutput],
    isPatch: Bool, isFrozen: Bool = false
  ) {
    self.name = name
    self.span = span
    self.inputs = inputs
    self.layers = layers
    self.outputs = outputs
    self.isPatch = isPatch
    self.isFrozen = isFrozen
  }

  /// The layer of the first result.
  public var outputLayer: LayerSpec? {
    guard let output = outputs.first else { return layers.last }
    return layers.first { $0.isNamed && $0.name == output.layer.value }
  }

  /// What the one result of a network that names none is called.
  public var resultName: String { NetworkPreset.named(name)?.resultName ?? "output" }

  /// The part that the network plays by its name; nil for a name that says none.
  public var role: NetworkPreset.Role? { NetworkPreset.named(name)?.role }
}
