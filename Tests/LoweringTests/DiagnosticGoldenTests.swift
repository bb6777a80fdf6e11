import Diagnostics
import Foundation
import Lowering
import TestSupport
import Testing

/// What `check` says of broken models, as `Tests/Goldens/diagnostics` shows it. With `GRAPHC_BLESS=1` the
/// `.expected` files are rewritten to what it says now; the difference is reviewed like code.
struct DiagnosticGoldenTests {
  private static let isBlessing = ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1"

  @Test func `there are goldens, and nothing beside them`() {
    #expect(!DiagnosticGolden.all.isEmpty)
    let models = Set(DiagnosticGolden.all.map(\.name))
    let expected = Set(
      files(in: DiagnosticGolden.folder, endingIn: ".expected").map { String($0.dropLast(".expected".count)) }
    )
    #expect(Self.isBlessing || expected == models)
  }

  @Test(arguments: DiagnosticGolden.all)
  func `check says what the golden shows`(golden: DiagnosticGolden) throws {
    let checked = golden.checked
    #expect(!checked.result.diagnostics.isEmpty)
    let report = golden.report(checked, checked.checker.fixed())
    if Self.isBlessing {
      try golden.bless(report)
    } else {
      #expect(report == golden.expected, "GRAPHC_BLESS=1 swift test --filter DiagnosticGolden rewrites it")
    }
  }

  /// A fix that is printed can be applied, mends its mistake, and brings none that was not there.
  @Test(arguments: DiagnosticGolden.all)
  func `every fix that is printed helps`(golden: DiagnosticGolden) throws {
    let checked = golden.checked
    let before = Self.counts(checked.result.diagnostics)
    for diagnostic in checked.result.diagnostics {
      for fix in diagnostic.fixes where !fix.edits.isEmpty {
        let after = try #require(checked.checked(after: fix), "\(fix.title)")
        let now = Self.counts(after.diagnostics)
        let key = Self.key(diagnostic)
        #expect(now[key, default: 0] < before[key, default: 0], "\(fix.title) leaves \(key)")
      }
    }
  }

  private static func key(_ diagnostic: Diagnostic) -> String {
    "\(diagnostic.kind.code): \(diagnostic.message)"
  }

  private static func counts(_ diagnostics: [Diagnostic]) -> [String: Int] {
    diagnostics.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
  }
}
