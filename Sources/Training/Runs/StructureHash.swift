import Lowering
import ModelSpec

import func GraphIR.fnv1a64

/// Tells the networks of one model from those of another, across versions of the language.
///
/// It is the hash of what the networks compute: kinds of layers, their attributes, what is wired to what, and
/// the sizes of images and latents. Not of how they are written, the model's name, how they begin, or how they
/// are trained. An attribute that has its default is left out, so that a language that grows keeps the hashes
/// of older models.
public struct StructureHash: Hashable, Sendable {
  /// Moves when the same networks get another hash.
  public static let version = 1

  let version: Int
  let hash: UInt64

  public init(_ spec: ModelSpec) {
    version = Self.version
    hash = fnv1a64(StructureText(spec).text.utf8)
  }

  /// Reads `text`; nil where it is none.
  init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let version = Int(parts[0]), let hash = UInt64(parts[1], radix: 16) else {
      return nil
    }
    self.version = version
    self.hash = hash
  }

  /// `1-00fe1c2d3b4a5968`
  public var text: String {
    let digits = String(hash, radix: 16)
    return "\(version)-" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether both are known to be of different networks. Hashes of different versions say nothing.
  func contradicts(_ other: StructureHash) -> Bool { version == other.version && hash != other.hash }
}

/// What is hashed: a line a layer.
struct StructureText {
  private(set) var text: String

  init(_ spec: ModelSpec) {
    text = "image \(spec.channels.value) \(spec.height.value) \(spec.width.value)\n"
    if let latent = spec.latent { text += "latent \(latent.value)\n" }
    // In what order they are shown does not matter.
    for network in spec.networks.sorted(by: { $0.name < $1.name }) { append(network) }
  }

  private mutating func append(_ network: NetworkSpec) {
    text += "network \(network.name)"
    for input in network.inputs { text += " (\(Self.text(of: input.type.value)))" }
    text += "\n"
    append(network.layers, of: network, indent: "  ")
    // The layer that is last anyway need not be named.
    let isPlain = network.outputs.count == 1 && network.outputLayer?.name == network.layers.last?.name
    for output in network.outputs where !isPlain { text += "  result \(output.name) \(output.layer.value)\n" }
  }

  private mutating func append(_ layers: [LayerSpec], of network: NetworkSpec, indent: String) {
    for layer in layers {
      text += "\(indent)\(layer.name): \(Self.text(of: layer.kind))"
      if let from = layer.from {
        text += " from " + from.map { Self.source($0.value, in: network) }.joined(separator: " ")
      }
      text += "\n"
      append(layer.body, of: network, indent: indent + "  ")
      if layer.shortcut.isEmpty { continue }
      text += "\(indent)shortcut\n"
      append(layer.shortcut, of: network, indent: indent + "  ")
    }
  }

  /// A layer by its name, an input by its place: it may be called anything.
  private static func source(_ name: String, in network: NetworkSpec) -> String {
    network.inputs.firstIndex { $0.name == name }.map { "@\($0)" } ?? name
  }

  private static func text(of input: NetworkInput.Shape) -> String {
    switch input {
    case .latent: "latent"
    case .image: "image"
    case .label: "label"
    case .draw(let name): "draw \(name)"
    case .extents(let extents): "\(extents)"
    }
  }

  private static func text(of kind: Configured) -> String {
    let defaults = defaults[kind.name.value] ?? [:]
    let attributes = kind.attributes.filter { defaults[$0.key] != $0.value.value }
    return kind.name.value
      + attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\(text(of: $0.value.value))" }.joined()
  }

  /// By layer and attribute.
  private static let defaults: [String: [String: AttributeValue]] = Dictionary(
    uniqueKeysWithValues: LayerDefinition.all.map(\.schema).map { layer in
      let pairs = layer.schema.attributes.compactMap { attribute -> (String, AttributeValue)? in
        if case .defaultsTo(let value) = attribute.requirement { (attribute.name, value) } else { nil }
      }
      return (layer.schema.name, Dictionary(uniqueKeysWithValues: pairs))
    })

  private static func text(of value: AttributeValue) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .number(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): value
    case .size(let height, let width): "\(height)x\(width)"
    case .ints(let values): "\(values)"
    case .numbers(let values): "\(values)"
    // Where a file lies does not change what it holds.
    case .path(let path, base: _): path
    case .choices(let choices):
      choices.map { choice in
        choice.name
          + choice.attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\(text(of: $0.value))" }.joined()
      }.joined(separator: ", ")
    }
  }
}
