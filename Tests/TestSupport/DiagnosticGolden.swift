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
      === fixed: \(Self.left(fixed.left))
      \(fixed.difference(from: self))
      """
  }
}

extension DiagnosticGolden {
  /// What is left of a model's mistakes, warnings among them.
  static func left(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.isEmpty ? "clean" : "left: " + diagnostics.map(\.kind.code).joined(separator: ", ")
  }
}

/// A model after the first applicable fix of each diagnostic was made, one after the other.
public struct FixedModel: Sendable {
  public var checker: ModelChecker
  /// What no fix mends.
  public var left: [Diagnostic]

  public init(_ checker: ModelChecker) {
    self.checker = checker
    left = []
    // Each step mends at least one mistake; so many steps mend more than any test has.
    for _ in 0..<64 {
      let checked = self.checker.check()
      left = checked.diagnostics
      guard let next = Self.mended(self.checker, checked) else { return }
      self.checker = next
    }
  }

  /// The model with the first fix that can be applied, or nil where there is none.
  private static func mended(_ checker: ModelChecker, _ checked: CheckedModel) -> ModelChecker? {
    for diagnostic in checked.diagnostics {
      guard let fix = diagnostic.fixes.first(where: { !$0.edits.isEmpty }) else { continue }
      if let changed = checker.applying(fix, to: checked.sources) { return changed }
    }
    return nil
  }

  private var text: String { String(decoding: checker.texts["model.yaml"] ?? [], as: UTF8.self) }

  /// The lines that the fixes took out (`-`) and put in (`+`), and the overrides that they changed.
  func difference(from golden: DiagnosticGolden) -> String {
    let old = golden.text.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let changes = new.difference(from: old)
    let removed = Self.offsets(of: changes.removals)
    let inserted = Self.offsets(of: changes.insertions)
    var lines: [String] = []
    var (place, newPlace) = (0, 0)
    while place < old.count || newPlace < new.count {
      if removed.contains(place) {
        lines.append("-\(place + 1)  \(old[place])")
        place += 1
      } else if inserted.contains(newPlace) {
        lines.append("+\(newPlace + 1)  \(new[newPlace])")
        newPlace += 1
      } else {
        (place, newPlace) = (place + 1, newPlace + 1)
      }
    }
    for (index, override) in checker.overrides.enumerated() where override != golden.overrides[index] {
      lines.append("--set \(override)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func offsets(of changes: [CollectionDifference<Substring>.Change]) -> Set<Int> {
    Set(
      changes.map { change in
        switch change {
        case .remove(let offset, _, _), .insert(let offset, _, _): offset
        }
      })
  }
}
