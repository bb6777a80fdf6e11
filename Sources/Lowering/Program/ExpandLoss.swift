import Diagnostics
import ModelSpec

extension ModelSpec {
  /// The model with its loss written out as updates; as it is where it has none.
  public var expanded: ModelSpec {
    guard let program = expandedProgram else { return self }
    var model = self
    model.train.loss = nil
    model.train.program = program
    return model
  }

  /// The whole program of a step: what is written, and what the loss stands for.
  ///
  /// Nil where a loss stands for the updates and the model lacks one of the two networks that it trains.
  public var expandedProgram: TrainingProgram? {
    guard let chosen = train.loss else { return train.program }
    guard let maker = imageMaker, let judge = imageJudge else { return nil }
    func takesLabel(_ network: NetworkSpec) -> Bool { network.inputs.contains { $0.type.value == .label } }
    let parts = LossParts(
      maker: maker.name, judge: judge.name, makesClasses: takesLabel(maker) || takesLabel(judge),
      judgesClasses: takesLabel(judge), realLabel: train.realLabel, augments: train.augment != nil)
    var made = parts
    made.makesClasses = takesLabel(maker)
    let program = LossDefinition.named(chosen.name.value).program(chosen, parts)
    func formula(_ text: String) -> Formula {
      guard let expression = try? Expression.parse(text) else {
        preconditionFailure("the loss `\(chosen.name.value)` has a formula that cannot be read: \(text)")
      }
      let closed = expression.replacing { name, range in
        chosen.number(name).map { Expression(.number(.real($0)), range: range) }
      }
      return Formula(closed, span: chosen.name.span)
    }

    var expanded = train.program
    if parts.makesClasses, let classes = classes?.value {
      expanded.draws.insert(
        DrawSpec(name: "kind", distribution: .classes(classes), shape: .perImage), at: 0)
    }
    expanded.draws += program.draws
    let shared = [("fake", made.made)] + program.values
    expanded.values = shared.map { ValueDefinition(name: $0.0, formula: formula($0.1)) } + expanded.values
    for update in program.updates {
      let network = update.movesJudge ? judge.name : maker.name
      expanded.updates.append(
        UpdateSpec(
          name: update.name ?? UpdateSpec.defaultName([network]),
          networks: [Spanned(network, span: chosen.name.span)], objective: formula(update.minimize),
          times: update.times, every: update.every, weightClip: update.weightClip, span: chosen.name.span))
    }
    let opinions = [
      MetricSpec(name: "d_real", formula: formula(program.opinion(parts.real()))),
      MetricSpec(name: "d_fake", formula: formula(program.opinion(parts.fake))),
    ]
    expanded.metrics = opinions + expanded.metrics
    return expanded
  }
}
