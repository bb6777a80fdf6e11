import Diagnostics
import Threads

/// Applies fixes and checks again: what is printed as a fix has been tried on the text.
///
/// The first fixes of all mistakes are tried together, so that none contradicts another; the others each in
/// the place of the first.
struct FixProver {
  private let trials: Trials
  private let sources: SourceMap
  private var diagnostics: [Diagnostic]
  /// How many more texts may be checked: a model full of mistakes is told about the first ones with their fixes.
  private var left: Int
  /// How many texts as large as this one may be checked at all.
  private let mostTexts: Int
  /// A text that is wrong throughout is no text to try fixes on.
  private static let mostDiagnostics = 100
  private static let mostTrials = 64
  /// What all trials may cost together, in layers; some 30 bytes of text cost as much as one.
  private static let mostWork = 25_000

  /// - Parameter layers: How many the model has, as far as it could be read.
  init(checker: ModelChecker, diagnostics: [Diagnostic], sources: SourceMap, layers: Int) {
    trials = Trials(checker: checker, sources: sources)
    self.sources = sources
    self.diagnostics = diagnostics
    let work = layers + sources.sources.reduce(0) { $0 + $1.text.count } / 30
    mostTexts = max(1, Self.mostWork / max(1, work))
    left = min(Self.mostTrials, mostTexts)
  }

  /// The diagnostics with the fixes that hold, what is left after each, and those that cannot be applied as notes.
  consuming func proven() -> [Diagnostic] {
    for index in diagnostics.indices {
      let told = diagnostics[index].fixes.filter(\.edits.isEmpty)
      diagnostics[index].notes += told.map { .init($0.title) }
      diagnostics[index].fixes.removeAll(where: \.edits.isEmpty)
    }
    if diagnostics.count <= Self.mostDiagnostics {
      chooseFirst()
    } else {
      for index in diagnostics.indices { diagnostics[index].fixes = [] }
    }
    return diagnostics
  }

  // MARK: The first of each

  private mutating func chooseFirst() {
    let baseline = Mistakes(diagnostics)
    let wanted = diagnostics.indices.filter { !diagnostics[$0].fixes.isEmpty }
    var chosen: [Int: FixIt] = [:]
    var after = baseline
    let errors = wanted.filter { diagnostics[$0].kind.severity == .error }
    let all = errors.map { diagnostics[$0].fixes[0] }
    if !errors.isEmpty, let together = mistakes(with: all), together.errors.isEmpty {
      for index in errors { chosen[index] = diagnostics[index].fixes[0] }
      after = together
    } else {
      for index in errors { choose(index, &chosen, &after, baseline) }
    }
    for index in wanted where chosen[index] == nil && diagnostics[index].kind.severity == .warning {
      choose(index, &chosen, &after, baseline)
    }
    for index in wanted { finish(index, chosen, after, baseline) }
    shareFixes(chosen, after)
    search(chosen, after)
  }

  /// A mistake without a fix of its own that goes with another's has that one's fix.
  private mutating func shareFixes(_ chosen: [Int: FixIt], _ after: Mistakes) {
    for index in diagnostics.indices
    where diagnostics[index].kind.severity == .error && diagnostics[index].fixes.isEmpty
      && !after.contains(diagnostics[index])
    {
      for fix in chosen.keys.sorted().compactMap({ chosen[$0] }) {
        guard let now = mistakes(with: [fix]), !now.contains(diagnostics[index]) else { continue }
        var shared = fix
        shared.leaves = after.errors
        diagnostics[index].fixes = [shared]
        break
      }
    }
  }

  // MARK: Searches

  /// So many texts are checked in search of a number that mends what nothing else does.
  private static let mostNumbers = 120
  /// And so many in search of a name, of an item that stands twice, of a number within its range, and of an item
  /// that was forgotten.
  private static let mostOthers = (names: 4, doubled: 8, inRange: 8, forgotten: 80)

  /// For errors that have no fix, or one that takes an expression out: edits of the text that mend all of them,
  /// wherever they stand.
  private mutating func search(_ chosen: [Int: FixIt], _ after: Mistakes) {
    let lost = diagnostics.indices.filter { index in
      diagnostics[index].kind.severity == .error
        && (diagnostics[index].fixes.first.map(losesExpression) ?? true)
    }
    guard let first = lost.first else { return }
    let others = self.others(than: first, chosen).filter { !losesExpression($0) }
    let items = ItemSearch(diagnostic: diagnostics[first], sources: sources)
    let numbers = NumberSearch(diagnostic: diagnostics[first], sources: sources)
    // A name that is wrong is no matter of numbers.
    let kind = diagnostics[first].kind
    let isOfNumbers = kind.phase > DiagnosticArea.spec.phase || kind == .outOfRange || kind == .wrongType
    let found =
      firstThatMends(
        NameSearch(diagnostic: diagnostics[first], sources: sources).candidates, Self.mostOthers.names, others
      )
      ?? firstThatMends(items.doubled, Self.mostOthers.doubled, others)
      ?? firstThatMends(numbers.withinRange, Self.mostOthers.inRange, others)
      ?? (isOfNumbers
        ? firstThatMends(numbers.candidates, Self.mostNumbers, others)
          ?? firstThatMends(items.forgotten, Self.mostOthers.forgotten, others) : nil)
    guard let found else { return }
    for index in lost {
      let line = diagnostics[index].span.map { sources.start(of: $0).line }
      var told = found
      if told.title.isEmpty { told.title = NumberSearch.title(found, in: sources, seenFrom: line) }
      diagnostics[index].fixes.insert(told, at: 0)
    }
  }

  /// The first of so many candidates with which, and with the other fixes, nothing is wrong any more.
  private mutating func firstThatMends(_ candidates: [FixIt], _ most: Int, _ others: [FixIt]) -> FixIt? {
    left = max(left, min(most, mostTexts))
    let candidates = Array(candidates.prefix(left))
    for start in stride(from: 0, to: candidates.count, by: Trials.atOnce) {
      let some = candidates[start..<min(start + Trials.atOnce, candidates.count)]
      for (candidate, mistakes) in zip(some, trials.mistakes(with: some.map { others + [$0] })) {
        guard let mistakes else { continue }
        left -= 1
        if mistakes.errors.isEmpty { return candidate }
      }
    }
    return nil
  }

  private func losesExpression(_ fix: FixIt) -> Bool {
    fix.edits.contains { edit in
      !edit.span.range.isEmpty && Int(edit.replacement) != nil && !sources.isNumber(edit.span)
    }
  }

  /// Takes the first fix that goes together with those chosen so far.
  private mutating func choose(
    _ index: Int, _ chosen: inout [Int: FixIt], _ after: inout Mistakes, _ baseline: Mistakes
  ) {
    let diagnostic = diagnostics[index]
    if !after.contains(diagnostic),
      let same = diagnostic.fixes.first(where: { fix in
        chosen.values.contains { $0.edits == fix.edits }
      })
    {
      chosen[index] = same
      return
    }
    for fix in diagnostic.fixes {
      guard let now = mistakes(with: others(than: index, chosen) + [fix]),
        now.mends(diagnostic, since: after), now.addsNothing(to: baseline, beyond: diagnostic)
      else { continue }
      chosen[index] = fix
      after = now
      return
    }
    // A fix that mends what those do whose text it changes takes their place.
    for fix in diagnostic.fixes {
      let replaced = chosen.filter { fix.overlaps($0.value) }.keys.sorted()
      if replaced.isEmpty { continue }
      let rest = others(than: index, chosen).filter { !fix.overlaps($0) }
      guard let now = mistakes(with: rest + [fix]), now.mends(diagnostic, since: after),
        now.addsNothing(to: baseline, beyond: diagnostic),
        !replaced.contains(where: { now.contains(diagnostics[$0]) })
      else { continue }
      for other in replaced + [index] { chosen[other] = fix }
      after = now
      return
    }
  }

  private func others(than index: Int, _ chosen: [Int: FixIt]) -> [FixIt] {
    chosen.keys.sorted().filter { $0 != index }.compactMap { chosen[$0] }
  }

  /// Keeps the fixes of a mistake that hold, the chosen one first.
  private mutating func finish(
    _ index: Int, _ chosen: [Int: FixIt], _ after: Mistakes, _ baseline: Mistakes
  ) {
    let diagnostic = diagnostics[index]
    var kept: [FixIt] = []
    if var first = chosen[index] {
      first.leaves = after.errors
      kept.append(first)
    }
    for var fix in diagnostic.fixes where !kept.contains(where: { $0.edits == fix.edits }) {
      // What one edit mends for several mistakes is not needed beside another.
      let rest = others(than: index, chosen).filter { $0.edits != chosen[index]?.edits }
      guard let now = mistakes(with: rest + [fix]), now.mends(diagnostic, since: baseline),
        now.addsNothing(to: baseline, beyond: diagnostic),
        chosen[index] == nil || now.errors.count <= after.errors.count
      else { continue }
      fix.leaves = now.errors
      kept.append(fix)
    }
    diagnostics[index].fixes = kept
  }

  /// What is wrong with the text once the fixes are made; nil where they exclude each other, or no more texts may be
  /// checked.
  private mutating func mistakes(with fixes: [FixIt]) -> Mistakes? {
    guard left > 0, let mistakes = trials.mistakes(with: fixes) else { return nil }
    left -= 1
    return mistakes
  }
}

/// Checks of the text with fixes made.
private struct Trials: Sendable {
  let checker: ModelChecker
  let sources: SourceMap

  /// So many texts are checked at once.
  static let atOnce = 4

  /// What is wrong with the text once the fixes are made; nil where they exclude each other.
  func mistakes(with fixes: [FixIt]) -> Mistakes? {
    var edits: [FixIt.Edit] = []
    for edit in fixes.flatMap(\.edits) where !edits.contains(edit) { edits.append(edit) }
    guard let changed = checker.applying(FixIt("", edits: edits), to: sources) else { return nil }
    let found = changed.checkShapes()
    // Only the training step shows the rest.
    if found.contains(where: { $0.kind.severity == .error }) { return Mistakes(found) }
    return Mistakes(changed.checkOnce().diagnostics)
  }

  /// The same for several texts.
  func mistakes(with texts: [[FixIt]]) -> [Mistakes?] {
    let found = Guarded([Mistakes?](repeating: nil, count: texts.count))
    // A text is read by functions that call themselves: they have the room that they have on the first thread.
    performConcurrently(texts.count, stackBytes: 8 << 20) { index in
      let mistakes = mistakes(with: texts[index])
      found.withLock { $0[index] = mistakes }
    }
    return found.withLock { $0 }
  }
}

/// The mistakes of a text, to be compared with those of another.
private struct Mistakes: Sendable {
  private var counts: [String: Int] = [:]
  private var phases: [String: Int] = [:]
  /// The errors as sentences.
  private(set) var errors: [String] = []

  init(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      let key = Self.key(diagnostic)
      counts[key, default: 0] += 1
      if diagnostic.kind.severity == .error {
        phases[key] = diagnostic.kind.phase
        errors.append(diagnostic.message)
      }
    }
  }

  private static func key(_ diagnostic: Diagnostic) -> String {
    diagnostic.kind.code + ": " + diagnostic.message
  }

  func contains(_ diagnostic: Diagnostic) -> Bool { counts[Self.key(diagnostic)] != nil }

  /// Whether there is less of a mistake than there was.
  func mends(_ diagnostic: Diagnostic, since before: Mistakes) -> Bool {
    let key = Self.key(diagnostic)
    return counts[key, default: 0] < before.counts[key, default: 0]
  }

  /// Whether every error was there before, or was hidden by one that was: a mistake of a later phase.
  func addsNothing(to before: Mistakes, beyond diagnostic: Diagnostic) -> Bool {
    phases.allSatisfy { key, phase in
      phase > diagnostic.kind.phase || counts[key, default: 0] <= before.counts[key, default: 0]
    }
  }
}

extension FixIt {
  /// Whether both change one piece of text, and differently.
  fileprivate func overlaps(_ other: FixIt) -> Bool {
    edits.contains { edit in
      other.edits.contains { another in
        edit != another && edit.span.source == another.span.source
          && edit.span.range.overlaps(another.span.range)
      }
    }
  }
}

extension DiagnosticKind {
  /// What an image that is read in the wrong order leads to is not told; all else is of its area's phase.
  var phase: Int { self == .channelsLast ? DiagnosticArea.spec.phase : area.phase }
}
