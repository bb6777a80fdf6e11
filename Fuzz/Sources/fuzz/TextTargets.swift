import Datasets
import Diagnostics
import Files
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Training

extension FuzzTarget {
  /// A model, from its text to its graphs, and all that is said of it.
  static let yaml = FuzzTarget(name: "yaml") { bytes in
    let name = "model.yaml"
    let checked = ModelChecker(catalog: .standard, path: name, texts: [name: bytes]).check()
    let shown = Array(checked.diagnostics.prefix(20))
    let text = TerminalRenderer(sources: checked.sources, usesColor: false).render(shown)
    precondition(
      text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || $0.visibleEscape == nil },
      "what is shown commands no terminal")
    let json = JSONRenderer(sources: checked.sources)
    for diagnostic in shown { _ = json.value(of: diagnostic).text() }
    guard let spec = checked.spec, let model = checked.model else {
      precondition(checked.hasErrors, "what is refused has a reason")
      return
    }
    for step in model.steps {
      precondition(Verifier.violations(in: step.graph).isEmpty, "a model that passes has sound graphs")
    }
    // What is written into a run's folder is the same model.
    let again = SpecLoader.load(text: Array(spec.resolvedYAML().utf8), name: name, catalog: .standard)
    precondition(
      again.spec?.resolvedYAML() == spec.resolvedYAML(), "a model that is written out reads as itself")
  }

  /// Arithmetic and formulas.
  static let formula = FuzzTarget(name: "formula") { bytes in
    guard let expression = try? Expression.parse(String(decoding: bytes, as: UTF8.self)) else { return }
    let text = expression.text
    guard text.utf8.count < 500 else { return }
    let again = try? Expression.parse(text)
    precondition(again?.text == text, "a formula that is written out reads as itself")
  }

  /// The text form of graphs.
  static let graphText = FuzzTarget(name: "graph-text") { bytes in
    guard let graph = try? GraphParser.parse(String(decoding: bytes, as: UTF8.self)) else { return }
    _ = Verifier.violations(in: graph)
    let text = GraphPrinter(graph).text
    precondition(
      (try? GraphParser.parse(text)).map { GraphPrinter($0).text } == text, "a graph reads as itself")
  }

  /// Lines of `metrics.jsonl`, and the log as a whole.
  static let metrics = FuzzTarget(name: "metrics") { bytes in
    let path = fuzzedFile(bytes)
    let rows = try? MetricsLog.rows(contentsOf: path)
    precondition(rows.map { $0.map(\.step) == $0.map(\.step).sorted() } ?? true, "rows stand in their order")
  }

  /// `data.jsonl`.
  static let dataLines = FuzzTarget(name: "data-lines") { bytes in
    guard let data = DataFingerprint(lines: bytes) else { return }
    precondition(DataFingerprint(lines: Array(data.lines.utf8)) == data, "what is written reads as itself")
    _ = data.changes(since: DataFingerprint(count: 1, files: []))
  }

  /// Names of files: bytes that are texts meanwhile.
  static let fileName = FuzzTarget(name: "file-name") { bytes in
    let text = FileName.text(of: bytes)
    precondition(FileName.bytes(of: text) == bytes, "a name leads back to its bytes")
    precondition(
      visibleText(text).unicodeScalars.allSatisfy { $0.visibleEscape == nil },
      "what is shown commands no terminal")
  }
}
