import Diagnostics
import ModelSpec

/// A model, read and checked as far as that goes without data.
public struct CheckedModel: Sendable {
  /// Nil when the text has errors.
  public var spec: ModelSpec?
  /// Nil when the text has errors.
  public var lowering: ModelLowering.Result?
  /// The models of all stages of the training; of a model without stages, the model itself. Empty when the text
  /// has errors.
  public var stages: [Stage] = []
  /// A text that loads as the same model, with its stages; nil where there are none.
  public var stagedText: String?
  /// All texts that were read, for rendering the diagnostics.
  public var sources: SourceMap
  public var diagnostics: [Diagnostic]

  /// A model, or one of its stages.
  public struct Stage: Sendable {
    public var spec: ModelSpec
    public var lowering: ModelLowering.Result

    public init(spec: ModelSpec, lowering: ModelLowering.Result) {
      (self.spec, self.lowering) = (spec, lowering)
    }
  }

  /// Nil when there are errors.
  public var model: LoweredModel? { lowering?.model }
  /// The layers of a network up to the first that does not fit.
  public func layers(of network: String) -> [LayerSummary] {
    lowering?.networks.first { $0.name == network }?.layers ?? []
  }

  public var hasErrors: Bool { diagnostics.contains { $0.kind.severity == .error } }
}

/// From a model's file to its graphs. Every fix that is offered with edits was tried: with it, the model
/// has that mistake no more, and no new one.
public struct ModelChecker: Sendable {
  /// All that a model may name.
  public let catalog: SpecCatalog
  public var path: String
  /// `key=value` each, such as `train.batch_size=64`.
  public var overrides: [String]
  /// What is read in place of the files of these names, as an editor holds it.
  public var texts: [String: [UInt8]]

  public init(
    catalog: SpecCatalog, path: String, overrides: [String] = [], texts: [String: [UInt8]] = [:]
  ) {
    self.catalog = catalog
    self.path = path
    self.overrides = overrides
    self.texts = texts
  }

  public func check() -> CheckedModel {
    var checked = checkOnce()
    if checked.diagnostics.isEmpty { return checked }
    SizeFixes.add(to: &checked, by: self)
    let layers = checked.stages.reduce(0) { $0 + $1.spec.networks.reduce(0) { $0 + $1.layers.count } }
    let prover = FixProver(
      checker: self, diagnostics: checked.diagnostics, sources: checked.sources, layers: layers)
    checked.diagnostics = prover.proven()
    return checked
  }

  func checkOnce() -> CheckedModel {
    let loaded = loadSpec()
    guard let spec = loaded.spec else {
      return CheckedModel(sources: loaded.sources, diagnostics: loaded.diagnostics)
    }
    let specs = loaded.stages.isEmpty ? [spec] : loaded.stages
    let stages = specs.map {
      CheckedModel.Stage(spec: $0, lowering: ModelLowering.lower($0, sources: loaded.sources))
    }
    var bag = DiagnosticBag()
    for (index, stage) in stages.enumerated() {
      for diagnostic in stage.lowering.diagnostics {
        let place = stage.spec.stage.map { diagnostic.inStage(index, of: stages.count, at: $0.span) }
        bag.reportOnce(place ?? diagnostic)
      }
    }
    StageChange.check(stages, into: &bag)
    if stages.allSatisfy({ $0.lowering.model != nil }) {
      for (index, stage) in stages.enumerated() {
        let advice = Advice(spec: stage.spec, sources: loaded.sources, networks: stage.lowering.networks)
        for diagnostic in advice.diagnostics() {
          let place = stage.spec.stage.map { diagnostic.inStage(index, of: stages.count, at: $0.span) }
          bag.reportOnce(place ?? diagnostic)
        }
      }
    }
    let silences = Silences(loaded.sources)
    return CheckedModel(
      spec: spec, lowering: stages.first?.lowering, stages: stages, stagedText: loaded.stagedText,
      sources: loaded.sources,
      diagnostics: (loaded.diagnostics + bag.diagnostics).filter { !silences.isSilenced($0) })
  }

  func loadSpec() -> SpecLoader.Result {
    SpecLoader.load(path: path, overrides: overrides, texts: texts, catalog: catalog)
  }

  /// The mistakes alone, without the training step, which takes most of a check's time.
  func checkShapes() -> [Diagnostic] {
    let loaded = loadSpec()
    guard let spec = loaded.spec else { return loaded.diagnostics }
    return loaded.diagnostics
      + (loaded.stages.isEmpty ? [spec] : loaded.stages).flatMap {
        ModelLowering.lower($0, sources: loaded.sources, buildsStep: false).diagnostics
      }
  }

  /// The same with a fix's edits made; nil where they overlap.
  public func applying(_ fix: FixIt, to sources: SourceMap) -> ModelChecker? {
    guard let texts = Diagnostics.applying(fix, to: sources) else { return nil }
    var changed = self
    for (source, text) in texts {
      if sources.sources[source.index].isOverride {
        let place = sources.sources[..<source.index].count { $0.isOverride }
        changed.overrides[place] = String(decoding: text, as: UTF8.self)
      } else {
        changed.texts[sources.name(of: source)] = text
      }
    }
    return changed
  }
}
