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
    var trees = SourceTreeLoader(catalog: catalog, texts: texts)
    guard let tree = trees.load(name: name, text: text, base: base, overrides: overrides) else {
      return Result(spec: nil, sources: trees.sources, diagnostics: trees.bag.diagnostics)
    }
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
}
