import FoundationEssentials
import GraphIR
import Passes
import Runtime
import Testing

/// What each pass does, as `Tests/Goldens/<pass>/*.txt` shows it. With `GRAPHC_BLESS=1` the files are
/// rewritten to what the passes do now; the difference is reviewed like code.
@Suite struct GoldenTests {
  static let passes: [any Pass] = {
    let all = [Pipeline.training, .inference, .reference].flatMap(\.passes)
    let names = Set(all.map(\.name)).sorted()
    return names.compactMap { name in all.first { $0.name == name } }
  }()
  static let passNames = passes.map(\.name)
  static let isBlessing = ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1"

  @Test("a pass rewrites what its goldens show, and nothing else", arguments: passes.indices)
  func goldens(index: Int) throws {
    let pass = Self.passes[index]
    for file in GoldenFolder(pass: pass.name).files {
      var golden = try GoldenFile(text: String(contentsOf: file, encoding: .utf8))
      for index in golden.cases.indices {
        golden.cases[index] = try check(golden.cases[index], of: pass)
      }
      if Self.isBlessing { try golden.text.write(to: file, atomically: true, encoding: .utf8) }
    }
  }

  /// Returns the case as it would be blessed.
  private func check(_ golden: GoldenFile.Case, of pass: any Pass) throws -> GoldenFile.Case {
    let what = "\(pass.name)/\(golden.name)"
    let before = try GraphParser.parse(golden.input)
    var after = before
    let saysChanged = pass.run(&after)
    let isChanged = after.description != before.description
    #expect(saysChanged == isChanged, "\(what): the pass says that it changed something: \(saysChanged)")
    #expect(Verifier.violations(in: before) == [], "\(what) before the pass")
    #expect(Verifier.violations(in: after) == [], "\(what) after the pass")
    if !Self.isBlessing {
      #expect(golden.input == before.description, "\(what) is not written as it is printed")
      #expect((golden.expected ?? golden.input) == after.description, "\(what)")
      #expect((golden.expected == nil) == !isChanged, "\(what)")
    }
    var blessed = golden
    blessed.input = before.description
    blessed.expected = isChanged ? after.description : nil
    return blessed
  }

  @Test("a pass that ran once finds nothing more to do", arguments: passes.indices)
  func passesReachAFixedPoint(index: Int) throws {
    let pass = Self.passes[index]
    for golden in try GoldenFolder(pass: pass.name).cases() {
      var graph = try GraphParser.parse(golden.input)
      _ = pass.run(&graph)
      let once = graph.description
      #expect(!pass.run(&graph), "\(pass.name)/\(golden.name)")
      #expect(graph.description == once, "\(pass.name)/\(golden.name)")
    }
  }

  /// `differentiate` gives `gradient` its only meaning, so there is nothing to compare it with here.
  @Test("a pass keeps what the graph computes", arguments: passNames.filter { $0 != "differentiate" })
  func passesKeepTheMeaning(name: String) throws {
    let pass = try #require(Self.passes.first { $0.name == name })
    for golden in try GoldenFolder(pass: name).cases() {
      let before = try GraphParser.parse(golden.input)
      var after = before
      _ = pass.run(&after)
      // Numbers that no root, logarithm or quotient minds.
      let inputs = randomInputs(of: before, batch: 3) { _ in 0.5...1.5 }
      try expectSameMeaning(after, as: before, inputs, batch: 3, "\(name)/\(golden.name)")
    }
  }

  @Test("every pass has goldens, at least a third of them of what it leaves alone", arguments: passNames)
  func foldersAreBalanced(name: String) throws {
    let cases = try GoldenFolder(pass: name).cases()
    let unchanged = cases.count { $0.expected == nil }
    #expect(cases.count >= 4)
    #expect(unchanged * 3 >= cases.count && unchanged < cases.count)
    #expect(Set(cases.map(\.name)).count == cases.count)
  }

  @Test func everyFolderOfGoldensHasItsPass() {
    let others = GoldenFolder.entries(of: GoldenFolder.root).filter { !Self.passNames.contains($0) }
    #expect(others == ["diagnostics", GoldenFolder.lowering])
  }
}
