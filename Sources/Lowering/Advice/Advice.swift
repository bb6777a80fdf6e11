import Diagnostics
import ModelSpec

/// What can be said before a model without errors is trained, because it is most likely not meant.
///
/// Each rule is a function below or a row of `OddValues`; each has a code, which `# graphc: allow CODE` silences.
struct Advice {
  let spec: ModelSpec
  let sources: SourceMap
  let networks: [LoweredNetwork]

  func diagnostics() -> [Diagnostic] {
    var bag = DiagnosticBag()
    for network in spec.networks {
      let advice = NetworkAdvice(
        network: network, layers: networks.first { $0.name == network.name }?.layers ?? [], spec: spec,
        sources: sources)
      advice.check(into: &bag)
    }
    OddValues(spec: spec, sources: sources).check(into: &bag)
    checkBalance(&bag)
    checkInputs(&bag)
    return bag.diagnostics
  }

  /// Parameters and work apart by more than this are not two players of one game. Those of published GANs lie within
  /// a factor of 4.
  private static let balance = 16.0

  private func checkBalance(_ bag: inout DiagnosticBag) {
    guard let maker = spec.imageMaker, let judge = spec.imageJudge else { return }
    func totals(_ network: NetworkSpec) -> (parameters: Double, work: Double) {
      let layers = networks.first { $0.name == network.name }?.layers ?? []
      return layers.reduce((0, 0)) { ($0.0 + Double($1.parameters), $0.1 + Double($1.multiplyAdds)) }
    }
    let (first, second) = (totals(maker), totals(judge))
    guard first.parameters > 0, second.parameters > 0, first.work > 0, second.work > 0 else { return }
    let makerIsLarger = first.parameters > second.parameters
    let ratio = makerIsLarger ? first.parameters / second.parameters : second.parameters / first.parameters
    let work = makerIsLarger ? first.work / second.work : second.work / first.work
    guard ratio > Self.balance, work > Self.balance else { return }
    let (larger, smaller) = makerIsLarger ? (maker, judge) : (judge, maker)
    bag.report(
      Diagnostic(
        .unequalNetworks, at: smaller.span,
        ["larger": larger.name, "smaller": smaller.name, "ratio": "\(Int(ratio.rounded()))"],
        notes: [
          .init("the \(larger.name) stands here", at: larger.span),
          .init("give the \(smaller.name) more `out_channels`, or the \(larger.name) fewer"),
        ]))
  }

  private func checkInputs(_ bag: inout DiagnosticBag) {
    for network in networks {
      guard let written = spec.network(named: network.name) else { continue }
      let used = Set(network.graph.nodes.flatMap(\.operands) + network.graph.outputs.map(\.value))
      for input in network.graph.inputs
      where input.kind == .data && !used.contains(input.value)
        && written.inputs.contains(where: { $0.name == input.name })
      {
        bag.report(
          Diagnostic(
            .unreadInput, at: written.span, ["network": network.name, "input": input.name],
            notes: [
              .init("let the first layer take it, or name it in a layer's `from`: `from: \(input.name)`")
            ]))
      }
    }
  }
}
