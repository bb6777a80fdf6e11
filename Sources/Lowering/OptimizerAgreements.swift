import Diagnostics
import ModelSpec

/// Attributes of an optimiser that mean nothing together.
struct OptimizerAgreements {
  let spec: ModelSpec
  let sources: SourceMap

  func check(into bag: inout DiagnosticBag) {
    var seen: Set<SourceSpan> = []
    for item in spec.train.optimizers {
      let optimizer = item.optimizer
      guard optimizer.bool("nesterov") == true, let span = optimizer.attributes["nesterov"]?.span,
        let momentum = optimizer.number("momentum"), let dampening = optimizer.number("dampening"),
        momentum == 0 || dampening != 0, seen.insert(span).inserted
      else { continue }
      func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
      bag.report(
        Diagnostic(
          .nesterovWithoutMomentum, at: span, ["momentum": text(momentum), "dampening": text(dampening)],
          fixes: [
            withMomentum(optimizer, span),
            FixIt("set `nesterov` to false", edits: [.init(span: span, replacement: "false")]),
          ].compactMap { $0 }))
    }
  }

  /// A momentum of 0.9, and no dampening.
  private func withMomentum(_ optimizer: Configured, _ nesterov: SourceSpan) -> FixIt? {
    var edits: [FixIt.Edit] = []
    if optimizer.number("momentum") == 0 {
      if let written = optimizer.attributes["momentum"]?.span {
        edits.append(.init(span: written, replacement: "0.9"))
      } else {
        let text = sources.sources[nesterov.source.index].text
        let line = sources.lineRange(sources.start(of: nesterov).line, of: nesterov.source)
        let isFlow = text[line.lowerBound..<nesterov.range.lowerBound].contains(UInt8(ascii: "{"))
        let indent = text[line].prefix { $0 == 0x20 }.count
        let place = isFlow ? nesterov.range.upperBound : line.upperBound
        let separator = isFlow ? ", " : "\n" + String(repeating: " ", count: indent)
        edits.append(
          .init(
            span: SourceSpan(source: nesterov.source, range: place..<place),
            replacement: separator + "momentum: 0.9"))
      }
    }
    if optimizer.number("dampening") != 0 {
      guard let written = optimizer.attributes["dampening"]?.span else { return nil }
      edits.append(.init(span: written, replacement: "0"))
    }
    return FixIt(
      "give it a momentum of 0.9\(optimizer.number("dampening") == 0 ? "" : " and no dampening")",
      edits: edits)
  }
}
