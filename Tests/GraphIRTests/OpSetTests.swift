import GraphIR
import Testing

/// What every op of the set promises to the generic tests.
@Suite struct OpSetTests {
  @Test("every op but `gradient`, which no executor sees, has samples", arguments: Op.kinds)
  func hasSamples(kind: any OpDefinition.Type) {
    #expect(kind.samples.isEmpty == (kind == Gradient.self))
  }

  @Test("a family has a sample of each member", arguments: Op.kinds)
  func familiesAreSampled(kind: any OpDefinition.Type) {
    guard kind != Gradient.self else { return }
    let sampled = Set(kind.samples.map(\.op.mnemonic))
    #expect(sampled == Set(mnemonics(of: kind)))
  }

  @Test func noTwoOpsShareAMnemonic() {
    let all = Op.kinds.flatMap { mnemonics(of: $0) }
    #expect(all.count == Set(all).count)
  }

  @Test("a sample is accepted by its own op", arguments: Op.kinds)
  func samplesFit(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      let signature = type(of: sample.op).signature
      #expect(signature.accepts(operandCount: sample.operands.count), "\(sample.op)")
      let graph = try sample.graph()
      if signature.repeatsFrom == nil {
        #expect(graph.nodes[0].results.count <= signature.results.count, "\(sample.op)")
      }
    }
  }

  @Test("an op says in words why it has no gradient", arguments: Op.kinds)
  func nonDifferentiableHasReason(kind: any OpDefinition.Type) {
    if case .nonDifferentiable(let reason) = kind.differentiability {
      #expect(reason.contains(" "))
    }
  }

  private func mnemonics<Definition: OpDefinition>(of _: Definition.Type) -> [String] {
    Definition.members.map(\.mnemonic)
  }
}
