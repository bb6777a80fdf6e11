import Diagnostics
import ModelSpec

/// Values that may be written and are hardly meant.
///
/// A row of `rules` is all that a further one needs.
struct OddValues {
  let spec: ModelSpec
  let sources: SourceMap

  private struct Rule {
    var owners: [String]
    var attribute: String
    /// Which of a list of numbers it is about.
    var index = 0
    var isOdd: @Sendable (Double) -> Bool
    var why: String
    /// What to write in place of the value, or of the whole `attribute: value` where it begins with a name.
    var instead: @Sendable (Double) -> [String] = { _ in [] }
  }

  private static func complement(_ value: Double) -> String { number(((1 - value) * 1e9).rounded() / 1e9) }

  private static func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  private static let rules: [Rule] = [
    Rule(
      owners: ["batch_norm2d", "batch_norm1d", "instance_norm2d", "group_norm", "layer_norm"],
      attribute: "eps",
      isOdd: { $0 > 0.01 },
      why:
        "it is added to the variance, so that little is normalised; the share of the new batch is `momentum` "
        + "(Keras' 0.8 is 0.2 here)",
      instead: { $0 >= 0.5 && $0 < 1 ? ["momentum: \(complement($0))"] : ["1e-05"] }),
    Rule(
      owners: ["batch_norm2d", "batch_norm1d", "instance_norm2d"], attribute: "momentum", isOdd: { $0 > 0.5 },
      why: "it is the share of the new batch in the running statistics; what Keras calls 0.9 is 0.1 here",
      instead: { $0 < 1 ? [complement($0)] : ["0.1"] }),
    Rule(
      owners: ["batch_norm2d", "batch_norm1d"], attribute: "momentum", isOdd: { $0 == 0 },
      why: "the running statistics then stay as they begin, and samples are made with them",
      instead: { _ in ["0.1"] }),
    Rule(
      owners: ["adam", "adamw", "rmsprop"], attribute: "lr", isOdd: { $0 >= 0.05 },
      why: "each step moves every weight by about as much", instead: { _ in ["0.0002"] }),
    Rule(
      owners: ["adam", "adamw", "rmsprop"], attribute: "lr", isOdd: { $0 < 1e-8 },
      why: "no weight ever moves by more than its last digits", instead: { _ in ["0.0002"] }),
    Rule(
      owners: ["sgd"], attribute: "lr", isOdd: { $0 >= 5 },
      why: "a step goes further than the gradient holds",
      instead: { _ in ["0.01"] }),
    Rule(
      owners: ["adam", "adamw"], attribute: "betas", index: 1, isOdd: { $0 < 0.5 },
      why: "the second is how long squares are remembered, mostly 0.9 to 0.999",
      instead: { _ in ["[0.5, 0.999]"] }),
    Rule(
      owners: ["adam", "adamw", "rmsprop"], attribute: "eps", isOdd: { $0 > 0.01 },
      why: "it is added to the root of the squares, so that small gradients hardly move a weight",
      instead: { _ in ["1e-08"] }),
    Rule(
      owners: ["adam", "adamw", "sgd", "rmsprop"], attribute: "weight_decay", isOdd: { $0 > 1 },
      why: "it takes more from the weights than the gradients give them", instead: { _ in ["0.0001"] }),
    Rule(
      owners: ["leaky_relu"], attribute: "negative_slope", isOdd: { $0 > 1 || $0 < 0 },
      why: "it is the slope below zero, mostly 0.2", instead: { _ in ["0.2"] }),
    Rule(
      owners: ["dropout", "dropout2d"], attribute: "p", isOdd: { $0 > 0.9 },
      why: "it is the share that is set to zero, not the share that stays", instead: { [complement($0)] }),
  ]

  func check(into bag: inout DiagnosticBag) {
    var seen: Set<SourceSpan> = []
    for network in spec.networks { walk(network.layers, &seen, &bag) }
    for item in spec.train.optimizers { check(item.optimizer, [], &seen, &bag) }
    if spec.train.realLabel.value < 0.5 {
      bag.report(
        Diagnostic(
          .oddValue, at: spec.train.realLabel.span ?? spec.train.span,
          [
            "attribute": "real_label", "owner": "train", "value": Self.number(spec.train.realLabel.value),
            "why": "real images are then called false more than true",
          ]))
    }
  }

  private func walk(_ layers: [LayerSpec], _ seen: inout Set<SourceSpan>, _ bag: inout DiagnosticBag) {
    for layer in layers {
      check(layer.kind, layer.expansion, &seen, &bag)
      walk(layer.body, &seen, &bag)
      walk(layer.shortcut, &seen, &bag)
    }
  }

  private func check(
    _ kind: Configured, _ expansion: [Diagnostic.Note], _ seen: inout Set<SourceSpan>,
    _ bag: inout DiagnosticBag
  ) {
    for rule in Self.rules where rule.owners.contains(kind.name.value) {
      // What nobody wrote is nobody's mistake.
      guard let span = kind.attributes[rule.attribute]?.span,
        let value = kind.number(rule.attribute) ?? kind.numbers(rule.attribute)?[rule.index],
        rule.isOdd(value),
        seen.insert(span).inserted
      else { continue }
      bag.report(
        Diagnostic(
          .oddValue, at: span,
          [
            "attribute": rule.attribute, "owner": kind.name.value, "value": Self.number(value),
            "why": rule.why,
          ], notes: expansion, fixes: rule.instead(value).compactMap { fix($0, rule.attribute, kind, span) }))
    }
  }

  private func fix(_ instead: String, _ attribute: String, _ kind: Configured, _ span: SourceSpan) -> FixIt? {
    guard let colon = instead.firstIndex(of: ":") else {
      return FixIt("set `\(attribute)` to \(instead)", edits: [.init(span: span, replacement: instead)])
    }
    // Another attribute, unless that one is written, too.
    if kind.attributes[String(instead[..<colon])]?.span != nil {
      return FixIt("set `\(attribute)` to 1e-05", edits: [.init(span: span, replacement: "1e-05")])
    }
    let text = sources.sources[span.source.index].text
    var start = span.range.lowerBound
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == UInt8(ascii: ":") { start -= 1 }
    start -= attribute.utf8.count
    guard start >= 0, Array(text[start...].prefix(attribute.utf8.count)) == Array(attribute.utf8) else {
      return nil
    }
    let whole = SourceSpan(source: span.source, range: start..<span.range.upperBound)
    return FixIt("write `\(instead)`", edits: [.init(span: whole, replacement: instead)])
  }
}
