import GraphIR

/// Imported networks as a model of the language, with its weights.
public struct ImportedSpec: Sendable {
  /// The part that a network plays, as far as its shapes tell.
  public enum Part: Sendable {
    /// It makes images of vectors.
    case maker
    /// It gives images scores.
    case judge
    case other
  }

  /// A network that was imported, and what the model calls it.
  public struct Network: Sendable {
    public var name: String
    public var imported: ImportedGraph

    public init(name: String, imported: ImportedGraph) {
      self.name = name
      self.imported = imported
    }
  }

  public private(set) var yaml = ""
  /// Under the names that the model has for them.
  public private(set) var weights: [(name: String, tensor: ReferenceTensor)] = []

  /// - Parameters:
  ///   - name: The model's.
  ///   - origin: What the first line says it was made of.
  ///   - topLevel: The names of networks that stand at the top of a model which has them all and no others.
  /// - Throws: `ImportFailure` that names what is no layer.
  public init(
    name: String, origin: String, networks: [Network], topLevel: [String]
  ) throws(ImportFailure) {
    var image: [Int]?
    var latent: Int?
    for network in networks {
      let graph = network.imported.graph
      let part = Self.part(of: graph)
      let inputs = graph.inputs.filter { $0.kind == .data }.map { graph.type(of: $0.value).shape }
      let outputs = graph.outputs.map { graph.type(of: $0.value).shape }
      if part == .maker, let first = inputs.first {
        latent = latent ?? TensorType(first).elementCount(batch: 1)
      }
      let images = (part == .maker ? outputs : inputs + outputs).filter { $0.count == 4 && $0[2] != 1 }
      if let first = images.first { image = image ?? first.dropFirst().map { $0.extent(batch: 1) } }
    }
    let size = image ?? [1, 1, 1]
    yaml = "# \(origin)\n"
    yaml += "name: \(name)\n"
    yaml += "image: {channels: \(size[0]), height: \(size[1]), width: \(size[2])}\n"
    yaml += "latent: \(latent ?? 1)\n"
    if let classes = networks.lazy.compactMap({ Self.classes(of: $0.imported.graph) }).first {
      yaml += "classes: \(classes)\n"
    }
    let areAtTop = Set(networks.map(\.name)) == Set(topLevel)
    if !areAtTop { yaml += "\nnetworks:\n" }
    var problems: [ImportProblem] = []
    for network in networks {
      do throws(ImportFailure) {
        if areAtTop { yaml += "\n" }
        try append(network, image: size, latent: latent, indentation: areAtTop ? "" : "  ")
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw ImportFailure(problems) }
    // The loss that is assumed compares probabilities.
    let judge = networks.first { Self.part(of: $0.imported.graph) == .judge }
    if areAtTop, let judge, !Self.makesProbabilities(judge.imported.graph) {
      yaml += "\ntrain: {loss: bce_with_logits}\n"
    }
  }

  /// Whether the first result is a sigmoid's, whatever its shape was changed to.
  private static func makesProbabilities(_ graph: Graph) -> Bool {
    guard var scores = graph.outputs.first?.value else { return false }
    for node in graph.nodes.reversed() where node.results.contains(scores) {
      switch node.op {
      case .reshape: scores = node.operands[0]
      case .unary(let op): return op.function.kind == .sigmoid
      default: return false
      }
    }
    return false
  }

  /// What a network is by its shapes: vectors to images, or images to scores.
  public static func part(of graph: Graph) -> Part {
    let inputs = graph.inputs.filter { $0.kind == .data }.map { graph.type(of: $0.value).shape }
    guard let input = inputs.first, let output = graph.outputs.first.map({ graph.type(of: $0.value).shape })
    else {
      return .other
    }
    func isImage(_ shape: [Dimension]) -> Bool { shape.count == 4 && !(shape[2] == 1 && shape[3] == 1) }
    if !isImage(input), input.count > 1, isImage(output) { return .maker }
    if isImage(input), !isImage(output) || output[1] == 1 && output[2] != input[2] { return .judge }
    return .other
  }

  private static func classes(of graph: Graph) -> Int? {
    for node in graph.nodes { if case .oneHot(let op) = node.op, op.classes > 1 { return op.classes } }
    return nil
  }

  // MARK: Networks

  private mutating func append(
    _ network: Network, image: [Int], latent: Int?, indentation: String
  ) throws(ImportFailure) {
    let found = SpecUnits(network.imported)
    guard found.problems.isEmpty else { throw ImportFailure(found.problems) }
    let graph = network.imported.graph
    let inputs = graph.inputs.filter { $0.kind == .data }
    var names: [ValueID: String] = [:]
    var taken: Set<String> = ["shortcut"]
    var declared: [String] = []
    for input in inputs {
      let name = Self.unique(Self.layerName(input.name) ?? "input", &taken)
      names[input.value] = name
      declared.append("\(name): \(shape(of: input, in: graph, image: image, latent: latent))")
    }
    // Who reads a value other than that of the layer before it must call it by name.
    var referenced: Set<ValueID> = []
    var previous = inputs.first?.value
    for unit in found.units {
      if unit.inputs != [previous] { referenced.formUnion(unit.inputs) }
      previous = unit.result
    }
    let last = found.units.last?.result
    let needsOutputs = graph.outputs.count > 1 || graph.outputs.first?.value != last
    if needsOutputs { referenced.formUnion(graph.outputs.map(\.value)) }

    var text = "\(network.name):\n"
    text += "  inputs: {\(declared.joined(separator: ", "))}\n"
    previous = inputs.first?.value
    var layers = ""
    for (index, unit) in found.units.enumerated() {
      let attributes = unit.attributes.map { "\($0.name): \($0.text)" }.joined(separator: ", ")
      layers += attributes.isEmpty ? "    - \(unit.kind)" : "    - \(unit.kind): {\(attributes)}"
      var segment = "\(index)"
      let kept = unit.origin.flatMap(Self.moduleName)
      if referenced.contains(unit.result) || kept != nil {
        segment = Self.unique(kept ?? unit.kind, &taken)
        names[unit.result] = segment
      }
      let isNamed = names[unit.result] != nil
      let from = unit.inputs == [previous] ? nil : unit.inputs.map { names[$0] ?? "input" }
      if isNamed || from != nil {
        if attributes.isEmpty { layers += ":" }
        layers += "\n"
        if isNamed { layers += "      name: \(segment)\n" }
        if let from { layers += "      from: [\(from.joined(separator: ", "))]\n" }
      } else {
        layers += "\n"
      }
      for parameter in unit.parameters {
        weights.append(("\(network.name).\(segment).\(parameter.name)", parameter.tensor))
      }
      previous = unit.result
    }
    if needsOutputs {
      let outputs = graph.outputs.map { output in
        "\(Self.layerName(output.name) ?? "output"): \(names[output.value] ?? "output")"
      }
      text += "  outputs: {\(outputs.joined(separator: ", "))}\n"
    }
    text += "  layers:\n" + layers
    for line in text.split(separator: "\n") { yaml += "\(indentation)\(line)\n" }
  }

  private func shape(of input: GraphInput, in graph: Graph, image: [Int], latent: Int?) -> String {
    let extents = graph.type(of: input.value).shape.dropFirst().map { $0.extent(batch: 1) }
    if extents.isEmpty { return "class" }
    if extents == image { return "image" }
    if let latent {
      // A convolution takes a latent vector as an image of one pixel by itself.
      let readers = graph.nodes.filter { $0.operands.contains(input.value) }
      let isConvolved = readers.allSatisfy { $0.op.asFusableConvolution != nil }
      if extents == [latent] && !isConvolved || extents == [latent, 1, 1] && isConvolved { return "latent" }
    }
    return extents.count == 1 ? "\(extents[0])" : "\(extents)"
  }

  /// A name that stands in a file as the language allows it; nil where nothing of it is left.
  private static func layerName(_ name: String) -> String? {
    var text = ""
    for scalar in name.unicodeScalars {
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      text.unicodeScalars.append(isPlain || scalar == "-" ? scalar : "_")
    }
    text = String(text.drop { !$0.isLetter })
    return text.isEmpty ? nil : text
  }

  /// `conv1` of `encoder.conv1.weight`, with what is around it: a place in a list is no name.
  private static func moduleName(_ weight: String) -> String? {
    let parts = weight.split(separator: ".").map(String.init)
    guard parts.count >= 2, ["weight", "original", "weight_orig"].contains(parts[parts.count - 1]),
      let own = parts.dropLast().last, Int(own) == nil
    else { return nil }
    return layerName(parts.dropLast().joined(separator: "_"))
  }

  private static func unique(_ name: String, _ taken: inout Set<String>) -> String {
    var candidate = name
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }
}
