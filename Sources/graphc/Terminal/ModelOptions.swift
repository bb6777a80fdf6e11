import ArgumentParser
import Datasets
import Diagnostics
import Glibc
import Lowering
import ModelSpec

/// Whether messages are coloured.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  /// Writes diagnostics among the messages.
  func show(_ diagnostics: [Diagnostic], in sources: SourceMap) {
    let renderer = TerminalRenderer(sources: sources, usesColor: isOn(for: STDERR_FILENO))
    Console.message(DisplayText(rendered: renderer.render(diagnostics)))
  }

  /// - Parameter descriptor: The stream that is written to.
  func isOn(for descriptor: Int32) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto:
      Console.isTerminal(descriptor) && Console.environment("NO_COLOR") == nil
        && Console.environment("TERM") != "dumb"
    }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// What every command takes that reads a model.
struct ModelOptions: ParsableArguments {
  @Argument(help: "The model's YAML file.")
  var model: String

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one value of the model.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "Colours in messages: auto, always or never.")
  var color: ColorChoice = .auto

  /// A model that was read, whether it fits together or not.
  struct Loaded {
    var spec: ModelSpec?
    var lowering: ModelLowering.Result?
    /// The models of all stages of the training; of a model without stages, the model itself.
    var stages: [CheckedModel.Stage]
    /// A text that loads as the same model, with its stages; nil where there are none.
    var stagedText: String?
    var sources: SourceMap
    var diagnostics: [Diagnostic]

    init(_ checked: CheckedModel) {
      (spec, lowering) = (checked.spec, checked.lowering)
      (stages, stagedText) = (checked.stages, checked.stagedText)
      (sources, diagnostics) = (checked.sources, checked.diagnostics)
    }
  }

  func load() -> Loaded {
    Loaded(ModelChecker(catalog: .standard, path: model, overrides: overrides).check())
  }

  /// A model that fits together. Errors are printed and end the command; warnings are printed unless
  /// `quietly`.
  func loadChecked(quietly: Bool = false) throws -> (spec: ModelSpec, model: LoweredModel, sources: SourceMap)
  {
    let loaded = load()
    if !quietly || loaded.lowering?.model == nil { printDiagnostics(loaded) }
    guard let spec = loaded.spec, let model = loaded.lowering?.model else { throw Exit.invalidInput }
    return (spec, model, loaded.sources)
  }

  /// The models of all stages of a training that fit together; of a model without stages, itself alone.
  func loadStages(
    quietly: Bool = false
  ) throws -> (loaded: Loaded, stages: [(spec: ModelSpec, lowered: LoweredModel)]) {
    let loaded = load()
    let stages = loaded.stages.compactMap { stage in
      stage.lowering.model.map { (spec: stage.spec, lowered: $0) }
    }
    let isWhole = !stages.isEmpty && stages.count == loaded.stages.count
    if !quietly || !isWhole { printDiagnostics(loaded) }
    guard isWhole else { throw Exit.invalidInput }
    return (loaded, stages)
  }

  /// Of more, the first are shown: after so many, a mistake near the beginning is the cause of most.
  private static let shownDiagnostics = 20

  /// The most that are written as JSON.
  static let writtenDiagnostics = 500

  /// The first diagnostics, in their order; where there are more, errors come before warnings.
  static func first(_ count: Int, of diagnostics: [Diagnostic]) -> [Diagnostic] {
    if diagnostics.count <= count { return diagnostics }
    let errors = diagnostics.filter { $0.kind.severity == .error }
    return Array((errors + diagnostics.filter { $0.kind.severity != .error }).prefix(count))
  }

  func printDiagnostics(_ loaded: Loaded) {
    if loaded.diagnostics.isEmpty { return }
    let shown = Self.first(Self.shownDiagnostics, of: loaded.diagnostics)
    color.show(shown, in: loaded.sources)
    let more = loaded.diagnostics.count - shown.count
    if more > 0 { Console.message("… and \(Text.grouped(more)) more") }
    let errors = loaded.diagnostics.count { $0.kind.severity == .error }
    if errors > 0 {
      let code = loaded.diagnostics.first { $0.kind.severity == .error }?.kind.code ?? ""
      Console.message(
        "\(Text.grouped(errors)) error\(errors == 1 ? "" : "s"). `graphc explain \(code)` tells more about the first."
      )
    }
  }
}
