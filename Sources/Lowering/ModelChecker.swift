import Diagnostics
import ModelSpec

/// A model, read and checked as far as that goes without data.
public struct CheckedModel: Sendable {
  /// Nil when the text has errors.
  public var spec: ModelSpec?
  /// Nil when the text has errors.
  public var lowering: ModelLowering.Result?
  /// All texts that were read, for rendering the diagnostics.
  public var sources: SourceMap
  public var diagnostics: [Diagnostic]

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
    var trials = FixTrials(checker: self, checked: checked)
    for index in checked.diagnostics.indices {
      checked.diagnostics[index].fixes = checked.diagnostics[index].fixes.map {
        trials.triedFix($0, of: checked.diagnostics[index])
      }
    }
    return checked
  }

  func checkOnce() -> CheckedModel {
    let loaded = SpecLoader.load(path: path, overrides: overrides, texts: texts, catalog: catalog)
    guard let spec = loaded.spec else {
      return CheckedModel(sources: loaded.sources, diagnostics: loaded.diagnostics)
    }
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    let silences = Silences(loaded.sources)
    let advice =
      lowered.model == nil
      ? [] : Advice(spec: spec, sources: loaded.sources, networks: lowered.networks).diagnostics()
    return CheckedModel(
      spec: spec, lowering: lowered, sources: loaded.sources,
      diagnostics: (loaded.diagnostics + lowered.diagnostics + advice).filter { !silences.isSilenced($0) })
  }

  /// The same with a fix's edits made; nil where they overlap or concern several texts.
  public func applying(_ fix: FixIt, to sources: SourceMap) -> ModelChecker? {
    guard let (source, text) = Diagnostics.applying(fix, to: sources) else { return nil }
    var changed = self
    if sources.sources[source.index].isOverride {
      let place = sources.sources[..<source.index].count { $0.isOverride }
      changed.overrides[place] = String(decoding: text, as: UTF8.self)
    } else {
      changed.texts[sources.name(of: source)] = text
    }
    return changed
  }
}

/// Applies fixes and checks again.
private struct FixTrials {
  let checker: ModelChecker
  let checked: CheckedModel
  /// A model with more mistakes than that is told about them without their fixes being tried, and
  /// therefore without edits.
  private var left = 32

  init(checker: ModelChecker, checked: CheckedModel) {
    self.checker = checker
    self.checked = checked
  }

  /// The fix, without its edits where they do not help.
  mutating func triedFix(_ fix: FixIt, of diagnostic: Diagnostic) -> FixIt {
    if !fix.edits.isEmpty, left > 0, let changed = checker.applying(fix, to: checked.sources) {
      left -= 1
      if helps(diagnostic, changed.checkOnce()) { return fix }
    }
    return FixIt(fix.title)
  }

  private func helps(_ diagnostic: Diagnostic, _ after: CheckedModel) -> Bool {
    let before = Self.counts(checked.diagnostics)
    let now = Self.counts(after.diagnostics)
    let mistake = Self.key(diagnostic)
    guard now[mistake, default: 0] < before[mistake, default: 0] else { return false }
    // A mistake of a later phase was hidden by this one; another is the fix's own.
    return after.diagnostics.allSatisfy { other in
      other.kind.severity == .warning || other.kind.area.phase > diagnostic.kind.area.phase
        || now[Self.key(other), default: 0] <= before[Self.key(other), default: 0]
    }
  }

  private static func key(_ diagnostic: Diagnostic) -> String {
    diagnostic.kind.code + ": " + diagnostic.message
  }

  private static func counts(_ diagnostics: [Diagnostic]) -> [String: Int] {
    diagnostics.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
  }
}
