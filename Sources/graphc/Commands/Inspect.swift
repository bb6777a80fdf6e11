import ArgumentParser
import Diagnostics
import Files
import Interchange
import Training

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a file of weights or a network holds.",
    discussion: "Reads checkpoints, any other safetensors file, and ONNX files.")

  @Argument(help: "The file.")
  var file: String

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let contents = try reportingFileErrors { try FileContents(of: file) }
    switch format {
    case .text: Console.print(DisplayText(lines: contents.text), terminator: "")
    case .json: Console.print(DisplayText(lines: contents.json.text(isPretty: true)))
    }
  }
}

/// What a file holds, as rows of tables.
struct FileContents {
  struct Tensor {
    var name: String
    var type: String
    var shape: [String]
    var count: Int
  }

  var kind: String
  /// Said once about the file: a topic and a text.
  var facts: [(topic: String, text: String)] = []
  var inputs: [Tensor] = []
  var outputs: [Tensor] = []
  /// Kinds of nodes, the most frequent first.
  var operations: [(name: String, count: Int)] = []
  var tensors: [Tensor] = []

  init(of path: String) throws(FileError) {
    let beginning = try readEnds(ofFile: path, count: 16).bytes
    // A safetensors file begins with the length of its header, which begins with a brace.
    if beginning.count > 8, beginning[8] == UInt8(ascii: "{") {
      kind = "safetensors"
      try readSafetensors(path)
    } else {
      kind = "onnx"
      try readONNX(path)
    }
  }

  private mutating func readSafetensors(_ path: String) throws(FileError) {
    let header = try SafetensorsHeader(contentsOf: path)
    tensors = header.entries.map {
      Tensor(
        name: $0.name, type: $0.elementType.rawValue.lowercased(), shape: $0.shape.map(String.init),
        count: $0.elementCount)
    }
    // Checksums say nothing to a reader.
    let metadata = header.metadata.filter { !$0.key.hasPrefix("crc32") }
    if metadata["format_version"] != nil {
      kind = "checkpoint"
      try header.checkMetadata(path: path)
    }
    facts = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private mutating func readONNX(_ path: String) throws(FileError) {
    let model = try ONNXModel(structureOf: path)
    let sets = model.operatorSets.map { "\($0.domain.isEmpty ? "ai.onnx" : $0.domain) \($0.version)" }
    facts = [
      ("made by", [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")),
      ("operator sets", sets.joined(separator: ", ")), ("IR version", "\(model.irVersion)"),
      ("graph", model.graph.name), ("nodes", "\(model.graph.nodes.count)"),
    ]
    if !model.functions.isEmpty { facts.append(("functions", model.functions.joined(separator: ", "))) }
    facts += model.metadata.map { ($0.key, $0.value) }
    let files = Set(
      model.graph.initializers.compactMap { tensor in
        if case .external(let place) = tensor.contents { place.location } else { nil }
      })
    if !files.isEmpty { facts.append(("weights in", files.sorted().joined(separator: ", "))) }
    // Files of old IR versions list initialisers among the inputs.
    let weights = Set(model.graph.initializers.map(\.name))
    inputs = model.graph.inputs.filter { !weights.contains($0.name) }.map(Tensor.init)
    outputs = model.graph.outputs.map(Tensor.init)
    var counts: [String: Int] = [:]
    for node in model.graph.nodes {
      counts[node.domain.isEmpty ? node.operation : "\(node.domain).\(node.operation)", default: 0] += 1
    }
    operations = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    tensors = model.graph.initializers.map {
      Tensor(
        name: $0.name, type: $0.elementType.text, shape: $0.shape.map(String.init), count: $0.elementCount)
    }
  }
}

extension FileContents.Tensor {
  init(_ value: ONNXValueInfo) {
    let shape = (value.shape ?? []).map { extent in
      switch extent {
      case .fixed(let extent): "\(extent)"
      case .symbol(let name): name
      case .unknown: "?"
      }
    }
    self.init(name: value.name, type: value.elementType?.text ?? "?", shape: shape, count: 0)
  }

  var shapeText: String { shape.isEmpty ? "one number" : shape.joined(separator: "×") }
}

extension FileContents {
  var text: String {
    var text = Text.table(
      [["kind", kind]] + facts.map { [Self.line($0.topic), Self.line($0.text)] }, [.left, .left])
    for (title, values) in [("inputs", inputs), ("outputs", outputs)] where !values.isEmpty {
      text +=
        "\n"
        + Text.table(
          values.enumerated().map { [$0 == 0 ? title : "", Self.line($1.name), $1.type, $1.shapeText] },
          [.left, .left, .left, .left])
    }
    if !operations.isEmpty {
      text +=
        "\n" + Text.table(operations.map { ["\($0.count)", "× \(Self.line($0.name))"] }, [.right, .left])
    }
    if !tensors.isEmpty {
      var rows = [["tensor", "type", "shape", "numbers"]]
      rows += tensors.map { [Self.line($0.name), $0.type, $0.shapeText, Text.grouped($0.count)] }
      let total = tensors.reduce(0) { $0.addingReportingOverflow($1.count).partialValue }
      rows.append(["\(tensors.count) tensors", "", "", Text.grouped(total)])
      text += "\n" + Text.table(rows, [.left, .left, .left, .right])
    }
    return text
  }

  /// A text out of a file as a table shows it: control characters escaped, which a terminal would obey.
  private static func line(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    return isPlain && text.count <= 120 ? text : quotedForDisplay(text)
  }

  var json: JSONValue {
    func values(_ tensors: [Tensor]) -> JSONValue {
      .array(
        tensors.map {
          .object([
            "name": .string($0.name), "type": .string($0.type),
            "shape": .array($0.shape.map { extent in Int(extent).map { .int($0) } ?? .string(extent) }),
          ])
        })
    }
    return .object([
      "kind": .string(kind), "facts": .object(facts.map { ($0.topic, .string($0.text)) }),
      "inputs": values(inputs), "outputs": values(outputs),
      "operations": .object(operations.map { ($0.name, .int($0.count)) }), "tensors": values(tensors),
    ])
  }
}
