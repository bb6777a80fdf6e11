import ArgumentParser
import Datasets
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a model of networks in ONNX files.",
    discussion: """
      Writes a model that a person can read, and its weights, which `graphc train --weights` and the other commands \
      take. What has no form in the language is told node by node, and then nothing is written. The model is \
      checked: it must compute what the file does.
      """)

  @Argument(
    help: ArgumentHelp(
      "ONNX files; `generator=g.onnx` names the network, which otherwise follows from its shapes.",
      valueName: "file"))
  var files: [String]

  @Option(help: "What the model is called; by default as the first file.")
  var name: String?

  @Option(help: "The folder for NAME.yaml and NAME.safetensors.")
  var out = "."

  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("Name an ONNX file.") }
  }

  func run() throws {
    try reportingFileErrors {
      var networks: [ImportedSpec.Network] = []
      var origins: [String] = []
      for file in files {
        let (wanted, path) = Self.parts(of: file)
        let model = try ONNXModel(contentsOf: path)
        let imported = try importing(path) { () throws(ImportFailure) in try ONNXImporter.graph(of: model) }
        for note in imported.notes { Console.message("\(path): \(note)") }
        let name = wanted ?? Self.name(of: ImportedSpec.part(of: imported.graph))
        guard !networks.contains(where: { $0.name == name }) else {
          throw ValidationError("Two networks are called `\(name)`: write NAME=\(path).")
        }
        networks.append(.init(name: name, imported: imported))
        let producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(
          separator: " ")
        origins.append(
          "\(Self.fileName(path)) (\(producer.isEmpty ? "" : "\(Self.plain(producer)), ")operator set \(model.operatorSet))"
        )
      }
      let name = try modelName()
      let (model, weights) = (path("\(name).yaml"), path("\(name).safetensors"))
      for path in [model, weights] { try outputs.check(path) }
      let origin = "Imported from \(origins.joined(separator: " and "))."
      let spec = try importing(Self.parts(of: files[0]).path) { () throws(ImportFailure) in
        try ImportedSpec(
          name: name, origin: origin, networks: networks, topLevel: NetworkPreset.all.map(\.name))
      }
      let store = try checked(spec, networks, as: model)
      try createFolder(at: out)
      let tensors = store.slots.compactMap { slot -> (name: String, tensor: SafetensorsFile.Tensor)? in
        if let integers = store.integers(of: slot.name) {
          return (slot.name, .init(shape: slot.shape, int64s: integers))
        }
        return store.values(of: slot.name).map { (slot.name, .init(shape: slot.shape, floats: $0)) }
      }
      try SafetensorsFile(tensors: tensors, metadata: ["format": "pt"]).write(
        to: weights, replacing: outputs.replacement)
      try writeFileAtomically(Array(spec.yaml.utf8), to: model, replacing: outputs.replacement)
      Console.print("\(model)\n\(weights)")
    }
  }

  private func importing<Result>(
    _ path: String, _ body: () throws(ImportFailure) -> Result
  ) throws -> Result {
    do throws(ImportFailure) {
      return try body()
    } catch {
      throw fail(DisplayText(lines: "\(path): \(error)"), Exit.invalidInput)
    }
  }

  /// The model's tensors with the weights, once it is known to compute what the files do.
  private func checked(
    _ spec: ImportedSpec, _ networks: [ImportedSpec.Network], as path: String
  ) throws -> TensorStore {
    let checked = ModelChecker(catalog: .standard, path: path, texts: [path: Array(spec.yaml.utf8)]).check()
    guard let model = checked.model else {
      ColorChoice.auto.show(checked.diagnostics, in: checked.sources)
      throw fail("bug in graphc: the model that was made of the file is refused", Exit.bug)
    }
    let store = TensorStore(model.definitions)
    WeightInitializer(seed: 0).fill(store, with: model.definitions)
    for (name, tensor) in spec.weights {
      guard let slot = store.slot(named: name), slot.count == tensor.values.count else {
        throw fail("bug in graphc: the model has no `\(name)` of \(tensor.shape)", Exit.bug)
      }
      store.write(tensor.values.map { Float($0) }, to: name)
    }
    let check: ImportCheck
    do {
      check = try ImportCheck(networks, model, store)
    } catch {
      throw fail(
        "bug in graphc: the model that was made of the file does not run: \(String(describing: error))",
        Exit.bug)
    }
    guard check.largestDifference < 1e-5 else {
      throw fail(
        "bug in graphc: the model that was made of the file differs from it by \(check.largestDifference)",
        Exit.bug)
    }
    Console.message(
      "checked: the model computes what the file does, within \(Text.scientific(check.largestDifference))")
    return store
  }

  // MARK: Names

  private static func parts(of argument: String) -> (name: String?, path: String) {
    guard let equals = argument.firstIndex(of: "="),
      argument[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    else { return (nil, argument) }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  private static func name(of part: ImportedSpec.Part) -> String {
    switch part {
    case .maker: NetworkPreset.maker.name
    case .judge: NetworkPreset.judge.name
    case .other: "network"
    }
  }

  private static func fileName(_ path: String) -> String {
    plain(path.split(separator: "/").last.map(String.init) ?? path)
  }

  /// A text of a file as a comment holds it.
  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.prefix(100).map { ("\u{20}"..."\u{7E}").contains($0) ? Character($0) : "?" })
  }

  private func modelName() throws -> String {
    let given =
      name
      ?? {
        let file = Self.fileName(Self.parts(of: files[0]).path)
        return file.hasSuffix(".onnx") ? String(file.dropLast(5)) : file
      }()
    let text = String(
      given.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "-" })
    guard text.first?.isLetter == true else {
      throw ValidationError("Name the model with --name: `\(given)` does not begin with a letter.")
    }
    return text
  }

  private func path(_ name: String) -> String { out == "." ? name : "\(out)/\(name)" }
}
