import GraphIR
import Testing

/// What every op of the set promises to the generic tests.
@Suite struct OpSetTests {
  @Test("every op but `gradient`, which no executor sees, has samples", arguments: OpKind.allCases)
  func hasSamples(kind: OpKind) {
    #expect(kind.definition.samples.isEmpty == (kind == .gradient))
  }

  @Test("a family has a sample of each member", arguments: OpKind.allCases)
  func familiesAreSampled(kind: OpKind) {
    guard kind != .gradient else { return }
    let sampled = Set(kind.definition.samples.map(\.op.mnemonic))
    #expect(sampled == Set(mnemonics(of: kind.definition)))
  }

  @Test func noTwoOpsShareAMnemonic() {
    let all = OpKind.allCases.flatMap { mnemonics(of: $0.definition) }
    #expect(all.count == Set(all).count)
  }

  @Test("a sample is accepted by its own op", arguments: OpKind.allCases)
  func samplesFit(kind: OpKind) throws {
    for sample in kind.definition.samples {
      let signature = type(of: sample.op).signature
      #expect(signature.accepts(operandCount: sample.operands.count), "\(sample.op)")
      let graph = try sample.graph()
      if signature.repeatsFrom == nil {
        #expect(graph.nodes[0].results.count <= signature.results.count, "\(sample.op)")
      }
    }
  }

  @Test("an op says in words why it has no gradient", arguments: OpKind.allCases)
  func nonDifferentiableHasReason(kind: OpKind) {
    if case .nonDifferentiable(let reason) = kind.definition.differentiability {
      #expect(reason.contains(" "))
    }
  }

  private func mnemonics<Definition: OpDefinition>(of _: Definition.Type) -> [String] {
    Definition.members.map(\.mnemonic)
  }
}
