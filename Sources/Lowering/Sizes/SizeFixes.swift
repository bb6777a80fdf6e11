import Diagnostics
import ModelSpec

/// Puts what the solver finds in front of the fixes of the errors that concern sizes, and the sizes that led
/// there beside them.
enum SizeFixes {
  /// So many ways of each network are put together.
  private static let alternatives = 3

  static func add(to checked: inout CheckedModel, by checker: ModelChecker) {
    guard let spec = checked.spec, checked.diagnostics.contains(where: { kinds.contains($0.kind) }) else {
      return
    }
    let solver = SizeSolver(checker: checker, spec: spec, sources: checked.sources)
    let broken = solver.brokenNetworks(most: alternatives)
    let plans = solver.plans(for: broken, most: alternatives)
    for index in checked.diagnostics.indices where kinds.contains(checked.diagnostics[index].kind) {
      let span = checked.diagnostics[index].span
      let line = span.map { checked.sources.start(of: $0).line }
      checked.diagnostics[index].fixes.insert(
        contentsOf: plans.map { FixIt($0.title(seenFrom: line), edits: $0.edits) }, at: 0)
      let own = broken.first { network in
        network.chain?.steps.contains { step in
          [step.layer.span, step.layer.kind.name.span, step.layer.item].contains(span)
        } == true
      }
      guard let own, let chain = own.chain else { continue }
      checked.diagnostics[index].steps = SizeTrace(chain: chain, sources: checked.sources).steps(
        toward: own.plans.first)
    }
  }

  private static let kinds: Set<DiagnosticKind> = [
    .imageMismatch, .scoreShape, .kernelTooLarge, .emptyOutput, .outputPaddingTooLarge, .poolPaddingTooLarge,
    .elementCountMismatch, .rankMismatch, .judgeInputMismatch,
  ]
}
