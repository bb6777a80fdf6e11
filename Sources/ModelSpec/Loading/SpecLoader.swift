import Diagnostics

/// Reads a model: YAML, `extends`, `--set`, variables, blocks and repetitions, and the types of all
/// attributes. Every mistake of the text is reported in one run.
public enum SpecLoader {
  public struct Result: Sendable {
    /// Nil when the text has errors.
    public var spec: ModelSpec?
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
    switch texts[path].map(Swift.Result.success) ?? FilePath.read(path) {
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
    let loader = ModelLoader(tree: tree, catalog: catalog)
    let spec = loader.load()
    let diagnostics = trees.bag.diagnostics + loader.reader.bag.diagnostics
    let hasErrors = diagnostics.contains { $0.kind.severity == .error }
    return Result(spec: hasErrors ? nil : spec, sources: trees.sources, diagnostics: diagnostics)
  }
}
