import Datasets
import Diagnostics
import Foundation
import Lowering

/// A model with mistakes, `Tests/Goldens/diagnostics/<area>/<name>.yaml`, and beside it `<name>.expected` with
/// what `check` makes of it.
///
/// The model's first lines may say `# --set key=value`, which `check` is then given.
public struct DiagnosticGolden: Sendable, CustomStringConvertible {
  /// `habits/inplace`
  public var name: String
  public var text: String
  public var overrides: [String]

  public static let folder = packageRoot() + "/Tests/Goldens/diagnostics"

  /// Every model there is, in the order of the names.
  public static let all: [DiagnosticGolden] = files(in: folder, endingIn: ".yaml").map { path in
    guard let text = try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) else {
      fatalError("\(path) cannot be read")
    }
    return DiagnosticGolden(name: String(path.dropLast(".yaml".count)), text: text)
  }

  public init(name: String, text: String) {
    self.name = name
    self.text = text
    let mark = "# --set "
    overrides = text.split(separator: "\n").prefix { $0.hasPrefix(mark) }.map {
      String($0.dropFirst(mark.count))
    }
  }

  public var description: String { name }

  var expectedPath: String { "\(Self.folder)/\(name).expected" }

  /// What `check` says of the model, under the name `model.yaml`.
  public var checked: Checked {
    let checker = ModelChecker(
      catalog: .standard, path: "model.yaml", overrides: overrides, texts: ["model.yaml": Array(text.utf8)])
    return Checked(checker: checker, result: checker.check(), marked: MarkedText(""))
  }

  public var expected: String? { try? String(contentsOfFile: expectedPath, encoding: .utf8) }

  public func bless(_ found: String) throws {
    try found.write(toFile: expectedPath, atomically: true, encoding: .utf8)
  }

  /// The text of `<name>.expected`: the messages, what each fix leaves, the JSON of each message, and the model
  /// with the first fix of each made.
  public func report(_ checked: Checked, _ fixed: FixedModel) -> String {
    let renderer = JSONRenderer(sources: checked.result.sources)
    let json = checked.result.diagnostics.map { renderer.value(of: $0).text() + "\n" }
    var fixes = ""
    for fix in checked.result.diagnostics.flatMap(\.fixes) {
      let after = fix.edits.isEmpty ? nil : checked.checked(after: fix)
      fixes += "\(fix.title): \(after.map { Self.left($0.diagnostics) } ?? "told only")\n"
    }
    return """
      === messages
      \(checked.rendered)
      === fixes
      \(fixes)
      === json
      \(json.joined())
      === fixed: \(Self.left(fixed.checked.diagnostics))
      \(fixed.changes.map(\.difference).joined())\(fixed.overrides.map { "--set \($0.meant)\n" }.joined())
      """
  }
}

extension DiagnosticGolden {
  /// What is left of a model's mistakes, warnings among them.
  static func left(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.isEmpty ? "clean" : "left: " + diagnostics.map(\.kind.code).joined(separator: ", ")
  }
}
