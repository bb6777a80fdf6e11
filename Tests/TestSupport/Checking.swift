import Datasets
import Diagnostics
import Lowering
import ModelSpec

/// One diagnostic as tests compare it: its code and the text that it points at.
public struct Finding: Hashable, CustomStringConvertible, Sendable {
  public var code: String
  /// UTF-8 offsets in the model's own text; nil elsewhere.
  public var place: Range<Int>?

  public init(_ code: String, _ place: Range<Int>?) {
    self.code = code
    self.place = place
  }

  public var description: String { "\(code) at \(place.map { "\($0)" } ?? "nowhere")" }
}

/// What checking a model from memory gives.
public struct Checked: Sendable {
  public var checker: ModelChecker
  public var result: CheckedModel
  public var marked: MarkedText

  /// What is wrong. Advice is apart: a small model made for a test would get much of it.
  public var codes: [String] { result.mistakes.map(\.kind.code) }

  public var advice: [String] {
    result.diagnostics.filter { $0.kind.area == .advice }.map(\.kind.code)
  }

  /// What is wrong, in the order of the text.
  public var findings: [Finding] {
    result.mistakes.map { diagnostic in
      Finding(diagnostic.kind.code, diagnostic.span.flatMap { $0.source.index == 0 ? $0.range : nil })
    }
    .sorted { ($0.place?.lowerBound ?? -1, $0.code) < ($1.place?.lowerBound ?? -1, $1.code) }
  }

  /// What the marks expect, one code a mark in the order of the text.
  public func expected(_ codes: [String]) -> [Finding] {
    precondition(codes.count == marked.places.count, "\(codes.count) codes, \(marked.places.count) marks")
    return zip(codes, marked.places).map { Finding($0, $1) }
      .sorted { ($0.place?.lowerBound ?? -1, $0.code) < ($1.place?.lowerBound ?? -1, $1.code) }
  }

  public var rendered: String {
    TerminalRenderer(sources: result.sources, usesColor: false).render(result.diagnostics)
  }

  public func diagnostic(_ code: String) -> Diagnostic? {
    result.diagnostics.first { $0.kind.code == code }
  }

  /// The text after a fix of the model's own text, of a file that it extends, or of an override in its `--set`
  /// form; of several, the first.
  public func text(after fix: FixIt) -> String? {
    applying(fix, to: result.sources)?.first.map { String(decoding: $0.text, as: UTF8.self) }
  }

  /// The same model with a fix's edits made, checked again.
  public func checked(after fix: FixIt) -> CheckedModel? {
    checker.applying(fix, to: result.sources)?.check()
  }
}

extension CheckedModel {
  /// All but advice.
  public var mistakes: [Diagnostic] { diagnostics.filter { $0.kind.area != .advice } }
}

/// Checks a text, which may hold marks.
///
/// - Parameter files: Other files of its folder, which `extends:` may name.
public func check(_ marked: String, overrides: [String] = [], files: [String: String] = [:]) -> Checked {
  let text = MarkedText(marked)
  var texts = files.mapValues { Array($0.utf8) }
  texts["model.yaml"] = Array(text.text.utf8)
  let checker = ModelChecker(catalog: .standard, path: "model.yaml", overrides: overrides, texts: texts)
  return Checked(checker: checker, result: checker.check(), marked: text)
}

/// Loads a text without lowering it.
public func load(
  _ bytes: [UInt8], overrides: [String] = [], files: [String: String] = [:]
) -> SpecLoader.Result {
  SpecLoader.load(
    text: bytes, name: "model.yaml", overrides: overrides, texts: files.mapValues { Array($0.utf8) },
    catalog: .standard)
}

public func load(
  _ text: String, overrides: [String] = [], files: [String: String] = [:]
) -> SpecLoader.Result {
  load(Array(text.utf8), overrides: overrides, files: files)
}
