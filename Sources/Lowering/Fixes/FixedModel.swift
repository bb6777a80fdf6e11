import Diagnostics

/// A model after its fixes: what changed, and what is left.
public struct FixedModel: Sendable {
  public struct Change: Sendable {
    /// The file.
    public var name: String
    public var before: [UInt8]
    public var after: [UInt8]

    /// As `diff -u` writes it.
    public var difference: String { unifiedDiff(from: before, to: after, name: name) }
  }

  /// The files that change, in the order in which they were read.
  public var changes: [Change]
  /// The overrides of the command line that were meant in place of those that were given.
  public var overrides: [(given: String, meant: String)]
  /// What each applied fix does.
  public var titles: [String]
  /// The model with them.
  public var checked: CheckedModel
}

extension ModelChecker {
  /// A fix may show mistakes that others hid, so often.
  private static let mostRounds = 16

  /// Applies the first fix of each diagnostic, and of the errors that come to light then, to the texts in memory.
  ///
  /// Advice that was not told beforehand is left to the person: they did not see it.
  public func fixed() -> FixedModel {
    var checker = self
    let first = check()
    var checked = first
    var titles: [String] = []
    for round in 0..<Self.mostRounds {
      var edits: [FixIt.Edit] = []
      let wanted = checked.diagnostics.filter { round == 0 || $0.kind.severity == .error }
      for fix in wanted.compactMap(\.fixes.first) {
        let new = fix.edits.filter { !edits.contains($0) }
        if new.isEmpty { continue }
        edits += new
        titles.append(fix.title)
      }
      guard !edits.isEmpty, let next = checker.applying(FixIt("", edits: edits), to: checked.sources) else {
        break
      }
      checker = next
      checked = checker.check()
    }
    let changes = first.sources.sources.compactMap { source -> FixedModel.Change? in
      guard !source.isOverride, let after = checker.texts[source.name], after != source.text else {
        return nil
      }
      return .init(name: source.name, before: source.text, after: after)
    }
    let meant = zip(overrides, checker.overrides).filter { $0 != $1 }.map { (given: $0, meant: $1) }
    return FixedModel(changes: changes, overrides: meant, titles: titles, checked: checked)
  }
}
