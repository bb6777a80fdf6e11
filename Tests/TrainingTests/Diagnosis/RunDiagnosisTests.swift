import GraphIR
import Interchange
import Lowering
import Runtime
import Testing

@testable import Training

/// Each rule is provoked, and silent on what healthy runs look like.
@Suite struct RunDiagnosisTests {
  private func row(
    _ step: Int, lossD: Float = 1.1, lossG: Float = 1.3, dReal: Float = 0.7, dFake: Float = 0.3
  ) -> MetricsRow {
    MetricsRow(
      step: step, epoch: 0,
      metrics: [
        .init("loss_d", lossD), .init("loss_g", lossG), .init("d_real", dReal), .init("d_fake", dFake),
      ], imagesPerSecond: 100, dataWaitMilliseconds: 0)
  }

  private func findings(steps: Int, _ row: (Int) -> MetricsRow) -> [Finding] {
    var diagnosis = RunDiagnosis()
    return (1...steps).flatMap { diagnosis.note(row($0)) }
  }

  @Test func aHealthyRunShowsNothing() {
    let findings = findings(steps: 3000) { step in
      let noise = Float((step * 7919) % 101) / 101
      return row(
        step, lossD: 0.9 + 0.5 * noise, lossG: 0.8 + (step % 90 == 0 ? 4 : 1) * noise,
        dReal: 0.55 + 0.4 * noise,
        dFake: 0.05 + 0.4 * noise)
    }
    #expect(findings == [])
  }

  @Test func aDiscriminatorThatHasWonIsToldOnceAndAgainAfterItHadNot() {
    let findings = findings(steps: 900) { step in
      (300..<500).contains(step) || step > 700
        ? row(step, lossD: 0.004, lossG: 7, dReal: 0.999, dFake: 0.001) : row(step)
    }
    #expect(findings.map(\.rule) == ["discriminator-won", "discriminator-won"])
    #expect((390...402).contains(findings[0].step))
    #expect(findings[0].text.contains("over 100 steps it gave real images 0.98"))
  }

  @Test func saturatedScoresAreSeen() {
    let findings = findings(steps: 120) { row($0, lossD: 0, lossG: 60, dReal: 1, dFake: 0) }
    #expect(Set(findings.map(\.rule)) == ["scores-saturated", "discriminator-won"])
  }

  @Test func networksThatChaseEachOtherAreSeen() {
    let findings = findings(steps: 500) { row($0, dFake: $0 / 50 % 2 == 0 ? 0.1 : 0.9) }
    #expect(findings.map(\.rule) == ["oscillation"])
  }

  @Test(arguments: [true, false]) func spikesAreSeenInEitherLoss(isD: Bool) {
    let findings = findings(steps: 300) { step in
      let loss: Float = step % 10 == 0 ? 80 : 1
      return isD ? row(step, lossD: loss) : row(step, lossG: loss)
    }
    #expect(findings.map(\.rule) == ["rate-too-high"])
    #expect(findings[0].text.contains(isD ? "loss_d" : "loss_g"))
  }

  @Test func rulesOfMetricsThatAStepDoesNotReportAreSilent() {
    let findings = findings(steps: 900) { step in
      MetricsRow(
        step: step, epoch: 0, metrics: [.init("distance", Float(step))], imagesPerSecond: 1,
        dataWaitMilliseconds: 0)
    }
    #expect(findings == [])
  }

  // MARK: Samples

  @Test func samplesThatBecomeOnePictureAreSeen() {
    var diagnosis = RunDiagnosis()
    let found = [0.02, 0.4, 0.7, 0.6, 0.03, 0.02, 0.5].enumerated().flatMap {
      diagnosis.note(diversity: $1, step: 100 * $0)
    }
    #expect(found.map(\.step) == [400])
    #expect(found[0].text.contains("3 %"))
  }

  @Test func aGeneratorThatBeginsWithLittleVarietyIsNotCollapsed() {
    var diagnosis = RunDiagnosis()
    #expect(
      [0.01, 0.03, 0.2, 0.6].enumerated().flatMap { diagnosis.note(diversity: $1, step: 200 * $0) } == [])
    var stuck = RunDiagnosis()
    let found = (1...4).flatMap { stuck.note(diversity: 0.01, step: 200 * $0) }
    #expect(found.map(\.step) == [600])
  }

  @Test func diversityIsTheDeviationBetweenImages() {
    #expect(SampleDiversity.of([1, 2, 1, 2, 1, 2], count: 3) == 0)
    #expect(abs(SampleDiversity.of([0, 0, 2, 0], count: 2) - (0.5 as Double).squareRoot()) < 1e-9)
  }

  // MARK: State

  private static let definitions: [ParameterDefinition] = [
    .init(name: "g.0.weight", shape: [4, 2], initializer: .constant(0), role: .parameter, network: "g"),
    .init(name: "g.0.bias", shape: [4], initializer: .constant(0), role: .parameter, network: "g"),
    .init(name: "g.1.weight", shape: [1, 4], initializer: .constant(0), role: .parameter, network: "g"),
    .init(name: "g.1.running_mean", shape: [4], initializer: .constant(0), role: .statistic, network: "g"),
    .init(name: "g.1.running_var", shape: [4], initializer: .constant(1), role: .statistic, network: "g"),
  ]

  private func store(_ change: (TensorStore) -> Void = { _ in }) -> TensorStore {
    let states = Self.definitions.filter { $0.role == .parameter }.flatMap { parameter in
      ["exp_avg", "exp_avg_sq"].map { state in
        ParameterDefinition(
          name: "optimizer.\(parameter.name).\(state)", shape: parameter.shape, initializer: .constant(0),
          role: .optimizer, network: "g")
      }
    }
    let store = TensorStore(Self.definitions + states)
    for state in states { store.fill(state.name, with: state.name.hasSuffix("_sq") ? 1e-4 : 0.01) }
    store.fill("g.1.running_var", with: 2)
    change(store)
    return store
  }

  private func rules(_ store: TensorStore, step: Int = 500) -> [String] {
    var diagnosis = RunDiagnosis()
    return diagnosis.note(store, Self.definitions, step: step).map { "\($0.rule): \($0.text)" }
  }

  @Test func aSoundStateShowsNothing() { #expect(rules(store()) == []) }

  @Test func gradientsThatExplodeOrVanishNameTheirLayer() {
    let exploding = rules(store { $0.fill("optimizer.g.0.weight.exp_avg_sq", with: 4e6) })
    #expect(
      exploding == [
        "gradients-explode: the gradients explode: those of `g.0.weight` have a root mean square of 2.0e3"
      ])
    let vanishing = rules(store { $0.fill("optimizer.g.0.weight.exp_avg_sq", with: 1e-18) })
    #expect(
      vanishing.count == 1 && vanishing[0].hasPrefix("gradients-vanish")
        && vanishing[0].contains("`g.0.weight`"))
  }

  @Test func unitsWithoutAGradientAreDead() {
    #expect(rules(store { $0.write([0, 0.1, 0.1, 0.1], to: "optimizer.g.0.bias.exp_avg") }) == [])
    let dead = rules(store { $0.write([0, 0, 0, 0.1], to: "optimizer.g.0.bias.exp_avg") })
    #expect(dead == ["dead-units: units are dead: 3 of the 4 of `g.0.bias` get no gradient"])
  }

  @Test func variancesThatRunAwayAreSeen() {
    let drifting = rules(store { $0.write([1, 1, 1, 3e7], to: "g.1.running_var") })
    #expect(drifting.count == 1 && drifting[0].hasPrefix("statistics-drift"))
    #expect(rules(store { $0.fill("g.1.running_mean", with: 1e9) }) == [])
  }

  @Test func nothingIsSaidOfAveragesThatHaveJustBegun() {
    #expect(rules(store { $0.fill("optimizer.g.0.weight.exp_avg_sq", with: 4e6) }, step: 20) == [])
  }

  // MARK: Findings

  @Test func aFindingReadsBackFromItsRow() throws {
    var row = row(7)
    row.findings = [
      Finding(rule: "a-b", step: 7, text: "it \"is\" so", advice: "ü"),
      Finding(rule: "c", step: 7, text: "", advice: "\n"),
    ]
    #expect(try MetricsRow(json: Array(row.json.utf8)) == row)
    #expect(!row.json.contains("\n"))
  }

  @Test func whatWasToldIsNotToldAgainAfterAResume() {
    var whole = RunDiagnosis()
    var told: [[Finding]] = [[], []]
    // A generator that had variety, and lost it; from then on the same picture.
    let diversities = [0.5, 0.4, 0.01, 0.01, 0.3, 0.02]
    for (place, diversity) in diversities.enumerated() {
      told[0] += whole.note(diversity: diversity, step: place * 10)
    }
    for stop in 0...diversities.count {
      var (before, after) = (RunDiagnosis(), RunDiagnosis())
      told[1] = []
      for (place, diversity) in diversities.enumerated() {
        if place == stop { after.recall(before.memory) }
        told[1] +=
          place < stop
          ? before.note(diversity: diversity, step: place * 10)
          : after.note(diversity: diversity, step: place * 10)
      }
      #expect(told[0] == told[1], "stopped before \(stop)")
    }
    #expect(told[0].count == 2)
  }

  @Test(arguments: ["", "told=", "told=rm,-rf varied=yes samples=a,b", "a b c", "samples=1,2,3,4,5,nan"])
  func aMemoryThatIsNoneIsPassedOver(text: String) {
    var diagnosis = RunDiagnosis()
    diagnosis.recall(text)
    #expect(diagnosis.note(diversity: 0.5, step: 1) == [])
  }

  @Test func everyRuleHasANameOfItsOwnAndAReason() {
    let rules = RunDiagnosis.rules
    #expect(Set(rules.map(\.name)).count == rules.count)
    #expect(rules.allSatisfy { $0.reason.count > 40 })
  }
}
