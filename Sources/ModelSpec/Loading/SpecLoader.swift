import Diagnostics
import Files

/// Reads a model: YAML, `extends`, `--set`, variables, blocks and repetitions, and the types of all
/// attributes. Every mistake of the text is reported in one run.
public enum SpecLoader {
  public struct Result: Sendable {
    /// Nil when the text has errors; of a model that is trained in stages, that of the first.
    public var spec: ModelSpec?
    /// The models of all stages, in their order; empty where there are none.
    public var stages: [ModelSpec] = []
    /// A text that loads as the same model, with the stages; nil where there are none.
    public var stagedText: String?
    /// All texts that were read, for rendering the diagnostics.
    public var sources: SourceMap
    public var diagnostics: [Diagnostic]
  }

  /// - Parameters:
  ///   - path: The model's file.
  ///   - overrides: `key=value` each, such as `train.batch_size=64`.
  ///   - texts: What is read in place of the files of these names, as an editor holds it.
  public static func load(
    path: String, overrides: [String] = [], texts: [String: [UInt8]] = [:], catalog: SpecCatalog
  ) -> Result {
    switch texts[path].map(Swift.Result.success) ?? FilePath.read(path, mayWait: true) {
    case .success(let bytes):
      return load(
        text: bytes, name: path, base: FilePath.folder(of: path), overrides: overrides, texts: texts,
        catalog: catalog)
    case .failure(let failure):
      return Result(
        spec: nil, sources: SourceMap(),
        diagnostics: [Diagnostic(.fileUnreadable, at: nil, ["path": path, "reason": failure.reason])])
    }
  }

  /// Reads a model from memory.
  ///
  /// - Parameters:
  ///   - name: What diagnostics call the text.
  ///   - base: The folder that its paths are relative to; empty is the current one.
  public static func load(
    text: [UInt8], name: String, base: String = "", overrides: [String] = [],
    texts: [String: [UInt8]] = [:], catalog: SpecCatalog
  ) -> Result {
    func read(_ text: [UInt8]) -> Result {
      loadOnce(
        text: text, name: name, base: base, overrides: overrides, texts: texts, catalog: catalog)
    }
    let result = read(text)
    return result.spec == nil ? explained(result, of: text, reading: read) : result
  }

  private static func loadOnce(
    text: [UInt8], name: String, base: String, overrides: [String], texts: [String: [UInt8]],
    catalog: SpecCatalog
  ) -> Result {
    var trees = SourceTreeLoader(catalog: catalog, texts: texts)
    guard let read = trees.load(name: name, text: text, base: base, overrides: overrides) else {
      return Result(spec: nil, sources: trees.sources, diagnostics: trees.bag.diagnostics)
    }
    let tree = Translator.translate(read, trees.sources, catalog: catalog, into: &trees.bag)
    let stages = StagesLoader(reader: ExpressionReader(bases: tree.bases))
    guard let written = stages.load(tree.root.entry("train")?.value) else {
      return Result(
        spec: nil, sources: trees.sources,
        diagnostics: trees.bag.diagnostics + stages.reader.bag.diagnostics)
    }
    if written.isEmpty {
      let loader = ModelLoader(tree: tree, catalog: catalog)
      let spec = loader.load()
      let diagnostics = trees.bag.diagnostics + loader.reader.bag.diagnostics
      let hasErrors = diagnostics.contains { $0.kind.severity == .error }
      return Result(spec: hasErrors ? nil : spec, sources: trees.sources, diagnostics: diagnostics)
    }
    return load(written, of: tree, &trees, catalog)
  }

  /// Reads the model of each stage.
  private static func load(
    _ stages: [StagesLoader.Stage], of tree: SourceTree, _ trees: inout SourceTreeLoader,
    _ catalog: SpecCatalog
  ) -> Result {
    var specs: [ModelSpec] = []
    var bag = DiagnosticBag()
    for (index, stage) in stages.enumerated() {
      var own = tree
      own.root = trees.applying(stage.settings, to: tree.root)
      let loader = ModelLoader(tree: own, catalog: catalog)
      let spec = loader.load()
      for diagnostic in loader.reader.bag.diagnostics {
        bag.reportOnce(diagnostic.inStage(index, of: stages.count, at: stage.spec.span))
      }
      if var spec, !loader.reader.bag.hasErrors {
        spec.stage = stage.spec
        specs.append(spec)
      }
    }
    let diagnostics = trees.bag.diagnostics + bag.diagnostics
    let hasErrors = diagnostics.contains { $0.kind.severity == .error }
    return Result(
      spec: hasErrors ? nil : specs.first, stages: hasErrors ? [] : specs,
      stagedText: hasErrors ? nil : StagedYAML(tree: tree, stages: stages, models: specs).text,
      sources: trees.sources, diagnostics: diagnostics)
  }

  // MARK: Slips

  /// The result with slips of the text, such as a bracket that is not closed, in place of the mistakes that follow
  /// from them.
  ///
  /// A slip is one if the text reads better without it. What is still wrong then was wrong besides, and is told
  /// too, unless the text was not YAML at all.
  private static func explained(
    _ result: Result, of text: [UInt8], reading read: ([UInt8]) -> Result
  ) -> Result {
    guard text.count <= 1 << 16, let main = result.sources.sources.indices.first else { return result }
    let own = result.diagnostics.filter { $0.span?.source.index == main && $0.kind.severity == .error }
    guard let source = own.first?.span?.source else { return result }
    let repairs = TextRepairs(text, source: source)
    // Reading them all again is to take no longer than reading a large text once.
    let trials = max(4, (1 << 19) / max(1, text.count))
    if let syntax = own.first(where: { $0.kind == .yamlSyntax }) {
      guard syntax.arguments.contains(where: { $0.name == YAMLEventReader.parserMark }) else { return result }
      guard var slips = slips(of: text, syntax, repairs, most: trials, reading: read) else { return result }
      if let repaired = TextRepair.text(text, with: slips) {
        let mended = read(repaired)
        let places = mended.diagnostics.compactMap { diagnostic in
          diagnostic.span.flatMap { span in
            span.source == source ? TextRepair.offset(span.range.lowerBound, before: slips) : nil
          }
        }
        slips = improving(
          slips, errors(mended), of: text, repairs.ofStructure(at: places).prefix(trials), reading: read)
      }
      var explained = result
      explained.diagnostics = slips.sorted { $0.start < $1.start }.map(\.diagnostic)
      return explained
    }
    var explained = result
    let places = own.compactMap { $0.span?.range.lowerBound }
    let accepted = improving(
      [], errors(result), of: text, repairs.ofStructure(at: places).prefix(trials), reading: read
    ) {
      mended in
      let still = Set(mended.diagnostics.map { "\($0.kind.code) \($0.message)" })
      explained.diagnostics = explained.diagnostics.filter { still.contains("\($0.kind.code) \($0.message)") }
    }
    explained.diagnostics = accepted.map(\.diagnostic) + explained.diagnostics
    return explained
  }

  /// The repairs with those among the candidates that leave fewer errors.
  private static func improving(
    _ repairs: [TextRepair], _ errors: Int, of text: [UInt8], _ candidates: ArraySlice<TextRepair>,
    reading read: ([UInt8]) -> Result, _ accept: (Result) -> Void = { _ in }
  ) -> [TextRepair] {
    var accepted = repairs
    var count = errors
    for repair in candidates {
      guard let repaired = TextRepair.text(text, with: accepted + [repair]) else { continue }
      let mended = read(repaired)
      guard Self.errors(mended) < count, !mended.diagnostics.contains(where: { $0.kind == .yamlSyntax })
      else {
        continue
      }
      count = Self.errors(mended)
      accepted.append(repair)
      accept(mended)
    }
    return accepted
  }

  /// A text with more slips than that is no YAML that somebody meant.
  private static let mostSlips = 8
  /// So many texts are read in search of slips at most.
  private static let mostReadings = 96

  /// The repairs with which a text is YAML, and reads best; nil where none is found.
  ///
  /// Where one does not do, the one that lets the parser read furthest is made, and the next is looked for where it
  /// gives up then.
  private static func slips(
    of text: [UInt8], _ first: Diagnostic, _ repairs: TextRepairs, most trials: Int,
    reading read: ([UInt8]) -> Result
  ) -> [TextRepair]? {
    var accepted: [TextRepair] = []
    var offsets = ([first.span] + first.notes.map(\.span)).compactMap { $0?.range.lowerBound }
    var left = min(trials, mostReadings)
    var fallback: [TextRepair]?
    while accepted.count < mostSlips, let reached = offsets.first {
      var best: (repair: TextRepair, errors: Int)?
      var furthest: (repair: TextRepair, place: Int, offsets: [Int])?
      for repair in repairs.ofSyntax(at: offsets) where left > 0 {
        guard let repaired = TextRepair.text(text, with: accepted + [repair]) else { continue }
        left -= 1
        let mended = read(repaired)
        if let syntax = mended.diagnostics.first(where: { $0.kind == .yamlSyntax }) {
          let places = ([syntax.span] + syntax.notes.map(\.span)).compactMap {
            $0.map { TextRepair.offset($0.range.lowerBound, before: accepted + [repair]) }
          }
          if let place = places.first, place > furthest?.place ?? reached {
            furthest = (repair, place, places)
          }
          continue
        }
        let errors = errors(mended)
        if errors < best?.errors ?? Int.max { best = (repair, errors) }
        if errors == 0 { break }
      }
      if let best {
        let mended = accepted + [best.repair]
        // A line that becomes part of the value above it hides what is wrong with it: another way goes first.
        let hides = best.errors > 0 && best.repair.diagnostic.kind == .yamlIndentation
        if !hides { return mended }
        if furthest == nil { return fallback ?? mended }
        fallback = fallback ?? mended
      }
      guard let furthest else { return fallback }
      accepted.append(furthest.repair)
      offsets = furthest.offsets
    }
    return fallback
  }

  private static func errors(_ result: Result) -> Int {
    result.diagnostics.count { $0.kind.severity == .error }
  }
}
